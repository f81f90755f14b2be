"""Checks of the shape of an image or a volume, and of the array that it starts from."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, whole_number

DEFAULT_SD = 0.01
"""Standard deviation of the noise that a parameterization starts from. It is Lucid's."""


def image_shape(owner: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Return `shape` as a tuple.

    Args:
        owner: Name of the function, for the error message.
        shape: Expected to be `[batch, height, width, channels]`.

    Raises:
        ArgumentError: If it is not four sizes of at least 1.
    """
    return _checked(owner, shape, ("batch", "height", "width", "channels"))


def volume_shape(owner: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Return `shape` as a tuple, like `image_shape`; expected to be `[batch, depth, height, width, channels]`."""
    return _checked(owner, shape, ("batch", "depth", "height", "width", "channels"))


def _checked(owner: str, shape: Sequence[int], names: Sequence[str]) -> tuple[int, ...]:
    sizes = tuple(shape)
    if len(sizes) != len(names) or not all(isinstance(size, numbers.Integral) and size > 0 for size in sizes):
        raise ArgumentError(f"{owner} received the shape {sizes}.", f"Expected ({', '.join(names)}), each at least 1.")
    return sizes


def image_sizes(owner: str, w: int, h: int | None, batch: int | None) -> tuple[int, int, int]:
    """Return the number of images, their height and their width, from the arguments of a parameterization.

    Args:
        owner: Name of the function, for the error message.
        w: Width in pixels.
        h: Height in pixels, or None for the width.
        batch: Number of images, or None for 1.

    Raises:
        ArgumentError: If one is not a whole number.
        OutOfRangeError: If one is below 1.
    """
    width = whole_number(f"w of {owner}()", w, 1)
    height = width if h is None else whole_number(f"h of {owner}()", h, 1)
    return 1 if batch is None else whole_number(f"batch of {owner}()", batch, 1), height, width


def start_value(owner: str, init_val: npt.ArrayLike, shape: Sequence[int]) -> Any:
    """Return `init_val` as a float32 array.

    Args:
        owner: Name of the function, for the error message.
        init_val: The array.
        shape: The shape that it must have.

    Raises:
        ArgumentError: If it has another shape.
    """
    value = np.asarray(init_val, np.float32)
    if value.shape != tuple(shape):
        raise ArgumentError(
            f"{owner} received an init_val of shape {value.shape}.", f"Expected the shape of the image, {tuple(shape)}."
        )
    return value


__all__ = ["DEFAULT_SD", "image_shape", "image_sizes", "start_value", "volume_shape"]
