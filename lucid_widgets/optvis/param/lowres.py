"""Tensors that are stored small and used large, so that neighbours share what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.resize_bilinear_nd import interpolation, resize_bilinear_nd

_DEFAULT_SD = 0.01


def lowres_tensor(
    shape: Sequence[int],
    underlying_shape: Sequence[int],
    offset: bool | float | Sequence[bool | float] | None = None,
    sd: float | None = None,
    *,
    init_val: npt.ArrayLike | None = None,
) -> Any:
    """A trainable tensor of a smaller shape, interpolated to a larger one.

    Along the batch it makes images share something: from 1 to 6 all have the same, from 2 to 6 they blend.

    Args:
        shape: The shape of what is returned, such as `[batch, height, width, channels]`.
        underlying_shape: The shape of what is optimized; the same number of dimensions.
        offset: Shifts the result along each dimension by that many places; a list of them, or one for all. True is half
            of the spacing, False nothing.
        sd: Standard deviation of the Gaussian noise that it starts from; 0.01 unless given.
        init_val: Starts from this array instead: of the underlying shape, or of the full one, to which the nearest
            start is found.

    Returns:
        A float32 tensor of `shape`, unconstrained.

    Raises:
        ArgumentError: The shapes do not fit.

    Example:
        >>> shared = param.lowres_tensor((6, 128, 128, 3), (1, 64, 64, 3))  # one picture in all six images

    Source: Lucid's `param.lowres_tensor`. (It changed a list that was passed as `offset`.)
    """
    full, small = tuple(shape), tuple(underlying_shape)
    if len(full) != len(small) or min(small) < 1:
        raise ArgumentError(
            f"lowres_tensor received the shapes {full} and {small}.", "Expected the same number of sizes from 1 up."
        )
    shifts = _shifts(offset, full, small)
    if init_val is None:
        deviation = _DEFAULT_SD if sd is None else sd
        start: Any = seeding.lazily(lambda: seeding.normal_images(small[0], small[1:], deviation))
    else:
        start = _start(np.asarray(init_val, np.float32), full, small, any(shifts))
    t = resize_bilinear_nd(tf.ensure_shape(tf.Variable(start, name="lowres", dtype=tf.float32), small), full)
    if any(shifts):
        t = tf.slice(tf.pad(t, [(shift, 0) for shift in shifts], "SYMMETRIC"), [0] * len(full), full)
    return t


def _shifts(offset: Any, full: Sequence[int], small: Sequence[int]) -> list[int]:
    if offset is None:
        return [0] * len(full)
    each = list(offset) if isinstance(offset, (list, tuple)) else [offset] * len(full)
    if len(each) != len(full):
        raise ArgumentError(
            f"lowres_tensor received offset={offset!r}.", f"Expected {len(full)} of them, or one for all."
        )
    halves = [int(large / little / 2) for large, little in zip(full, small, strict=True)]
    return [half if shift is True else int(shift) for shift, half in zip(each, halves, strict=True)]


def _start(value: Any, full: Sequence[int], small: Sequence[int], shifted: bool) -> Any:
    if value.shape == small:
        return value
    if value.shape != full or shifted:
        raise ArgumentError(
            f"lowres_tensor received an init_val of shape {value.shape}.",
            f"Expected {small}" + (", since there is an offset." if shifted else f" or {full}."),
        )
    for axis, (large, little) in enumerate(zip(full, small, strict=True)):
        if large != little:
            nearest: Any = np.linalg.pinv(interpolation(little, large)).astype(np.float32)
            value = np.moveaxis(np.tensordot(nearest, value, ((1,), (axis,))), 0, axis)
    return value
