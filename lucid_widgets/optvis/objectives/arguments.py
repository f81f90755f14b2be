"""Arguments of objectives that are fed to a compiled step as tensors: what they may be, and how they are kept."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError

Kind = Callable[[str, Any], Any]
"""From the beginning of a message, such as "channel() received batch", and a value to the value as it is kept."""


def whole(name: str, value: Any) -> int:
    """A whole number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"{name}={value!r}.", "Expected a whole number.")
    if not 0 <= value < 2**31:
        raise ArgumentError(f"{name}={value}.", "Expected a whole number from 0 up.")
    return value


def real(name: str, value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ArgumentError(f"{name}={value!r}.", "Expected a number.")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond what a float can hold
        number = math.inf
    if not math.isfinite(number):
        raise ArgumentError(f"{name}={value!r:.40}.", "Expected a finite number.")
    return number


def whole_or_text(name: str, value: Any) -> int | str:
    """A whole number from 0 up, or a name that stands for one."""
    return value if isinstance(value, str) else whole(name, value)


def array(name: str, value: Any) -> Any:
    """Finite numbers in one dimension or more, kept as float32. A symbolic tensor stays what it is."""
    made = _as_array(name, value, "numbers")
    if made is None:
        return value
    if made.ndim == 0 or not made.size:
        raise ArgumentError(f"{name}={_of_shape(made)}.", "Expected a list or array of numbers.")
    with np.errstate(over="ignore"):
        single = made.astype(np.float32)
    if not np.isfinite(single).all():
        raise ArgumentError(f"{name}, which holds a NaN or a number too large.", "Expected finite numbers.")
    return single


def indices(name: str, value: Any) -> Any:
    """A list of whole numbers from 0 up, kept as int32."""
    made = _as_array(name, value, "whole numbers")
    if made is None or made.ndim != 1 or not made.size or made.dtype.kind not in "iu":
        raise ArgumentError(f"{name}={value!r}.", "Expected a list of whole numbers, such as [3, 17, 42].")
    if made.min() < 0 or made.max() >= 2**31:
        raise ArgumentError(f"{name}={value!r}.", "Expected whole numbers from 0 up.")
    return made.astype(np.int32)


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an array or tensor, which decides what is compiled; None for a single number."""
    return tuple(value.shape) if hasattr(value, "shape") else None


def _as_array(name: str, value: Any, what: str) -> Any:
    if hasattr(value, "op") and not hasattr(value, "numpy"):
        return None
    try:
        made = np.asarray(value)
    except (TypeError, ValueError, NotImplementedError):
        made = None
    if made is None or made.dtype.kind not in "iuf":
        raise ArgumentError(f"{name}={value!r}.", f"Expected a list or array of {what}.")
    return made


def _of_shape(made: Any) -> str:
    return "a single number" if made.ndim == 0 else "empty"
