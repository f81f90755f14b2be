"""Linear interpolation of a tensor along any of its dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError


def resize_bilinear_nd(t: Any, target_shape: Sequence[int]) -> Any:
    """A tensor resized to another shape of the same rank, by linear interpolation along each dimension.

    Interpolates as TensorFlow 1 did, without half-pixel centers: element i of the result lies at `i * old / new` of the
    input, and elements past the last one repeat it. Resizing `[0, 1]` to six elements gives `[0, 1/3, 2/3, 1, 1, 1]`.

    Args:
        t: A tensor of known shape.
        target_shape: One size for each dimension.

    Returns:
        A tensor of `target_shape`.

    Raises:
        ArgumentError: If the ranks differ.

    Source: Lucid's `resize_bilinear_nd`.
    """
    shape = tuple(t.shape)
    if len(shape) != len(target_shape):
        raise ArgumentError(
            f"A tensor of shape {shape} cannot be resized to {tuple(target_shape)}.",
            f"Expected a shape with {len(shape)} dimensions.",
        )
    for axis, (old, new) in enumerate(zip(shape, target_shape, strict=True)):
        if old != new:
            t = _along(t, interpolation(old, new), axis)
    return t


def product(l: Sequence[int]) -> int:  # noqa: E741 (Lucid's name)
    """Return the product of numbers; 1 for none.

    Source: Lucid's `resize_bilinear_nd.product`.
    """
    return math.prod(l)


def collapse_shape(shape: Sequence[int], a: int, b: int) -> list[int]:
    """Return a shape in which the dimensions before `a` are one dimension, and those from `b` on another one.

    >>> collapse_shape([1, 2, 3, 4, 5], 1, 3)
    [1, 2, 3, 20]

    Source: Lucid's `resize_bilinear_nd.collapse_shape`.
    """
    sizes = list(shape)
    return [product(sizes[:a]), *sizes[a:b], product(sizes[b:])]


def interpolation(old: int, new: int) -> Any:
    """Matrix `[new, old]` that resizes one dimension from `old` to `new` elements."""
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


__all__ = ["collapse_shape", "interpolation", "product", "resize_bilinear_nd"]
