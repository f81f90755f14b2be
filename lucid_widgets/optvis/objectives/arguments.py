"""Values of objectives' arguments: which ones are accepted, how they are compared, and how they are written as code."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, OutOfRangeError, finite_number, whole_number
from lucid_widgets.misc.outside import quoted

Kind = Callable[[str, Any], Any]
"""A check of an argument: takes its name in error messages and its value, and returns the value to keep."""

_MAX_INT32 = 2**31 - 1
_LARGEST_WRITTEN = 4096
"""Arrays with more numbers than this are written as `...`: nobody reads them, and they would bury the rest."""


def whole(name: str, value: Any) -> int:
    """Accept a whole number of at least 0 that fits into int32."""
    return whole_number(name, whole_number(name, value, 0), 0, _MAX_INT32)


def real(name: str, value: Any) -> float:
    """Accept a finite number."""
    return finite_number(name, value)


def whole_or_text(name: str, value: Any) -> int | str:
    """Accept a whole number of at least 0, or text that names one, such as the label of a class."""
    return value if isinstance(value, str) else whole(name, value)


def text(name: str, value: Any) -> str:
    """Accept text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ArgumentError(f"{name} is {value!r}.", "Expected text, such as 'a photo of a dog'.")
    return value


def array(name: str, value: Any) -> Any:
    """Accept finite numbers in at least one dimension, kept as a float32 array. A symbolic tensor is kept as it is."""
    if hasattr(value, "op") and not hasattr(value, "numpy"):
        return value
    made = _as_array(name, value, "numbers")
    if made.ndim == 0 or not made.size:
        shown = "a single number" if made.ndim == 0 else "empty"
        raise ArgumentError(f"{name} is {shown}.", "Expected a list or array of numbers.")
    with np.errstate(over="ignore"):
        single = made.astype(np.float32)
    if not np.isfinite(single).all():
        raise ArgumentError(f"{name} holds a NaN, or a number too large for float32.", "Expected finite numbers.")
    return single


def indices(name: str, value: Any) -> Any:
    """Accept a list of whole numbers of at least 0, kept as an int32 array."""
    made = _as_array(name, value, "whole numbers")
    if made.ndim != 1 or not made.size or made.dtype.kind not in "iu":
        raise ArgumentError(f"{name} is {value!r}.", "Expected a list of whole numbers, such as [3, 17, 42].")
    if made.min() < 0 or made.max() > _MAX_INT32:
        raise OutOfRangeError(f"{name} is {value!r}.", "Expected whole numbers from 0 up.")
    return made.astype(np.int32)


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an array or tensor; None for a single number. A new shape requires a new compilation."""
    return tuple(value.shape) if hasattr(value, "shape") else None


def plain(value: Any) -> Any:
    """Return a NumPy scalar as the Python number it stands for, and any other value as it is."""
    return value.item() if isinstance(value, np.generic) else value


def hashable(value: Any) -> Hashable:
    """Return a key that is equal for equal values.

    Sequences and arrays are compared by content, and other values that cannot be hashed by identity.
    """
    if isinstance(value, (list, tuple)):
        return tuple(map(hashable, value))
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    try:
        hash(value)
    except TypeError:
        return _Identity(value)
    return value


def is_too_large(value: Any) -> bool:
    """Whether an argument is an array too large to be written out as code."""
    return isinstance(value, np.ndarray) and value.size > _LARGEST_WRITTEN


def code(value: Any) -> str:
    """Return an argument as Python code. An array too large to read becomes `...`."""
    if is_too_large(value):
        return "..."
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return f"[{', '.join(map(code, value))}]"
    if isinstance(value, np.generic):
        return str(value)  # the shortest digits that give the same float32 again
    return quoted(value) if isinstance(value, str) else repr(value)


class _Identity:
    """Key of a value that cannot be hashed; equal only to the key of the same object."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _as_array(name: str, value: Any, what: str) -> Any:
    try:
        made = np.asarray(value)
    except (TypeError, ValueError, NotImplementedError):
        made = None
    if made is None or made.dtype.kind not in "iuf":
        raise ArgumentError(f"{name} is {value!r}.", f"Expected a list or array of {what}.")
    return made


__all__ = [
    "Kind",
    "array",
    "code",
    "hashable",
    "indices",
    "is_too_large",
    "plain",
    "real",
    "shape_of",
    "text",
    "whole",
    "whole_or_text",
]
