"""Tensors that are optimized at a low resolution and used at a higher one, and the pyramid of such images."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.resize_bilinear_nd import interpolation, resize_bilinear_nd
from lucid_widgets.optvis.param.shapes import DEFAULT_SD, image_sizes, start_value

_RESOLUTIONS = 56


def lowres_tensor(
    shape: Sequence[int],
    underlying_shape: Sequence[int],
    offset: bool | float | Sequence[bool | float] | None = None,
    sd: float | None = None,
    *,
    init_val: npt.ArrayLike | None = None,
) -> Any:
    """A trainable tensor of a small shape, interpolated linearly to a larger shape.

    Along the batch, images share structure: an underlying batch of 1 is the same in all images, and an underlying batch
    of 2 blends from the first image to the last.

    Args:
        shape: Shape of the result, such as `[batch, height, width, channels]`.
        underlying_shape: Shape of the tensor that is optimized, with the same number of dimensions.
        offset: Shift of the result along each dimension, in elements of the result: a list with one entry for each
            dimension, or one entry for all. True shifts by half of the spacing of the underlying elements, False not
            at all. Default: no shift.
        sd: Standard deviation of the Gaussian noise that it starts from. Default: 0.01.
        init_val: Array to start from, either of the underlying shape or of the full shape. For the full shape, the
            start is the least-squares fit. Default: noise.

    Returns:
        A float32 tensor of `shape`, unconstrained. `to_valid_rgb` maps it to colors.

    Raises:
        ArgumentError: If the shapes, the offset or `init_val` do not fit together.

    Example:
        >>> def six():
        ...     shared = param.lowres_tensor((6, 128, 128, 3), (1, 64, 64, 3))
        ...     return param.to_valid_rgb(shared + param.fft_image((6, 128, 128, 3)), decorrelate=True)
        >>> render_vis(model, objectives.channels("mixed4a", range(6)), six)

    Source: Lucid's `param.lowres_tensor`, which modified a list passed as `offset`; Mordvintsev, Pezzotti, Schubert &
    Olah, "Differentiable Image Parameterizations", Distill 2018. `init_val` is new.
    """
    full, small = tuple(shape), tuple(underlying_shape)
    if len(full) != len(small) or min(small) < 1:
        raise ArgumentError(
            f"lowres_tensor received shape={full} and underlying_shape={small}.",
            "Expected two shapes with the same number of dimensions, each size at least 1.",
        )
    shifts = _shifts(offset, full, small)
    if init_val is None:
        deviation = DEFAULT_SD if sd is None else sd
        start: Any = seeding.lazily(lambda: seeding.normal_images(small[0], small[1:], deviation))
    else:
        start = _start(np.asarray(init_val, np.float32), full, small, any(shifts))
    t = resize_bilinear_nd(tf.ensure_shape(tf.Variable(start, name="lowres", dtype=tf.float32), small), full)
    if any(shifts):
        t = tf.slice(tf.pad(t, [(shift, 0) for shift in shifts], "SYMMETRIC"), [0] * len(full), full)
    return t


def laplacian_pyramid_image(
    shape: Sequence[int], n_levels: int = 4, sd: float | None = None, *, init_val: npt.ArrayLike | None = None
) -> Any:
    """A trainable image pyramid: the sum of images, each with half the resolution of the one before.

    Args:
        shape: `[batch, height, width, channels]`, or `[height, width, channels]`.
        n_levels: Number of images in the sum, at least 1. Default: 4.
        sd: Standard deviation of the Gaussian noise that each image starts from. Default: 0.01.
        init_val: Image of that shape to start from. The finest image starts with it and the others with zero. Default:
            noise.

    Returns:
        A float32 tensor of that shape, unconstrained. `to_valid_rgb` maps it to colors.

    Raises:
        ArgumentError: If the image cannot be halved that often, or `init_val` has another shape.

    Example:
        >>> pyramid = lambda: param.to_valid_rgb(param.laplacian_pyramid_image((1, 128, 128, 3)), decorrelate=True)
        >>> render_vis(model, "mixed4a:152", pyramid)

    Source: Lucid's `param.spatial.laplacian_pyramid_image`. `init_val` is new.
    """
    *batch, height, width, channels = shape
    if n_levels < 1 or min(height, width) >> (n_levels - 1) < 1:
        raise ArgumentError(
            f"laplacian_pyramid_image received n_levels={n_levels} for {height} x {width} pixels.",
            f"Expected a number from 1 to {max(min(height, width), 1).bit_length()}.",
        )
    sizes = [(*batch, height >> level, width >> level, channels) for level in range(n_levels)]
    if init_val is None:
        return tf.add_n([lowres_tensor(shape, size, sd=sd) for size in sizes])
    starts = [start_value("laplacian_pyramid_image", init_val, shape), *(np.zeros(size) for size in sizes[1:])]
    return tf.add_n([lowres_tensor(shape, size, init_val=v) for size, v in zip(sizes, starts, strict=True)])


@suggest_keywords
def direct_ascent(w: int, h: int | None = None, batch: int | None = None, *, sizes: Sequence[int] | None = None) -> Any:
    """A trainable image that is the sum of images of many resolutions, from a single pixel up.

    Each resolution changes at the same rate, so large shapes form before fine patterns can.

    Args:
        w: Width in pixels.
        h: Height in pixels. Default: the width.
        batch: Number of images. Default: 1.
        sizes: Heights of the images in the sum, in pixels; their widths are in proportion. Default: about 56 from 1 to
            the full height, at equal distances.

    Returns:
        A float32 tensor `[batch, height, width, 3]` in [0, 1]: `(1 + tanh(sum)) / 2`. The images in the sum start from
        zero and are enlarged by bicubic interpolation. So all images of a batch start gray and equal; random transforms
        make them differ.

    Raises:
        ArgumentError: If a size is not a whole number, or `sizes` is empty.
        OutOfRangeError: If a size or the batch is below 1, or an entry of `sizes` is larger than the height.

    Example:
        >>> render_vis(
        ...     model,
        ...     "logits:3",
        ...     lambda: param.direct_ascent(128),
        ...     keras.optimizers.Adam(0.002),
        ... )

    Source: Fort & Whitaker, "Direct Ascent Synthesis: Revealing Hidden Generative Capabilities in Discriminative
    Models", 2025, where the sum has all resolutions.
    """
    count, height, width = image_sizes("direct_ascent", w, h, batch)
    rows = range(1, height + 1, max(1, round(height / _RESOLUTIONS))) if sizes is None else sizes
    heights = [whole_number("An entry of sizes of direct_ascent()", each, 1, height) for each in rows]
    if not heights:
        raise ArgumentError("sizes of direct_ascent() is empty.", "Expected at least one size.")
    return (1 + tf.tanh(tf.add_n([_enlarged(count, each, height, width) for each in heights]))) / 2


def _enlarged(count: int, rows: int, height: int, width: int) -> Any:
    """Return trainable images, zero at the start, with this number of rows, enlarged to `[count, height, width, 3]`."""
    columns = max(1, round(rows * width / height))
    small = tf.Variable(tf.zeros((count, rows, columns, 3)), name="lowres")
    # As products with matrices, whose gradients are computed in a fixed order.
    return tf.einsum("hr,brsc,ws->bhwc", _bicubic(rows, height), small, _bicubic(columns, width))


def _bicubic(old: int, new: int) -> npt.NDArray[np.float32]:
    """Return the matrix `[new, old]` of bicubic interpolation."""
    return np.asarray(Image.fromarray(np.eye(old, dtype=np.float32)).resize((old, new), Image.Resampling.BICUBIC))


def laplacian_pyramid(shape: Sequence[int], n_levels: int = 4, sd: float | None = None) -> Any:
    """Old name of `laplacian_pyramid_image`, with a DeprecationWarning."""
    warnings.warn("param.laplacian_pyramid is now param.laplacian_pyramid_image.", DeprecationWarning, stacklevel=2)
    return laplacian_pyramid_image(shape, n_levels, sd)


def _shifts(offset: Any, full: Sequence[int], small: Sequence[int]) -> list[int]:
    if offset is None:
        return [0] * len(full)
    each = list(offset) if isinstance(offset, (list, tuple)) else [offset] * len(full)
    if len(each) != len(full):
        raise ArgumentError(
            f"lowres_tensor received offset={offset!r}.",
            f"Expected one entry for each of the {len(full)} dimensions, or a single entry for all.",
        )
    halves = [int(large / little / 2) for large, little in zip(full, small, strict=True)]
    return [half if shift is True else int(shift) for shift, half in zip(each, halves, strict=True)]


def _start(value: Any, full: Sequence[int], small: Sequence[int], shifted: bool) -> Any:
    if value.shape == small:
        return value
    if value.shape != full or shifted:
        raise ArgumentError(
            f"lowres_tensor received an init_val of shape {value.shape}.",
            f"Expected {small}, because there is an offset." if shifted else f"Expected {small} or {full}.",
        )
    for axis, (large, little) in enumerate(zip(full, small, strict=True)):
        if large != little:
            nearest: Any = np.linalg.pinv(interpolation(little, large)).astype(np.float32)
            value = np.moveaxis(np.tensordot(nearest, value, ((1,), (axis,))), 0, axis)
    return value


__all__ = ["direct_ascent", "laplacian_pyramid", "laplacian_pyramid_image", "lowres_tensor"]
