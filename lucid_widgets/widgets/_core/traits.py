"""The kinds of traits that our widgets share with the page.

Each is synchronized, has to say what it is for, changes under its widget's lock, and words its refusals as
the rest of the package does. Whatever assigns one, a person or the page, goes through the widget's `_change`,
which may refuse.

    steps: int = Whole(512, min=1, help="Number of updates.")

The annotation is the type of the value; that the names below are `Any` to type checkers is what allows it.
"""

from __future__ import annotations

import math
import numbers
import operator
from typing import Any, NoReturn

import traitlets

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, out_of_range

_Trait: Any = traitlets.TraitType


class _Shared(_Trait):
    """What all of them have in common.

    Args:
        help: What the trait is for.
        output: Only the widget itself sets it (with `set_trait`); elsewhere it can be read and observed.
    """

    expected = "another value"

    def __init__(self, *args: Any, help: str, output: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, help=help, read_only=output, **kwargs)
        self.tag(sync=True)

    def __set__(self, obj: Any, value: Any) -> None:
        if self.read_only:
            raise ArgumentError(f"{self.name} cannot be set.", "It only says how things are.")
        super().__set__(obj, value)

    def set(self, obj: Any, value: Any) -> None:
        # ipywidgets replaces parts of a widget while it handles a message, so a change from another thread at
        # that moment would be lost, or overtake one that came before it.
        with obj._lock:
            if self.read_only or obj._is_committing(self.name, value):
                super().set(obj, value)
            else:
                obj._change({self.name: value})

    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> NoReturn:
        raise ArgumentError(f"{self.name} cannot be {value!r}.", f"Expected {self.expected}.")


class _Text(_Shared, traitlets.Unicode):  # type: ignore[type-arg]
    expected = "text"


class _Flag(_Shared, traitlets.Bool):  # type: ignore[type-arg]
    expected = "True or False"


class _Data(_Shared, traitlets.Bytes):
    expected = "bytes"


class _Records(_Shared, traitlets.List):  # type: ignore[type-arg]
    expected = "a list"


class _Record(_Shared, traitlets.Dict):
    expected = "a dict"


class _Real(_Shared, traitlets.Float):  # type: ignore[type-arg]
    expected = "a number"

    def validate(self, obj: Any, value: Any) -> float | None:
        if value is None and self.allow_none:
            return None
        return real(self.name or "", value, self.min, self.max)


class _Choice(_Shared, traitlets.Enum):  # type: ignore[type-arg]
    def error(self, obj: Any, value: Any, error: Any = None, info: Any = None) -> NoReturn:
        words = [str(word) for word in self.values or ()]
        raise ArgumentError(f"{self.name} cannot be {value!r}.", did_you_mean(str(value), words))


class _Whole(_Shared, traitlets.Int):  # type: ignore[type-arg]
    expected = "a whole number"

    def validate(self, obj: Any, value: Any) -> int:
        return whole(self.name or "", value, self.min, self.max)


Text: Any = _Text
"""Text."""

Flag: Any = _Flag
"""True or False."""

Data: Any = _Data
"""Bytes."""

Records: Any = _Records
"""A list that JSON can hold, replaced as a whole."""

Record: Any = _Record
"""A dict that JSON can hold, replaced as a whole."""

Real: Any = _Real
"""A finite number from `min` to `max`, both included. NumPy's numbers do as well; True does not."""

Choice: Any = _Choice
"""One of a few words."""

Whole: Any = _Whole
"""A whole number from `min` to `max`, both included. NumPy's integers do as well; True and 1.5 do not."""


def whole(name: str, value: Any, low: int | None, high: int | None, *, owner: str = "") -> int:
    """`value` as an int, checked.

    Raises:
        ArgumentError: If it is not a whole number.
        OutOfRangeError: If it is not in `[low, high]`; None stands for no limit.
    """
    if isinstance(value, bool):
        raise ArgumentError(f"{name} cannot be {value!r}.", "Expected a whole number.")
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name} cannot be {value!r}.", "Expected a whole number.") from None
    if low is not None and high is not None and not low <= number <= high:
        raise out_of_range(name, number, low, high, owner=owner)
    if low is not None and number < low:
        raise OutOfRangeError(f"{name} {number} is out of range.", f"Expected a whole number from {low} up.")
    return number


def real(name: str, value: Any, low: float, high: float) -> float:
    """`value` as a float, checked.

    Raises:
        ArgumentError: If it is not a finite number.
        OutOfRangeError: If it is not in `[low, high]`.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ArgumentError(f"{name} cannot be {value!r}.", "Expected a number.")
    number = float(value)
    if not low <= number <= high:
        above = f"from {low:g} to {high:g}" if math.isfinite(high) else f"from {low:g} up"
        raise OutOfRangeError(f"{name} {number:g} is out of range.", f"Expected a number {above}.")
    return number
