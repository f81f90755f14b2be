"""Linear interpolation of a tensor along any of its dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError


def resize_bilinear_nd(t: Any, target_shape: Sequence[int]) -> Any:
    """Stretches or shrinks a tensor to another shape of the same rank, linearly along each dimension.

    As TensorFlow 1 did: new place i is old place `i * old / new`, and what lies beyond the last is the last. So two
    numbers 0 and 1 become six as `0, 1/3, 2/3, 1, 1, 1`.

    Args:
        t: A tensor of known shape.
        target_shape: As many sizes.

    Raises:
        ArgumentError: The ranks differ.

    Source: Lucid's `resize_bilinear_nd`.
    """
    shape = tuple(t.shape)
    if len(shape) != len(target_shape):
        raise ArgumentError(
            f"A tensor of shape {shape} cannot be resized to {tuple(target_shape)}.", "Expected as many dimensions."
        )
    for axis, (old, new) in enumerate(zip(shape, target_shape, strict=True)):
        if old != new:
            t = _along(t, interpolation(old, new), axis)
    return t


def interpolation(old: int, new: int) -> Any:
    """The matrix `[new, old]` that interpolates along one dimension."""
    place = np.arange(new) * (old / new)
    lower = np.floor(place).astype(int)
    upper = np.minimum(lower + 1, old - 1)
    matrix = np.zeros((new, old), np.float32)
    np.add.at(matrix, (np.arange(new), lower), 1 - (place - lower))
    np.add.at(matrix, (np.arange(new), upper), place - lower)
    return matrix


def _along(t: Any, matrix: Any, axis: int) -> Any:
    applied = tf.tensordot(t, matrix, [[axis], [1]])
    rank = len(t.shape)
    return tf.transpose(applied, [*range(axis), rank - 1, *range(axis, rank - 1)])
