"""Transforms that move, scale, rotate, pad or crop images. Each draws once for the whole batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.optvis import seeding


def jitter(d: int, seed: int | None = None) -> Callable[[Any], Any]:
    """Crop images at a random position, which shifts them by up to `d` pixels.

    Args:
        d: Number of pixels by which height and width shrink, at least 0.
        seed: Seed of the positions. Default: the seed of the run.

    Returns:
        A transform from `[batch, height, width, channels]` to `[batch, height - d, width - d, channels]`.

    Raises:
        ArgumentError: If `d` is not a whole number, or the images are not larger than `d` (raised when the transform is
            applied).
        OutOfRangeError: If `d` is negative.

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.jitter(8)])

    Source: Lucid's `transform.jitter`.
    """
    whole_number("d of jitter()", d, 0)

    def inner(t: Any) -> Any:
        if any(known is not None and known <= d for known in t.shape[1:3]):
            raise ArgumentError(
                f"jitter({d}) leaves nothing of an image of {' x '.join(map(str, t.shape[1:3]))} pixels.",
                "Expected a larger image. A transform pad() before it makes one.",
            )
        offset = seeding.integers([2], d + 1, seed=seed)
        size = tf.shape(t)[1:3] - d
        begin = tf.concat([[0], offset, [0]], 0)
        cut = tf.slice(t, begin, tf.concat([[-1], size, [-1]], 0))
        height, width = (None if known is None else known - d for known in t.shape[1:3])
        return tf.ensure_shape(cut, (t.shape[0], height, width, t.shape[3]))

    return inner


def pad(w: int, mode: str = "REFLECT", constant_value: float | str = 0.5) -> Callable[[Any], Any]:
    """Add a margin on all sides of the images.

    Args:
        w: Width of the margin in pixels, at least 0.
        mode: "REFLECT" or "SYMMETRIC" to mirror the image, without or with its outermost pixels, or "CONSTANT"; in
            upper or lower case. Default: "REFLECT".
        constant_value: Value of a constant margin, or "uniform" for a gray that is random in each step. Default: 0.5.

    Returns:
        A transform from `[batch, height, width, channels]` to `[batch, height + 2 * w, width + 2 * w, channels]`.

    Raises:
        ArgumentError: If `mode` or `constant_value` is unknown, `w` is not a whole number, or the images are smaller
            than the margin that mirrors them (raised when the transform is applied).
        OutOfRangeError: If `w` is negative.

    Example:
        >>> padded = [transform.pad(12, mode="constant"), transform.jitter(24)]
        >>> render_vis(model, "mixed4a:152", transforms=padded)

    Source: Lucid's `transform.pad`.
    """
    whole_number("w of pad()", w, 0)
    if mode.upper() not in ("REFLECT", "SYMMETRIC", "CONSTANT"):
        raise ArgumentError(f"mode of pad() is {mode!r}.", "Expected 'REFLECT', 'SYMMETRIC' or 'CONSTANT'.")
    if isinstance(constant_value, str) and constant_value != "uniform":
        raise ArgumentError(f"constant_value of pad() is {constant_value!r}.", "Expected a number or 'uniform'.")

    most = {"REFLECT": -1, "SYMMETRIC": 0}.get(mode.upper())

    def inner(t: Any) -> Any:
        if most is not None and any(known is not None and known + most < w for known in t.shape[1:3]):
            raise ArgumentError(
                f"pad({w}) cannot mirror an image of {' x '.join(map(str, t.shape[1:3]))} pixels.",
                "Expected an image larger than the margin, or mode='constant'.",
            )
        value = seeding.uniform([]) if constant_value == "uniform" else constant_value
        return tf.pad(t, [[0, 0], [w, w], [w, w], [0, 0]], mode=mode, constant_values=value)

    return inner


def random_scale(scales: Iterable[float], seed: int | None = None) -> Callable[[Any], Any]:
    """Resize images by a random factor.

    Interpolation is bilinear as in TensorFlow 1: without half-pixel centers and without antialiasing. The size of the
    images is not known before a step runs, so XLA cannot compile it; `random_affine` keeps the size.

    Args:
        scales: Factors above 0, all equally likely.
        seed: Seed of the factors. Default: the seed of the run.

    Returns:
        A transform from `[batch, height, width, channels]` to images of the scaled size, rounded down.

    Raises:
        ArgumentError: If there are no factors, or one is not a finite number above 0.

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.random_scale([0.9, 1.0, 1.1])])

    Source: Lucid's `transform.random_scale`.
    """
    choices = _choices("scales of random_scale()", scales)
    if choices.min() <= 0:
        raise ArgumentError(f"scales of random_scale() contains {choices.min():g}.", "Expected factors above 0.")

    def inner(t: Any) -> Any:
        scale = _rand_select(choices, seed)
        size = tf.cast(scale * tf.cast(tf.shape(t)[1:3], tf.float32), tf.int32)
        resized = tf.raw_ops.ResizeBilinear(images=t, size=size, align_corners=False, half_pixel_centers=False)
        return tf.ensure_shape(resized, (t.shape[0], None, None, t.shape[3]))

    return inner


def random_rotate(angles: Iterable[float], units: str = "degrees", seed: int | None = None) -> Callable[[Any], Any]:
    """Rotate images counterclockwise about their center by a random angle. Corners become black.

    Pixels are those of the nearest neighbor, not interpolated.

    Args:
        angles: Angles, all equally likely.
        units: "degrees" or "radians" (also "rads" or "rad"). Default: "degrees".
        seed: Seed of the angles. Default: the seed of the run.

    Returns:
        A transform that keeps the size of the images.

    Raises:
        ArgumentError: If there are no angles, one is not a finite number, or the unit is unknown.

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.random_rotate(range(-10, 11))])

    Source: Lucid's `transform.random_rotate`, in which pi was 3.14 and an unknown unit meant radians.
    """
    choices = _angle2rads(_choices("angles of random_rotate()", angles), units)

    def inner(t: Any) -> Any:
        angle = _rand_select(choices, seed)
        size = tf.shape(t)[1:3]
        height, width = tf.unstack(tf.cast(size - 1, tf.float32))
        cos, sin = tf.cos(angle), tf.sin(angle)
        # Maps a pixel of the output to the pixel of the input that it shows. The offsets keep the center in place.
        to_input = [
            *(cos, -sin, (width - (cos * width - sin * height)) / 2),
            *(sin, cos, (height - (sin * width + cos * height)) / 2),
            *(tf.zeros_like(cos), tf.zeros_like(cos)),
        ]
        turned = tf.raw_ops.ImageProjectiveTransformV3(
            images=t,
            transforms=tf.stack(to_input)[None],
            output_shape=size,
            interpolation="NEAREST",
            fill_mode="CONSTANT",
            fill_value=0.0,
        )
        return tf.ensure_shape(turned, t.shape)

    return inner


def crop_or_pad_to(height: int, width: int) -> Callable[[Any], Any]:
    """Crop images to a fixed size, or pad them with black, evenly on all sides.

    Use it as the last transform for a network with a fixed input size.

    Args:
        height: Height of the result in pixels, at least 1.
        width: Width of the result in pixels, at least 1.

    Returns:
        A transform from `[batch, ..., ..., channels]` to `[batch, height, width, channels]`.

    Raises:
        ArgumentError: If a size is not a whole number.
        OutOfRangeError: If a size is below 1.

    Example:
        >>> fixed = [*transform.standard_transforms, transform.crop_or_pad_to(224, 224)]
        >>> render_vis(model, "mixed4a:152", transforms=fixed)

    Source: Lucid's `transform.crop_or_pad_to`.
    """
    whole_number("height of crop_or_pad_to()", height, 1)
    whole_number("width of crop_or_pad_to()", width, 1)

    def inner(t: Any) -> Any:
        return tf.image.resize_with_crop_or_pad(t, height, width)

    return inner


def _choices(name: str, values: Iterable[float]) -> Any:
    try:
        choices = np.asarray(list(values), np.float32)
    except (TypeError, ValueError):
        choices = np.zeros(0, np.float32)
    if choices.ndim != 1 or not choices.size or not np.isfinite(choices).all():
        raise ArgumentError(f"{name} cannot be {values!r:.80}.", "Expected a list of at least one finite number.")
    return choices


def _angle2rads(angle: Any, units: str) -> Any:
    """Return an angle in radians. Old notebooks call this function."""
    if units.lower() not in ("degrees", "radians", "rads", "rad"):
        raise ArgumentError(f"units of random_rotate() is {units!r}.", "Expected 'degrees' or 'radians'.")
    return angle * np.float32(math.pi / 180 if units.lower() == "degrees" else 1)


def _rand_select(xs: Any, seed: int | None = None) -> Any:
    """Return one of a list of numbers, drawn in each step. Old notebooks call this function."""
    choices = _choices("xs of _rand_select()", xs)
    return tf.constant(choices)[seeding.integers([], len(choices), seed=seed)]


__all__ = ["crop_or_pad_to", "jitter", "pad", "random_rotate", "random_scale"]
