"""`random_affine`: a random shift, scale and rotation for each image, sampled once to a fixed size."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import OutOfRangeError, finite_number, whole_number
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.speed import xla


@dataclass(frozen=True)
class random_affine:
    """Shift, scale and rotate each image at random, independently of the others.

    Images of height 1, which are signals, are shifted and stretched along their width only.

    It has the ranges of `standard_transforms`, but costs less: one bilinear sampling instead of five operations, and a
    size that does not change from step to step. All amounts are drawn uniformly in each step.

    Args:
        shift: Largest shift along each axis in pixels, at least 0. Default: 6.
        scale: Largest change of size, at least 0 and below 1. Default: 0.1, which draws factors from 0.9 to 1.1.
        rotate: Largest rotation about the center in degrees, at least 0. Default: 10.
        constant_value: Value outside the image. Default: 0.5, gray.
        margin: Number of pixels added on each side of the result, at least 0. Default: 0. Only another margin requires
            a new compilation; the other numbers can change during a run.

    Returns:
        A transform from `[batch, height, width, channels]` to `[batch, height + 2 * margin, width + 2 * margin,
        channels]`. The gradient is sampled back bilinearly, which is the adjoint of the sampling up to the blur of one
        pixel.

    Raises:
        ArgumentError: If a number is not finite, or `margin` is not a whole number.
        OutOfRangeError: If a number is negative, or `scale` is not below 1.

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.random_affine(rotate=45)])

    Source: New. Lucid's `standard_transforms` draw once for the whole batch and change the size of the image.
    """

    shift: float = 6.0
    scale: float = 0.1
    rotate: float = 10.0
    constant_value: float = 0.5
    margin: int = 0

    def __post_init__(self) -> None:
        for name in ("shift", "scale", "rotate"):
            finite_number(f"{name} of random_affine()", getattr(self, name), 0)
        if self.scale >= 1:
            raise OutOfRangeError(
                f"scale of random_affine() is {self.scale!r}.", "Expected a number from 0 up, below 1."
            )
        finite_number("constant_value of random_affine()", self.constant_value)
        whole_number("margin of random_affine()", self.margin, 0)

    @property
    def structure(self) -> Hashable:
        """Everything that requires a new compilation when it changes."""
        return ("random_affine", int(self.margin))

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without a new compilation."""
        return (float(self.shift), float(self.scale), float(self.rotate), float(self.constant_value))

    def __call__(self, t: Any) -> Any:
        return self.apply(t, self.numbers)

    def apply(self, t: Any, numbers: Sequence[Any]) -> Any:
        """Return the transformed images.

        Args:
            t: Images, `[batch, height, width, channels]`.
            numbers: Numbers or tensors that replace `self.numbers`, in the same order.
        """
        shift, scale, rotate, fill = numbers
        batch, height, width, channels = t.shape
        margin = int(self.margin)
        size = tf.shape(t)[1:3]
        turn, resize, right, down = tf.unstack(seeding.uniform_images(batch, 4) * 2 - 1, axis=1)
        angle, factor = turn * (rotate * (math.pi / 180)), 1 + resize * scale
        cos, sin = tf.cos(angle) / factor, tf.sin(angle) / factor
        upright = cos
        if height == 1:  # a signal is shifted and stretched along its length alone
            cos, sin, upright, down = 1 / factor, tf.zeros_like(sin), tf.ones_like(cos), tf.zeros_like(down)
        # From a pixel of the result to the position in the image that it shows, both relative to their centers.
        rows, columns = tf.unstack((tf.cast(size, tf.float32) - 1) / 2)
        x = columns - right * shift - cos * (columns + margin) + sin * (rows + margin)
        y = rows - down * shift - sin * (columns + margin) - upright * (rows + margin)
        sides = tuple(None if known is None else known + 2 * margin for known in (height, width))
        warped = _warp(t, (cos, -sin, x, sin, upright, y), size + 2 * margin if None in sides else sides, fill)
        return tf.ensure_shape(warped, (batch, *sides, channels))


def _warp(images: Any, matrix: Sequence[Any], size: Any, fill: Any) -> Any:
    """Sample images at the positions to which `matrix` maps the pixels of the result.

    Args:
        images: `[batch, height, width, channels]`.
        matrix: a, b, x, c, d, y: the rows of the map for x and for y, each number `[batch]`.
        size: Height and width of the result.
        fill: Value outside the image.
    """
    a, b, x, c, d, y = matrix
    determinant = a * d - b * c
    back = tuple(each / determinant for each in (d, -b, b * y - d * x, -c, a, c * x - a * y))

    @tf.custom_gradient
    def warp(t: Any) -> Any:
        known = tuple(t.shape[1:3])

        def gradient(grad: Any) -> Any:
            # If the image is enlarged, one of its pixels appears in several pixels of the result.
            shares = grad / determinant[:, None, None, None]
            return _sampled(shares, back, tf.shape(t)[1:3] if None in known else known, 0.0)

        return _sampled(t, matrix, size, fill), gradient

    return warp(images)


def _sampled(images: Any, matrix: Sequence[Any], size: Any, fill: Any) -> Any:
    rows = tf.stack(matrix, 1)
    if isinstance(size, tuple) and xla.compiles_whole():
        return _between(images, *_places(images.shape[1:3], size, rows), fill)
    if isinstance(size, tuple) and xla.compiles_parts(images):
        # In two parts: positions do not depend on the image, so they are computed at the same time.
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


# The same as ImageProjectiveTransformV3, which XLA cannot compile and which takes twice as long on a CPU.


def _places(known: Sequence[int], size: tuple[int, int], rows: Any) -> tuple[Any, Any, Any]:
    """Positions of the pixels of the result in the padded image: a pixel, and the offset from its top left corner.

    Args:
        known: Height and width of the image.
        size: Height and width of the result.
        rows: `[batch, 6]`: a, b, x, c, d, y of each image.

    Returns:
        Three tensors `[batch, height, width]`: index of the pixel, offset to the right and offset downwards, in pixels.
    """
    height, width = known
    a, b, x, c, d, y = (each[:, None, None] for each in tf.unstack(rows, axis=1))
    down, right = (tf.range(side, dtype=tf.float32) for side in size)
    across, along = a * right + b * down[:, None] + x, c * right + d * down[:, None] + y
    # Positions outside the image end up in the padding.
    across, along = tf.clip_by_value(across, -1, width) + 1, tf.clip_by_value(along, -1, height) + 1
    left, top = tf.floor(across), tf.floor(along)
    return tf.cast(top, tf.int32) * (width + 3) + tf.cast(left, tf.int32), across - left, along - top


def _between(images: Any, corner: Any, to_right: Any, to_bottom: Any, fill: Any) -> Any:
    """Return images interpolated between their pixels, and `fill` outside."""
    batch, _, width, channels = images.shape
    # Padded with the value outside, one pixel before and two after.
    padded = tf.pad(images - fill, [[0, 0], [1, 2], [1, 2], [0, 0]]) + fill
    pixels = tf.reshape(padded, [batch, -1, channels])
    to_right, to_bottom = to_right[..., None], to_bottom[..., None]

    def row(first: Any) -> Any:
        ours, next_one = (tf.gather(pixels, place, batch_dims=1) for place in (first, first + 1))
        return ours * (1 - to_right) + next_one * to_right

    return row(corner) * (1 - to_bottom) + row(corner + (width + 3)) * to_bottom


__all__ = ["random_affine"]
