"""`random_affine`: shift, scale and turn of each image by itself, in one sampling to a fixed size."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.speed import xla


@dataclass(frozen=True)
class random_affine:
    """Shifts, scales and turns each image by amounts of its own, in one bilinear sampling to a fixed size.

    It stands for the whole chain of `standard_transforms`, and costs less: one operation instead of five, and a size
    that is known beforehand. What lies beyond the image's edge is grey.

    Args:
        shift: Most pixels by which an image is moved along each axis.
        scale: Most by which its size changes: 0.1 draws a factor between 0.9 and 1.1.
        rotate: Most degrees by which it is turned about its middle.
        constant_value: What is seen beyond the edge.
        margin: Pixels by which the result is larger than the image on each side.

    Returns:
        A transform from `[batch, height, width, channels]` to `[batch, height + 2 * margin, width + 2 * margin,
        channels]`. Another `margin` is compiled anew, other numbers are not. The gradient is sampled back bilinearly:
        the adjoint of the sampling, but for the blur of a pixel.

    Raises:
        ArgumentError: A number is negative or not finite, or `scale` is not below 1.

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.random_affine(rotate=45)])
    """

    shift: float = 6.0
    scale: float = 0.1
    rotate: float = 10.0
    constant_value: float = 0.5
    margin: int = 0

    def __post_init__(self) -> None:
        for name in ("shift", "scale", "rotate", "margin"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0) or (name == "scale" and value >= 1):
                raise ArgumentError(
                    f"random_affine received {name}={value!r}.",
                    "Expected 0 <= scale < 1." if name == "scale" else "Expected a number that is not negative.",
                )
        if self.margin != int(self.margin):
            raise ArgumentError(f"random_affine received margin={self.margin!r}.", "Expected a whole number of pixels.")

    @property
    def structure(self) -> Hashable:
        """What has to be compiled."""
        return ("random_affine", int(self.margin))

    @property
    def numbers(self) -> tuple[float, ...]:
        """What can change without compiling anything."""
        return (float(self.shift), float(self.scale), float(self.rotate), float(self.constant_value))

    def __call__(self, t: Any) -> Any:
        return self.apply(t, self.numbers)

    def apply(self, t: Any, numbers: Sequence[Any]) -> Any:
        """The transformed images, with `numbers` (tensors, say) in place of its own."""
        shift, scale, rotate, fill = numbers
        batch, height, width, channels = t.shape
        margin = int(self.margin)
        size = tf.shape(t)[1:3]
        turn, resize, right, down = tf.unstack(seeding.uniform_images(batch, 4) * 2 - 1, axis=1)
        angle, factor = turn * (rotate * (math.pi / 180)), 1 + resize * scale
        cos, sin = tf.cos(angle) / factor, tf.sin(angle) / factor
        # From a pixel of the result to the place in the image that it shows, both counted from their middles.
        rows, columns = tf.unstack((tf.cast(size, tf.float32) - 1) / 2)
        x = columns - right * shift - cos * (columns + margin) + sin * (rows + margin)
        y = rows - down * shift - sin * (columns + margin) - cos * (rows + margin)
        sides = tuple(None if known is None else known + 2 * margin for known in (height, width))
        warped = _warp(t, (cos, -sin, x, sin, cos, y), size + 2 * margin if None in sides else sides, fill)
        return tf.ensure_shape(warped, (batch, *sides, channels))


def _warp(images: Any, matrix: Sequence[Any], size: Any, fill: Any) -> Any:
    """Samples images where `matrix`, rows of x and of y, each number `[batch]`, sends the pixels of the result."""
    a, b, x, c, d, y = matrix
    determinant = a * d - b * c
    back = tuple(each / determinant for each in (d, -b, b * y - d * x, -c, a, c * x - a * y))

    @tf.custom_gradient
    def warp(t: Any) -> Any:
        known = tuple(t.shape[1:3])

        def gradient(grad: Any) -> Any:
            # As many pixels of the result show a pixel of the image as it is enlarged.
            shares = grad / determinant[:, None, None, None]
            return _sampled(shares, back, tf.shape(t)[1:3] if None in known else known, 0.0)

        return _sampled(t, matrix, size, fill), gradient

    return warp(images)


def _sampled(images: Any, matrix: Sequence[Any], size: Any, fill: Any) -> Any:
    rows = tf.stack(matrix, 1)
    if isinstance(size, tuple) and xla.compiles_whole():
        return _between(images, *_places(images.shape[1:3], size, rows), fill)
    if isinstance(size, tuple) and xla.compiles_parts(images):
        # In two parts: the places wait for nothing, and are computed while the image is.
        shape, found = tuple(images.shape), (images.shape[0], *size)
        places = xla.kept(_places, (shape[1:3], size), (shape[0], 6))
        between = xla.kept(_between, (), shape, tf.TensorSpec(found, tf.int32), found, found, ())
        if places and between:
            return between(images, *places(rows), tf.convert_to_tensor(fill))
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.pad(rows, [[0, 0], [0, 2]]),
        output_shape=size,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=fill,
    )


# As TensorFlow's operation, which XLA does not know, and which takes twice as long on a CPU.


def _places(known: Sequence[int], size: tuple[int, int], rows: Any) -> tuple[Any, Any, Any]:
    """Where each pixel of the result lies in a framed image: the index of the pixel up and left of it, and how far on.

    Args:
        known: Height and width of the image.
        size: Height and width of the result.
        rows: `[batch, 6]`: a, b, x and c, d, y of each image.

    Returns:
        Three tensors `[batch, height, width]`: index, part of a pixel to the right, and to the bottom.
    """
    height, width = known
    a, b, x, c, d, y = (each[:, None, None] for each in tf.unstack(rows, axis=1))
    down, right = (tf.range(side, dtype=tf.float32) for side in size)
    across, along = a * right + b * down[:, None] + x, c * right + d * down[:, None] + y
    # All places that are not in the image lie in its frame.
    across, along = tf.clip_by_value(across, -1, width) + 1, tf.clip_by_value(along, -1, height) + 1
    left, top = tf.floor(across), tf.floor(along)
    return tf.cast(top, tf.int32) * (width + 3) + tf.cast(left, tf.int32), across - left, along - top


def _between(images: Any, corner: Any, to_right: Any, to_bottom: Any, fill: Any) -> Any:
    """Images between their pixels; `fill` outside."""
    batch, _, width, channels = images.shape
    # A rim of what lies beyond, one pixel before and two after.
    framed = tf.pad(images - fill, [[0, 0], [1, 2], [1, 2], [0, 0]]) + fill
    pixels = tf.reshape(framed, [batch, -1, channels])
    to_right, to_bottom = to_right[..., None], to_bottom[..., None]

    def row(first: Any) -> Any:
        ours, next_one = (tf.gather(pixels, place, batch_dims=1) for place in (first, first + 1))
        return ours * (1 - to_right) + next_one * to_right

    return row(corner) * (1 - to_bottom) + row(corner + (width + 3)) * to_bottom


__all__ = ["random_affine"]
