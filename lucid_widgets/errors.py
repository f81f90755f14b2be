"""How mistakes are worded: what happened, what was expected, what to do, with the nearest right name.

Every error that this package raises on purpose is a `LucidError`, and also the built-in exception
(`ValueError`, `ArithmeticError`, ...) that a caller would expect to catch.
"""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable, Sequence
from typing import Any

_MOST_NAMES = 12


class LucidError(Exception):
    """Base of the errors that this package raises on purpose.

    Args:
        message: What happened and what was expected, as sentences.
        hint: What to do about it; printed after the message, and shown on a line of its own by the widgets.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ModelError(LucidError, ValueError):
    """A model that cannot be used as it is."""


class UnknownNameError(LucidError, ValueError):
    """A layer, an objective, a label ... that does not exist."""


class OutOfRangeError(LucidError, ValueError):
    """A channel, a batch index, a size ... outside its valid range."""


class ArgumentError(LucidError, ValueError):
    """An argument of the wrong kind or value."""


class NonFiniteObjectiveError(LucidError, ArithmeticError):
    """The objective, or its gradient, became NaN or infinite. `step` is the step at which it did."""

    def __init__(self, message: str, hint: str = "", *, step: int) -> None:
        super().__init__(message, hint)
        self.step = step


class ExpressionError(LucidError, ValueError):
    """An objective's text that cannot be parsed. `position` is the offending character's index."""

    def __init__(self, message: str, hint: str = "", *, text: str = "", position: int = 0) -> None:
        super().__init__(message, hint)
        self.text = text
        self.position = position


def closest(name: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """The `count` names in `known` that look most like `name`, the best first; an empty list where none does."""
    lowered = {other.lower(): other for other in known}
    target = name.lower()
    contained = sorted((k for k in lowered if target and (target in k or k in target)), key=len)
    similar = difflib.get_close_matches(target, lowered, n=count, cutoff=0.5)
    ranked = dict.fromkeys([*similar, *contained])
    return [lowered[key] for key in list(ranked)[:count]]


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A sentence that helps somebody who typed `name`: the nearest names, or else all (or some) of them."""
    near = closest(name, known)
    if near:
        return f"Did you mean {either(near)}?"
    if not known:
        return ""
    shown = ", ".join(map(repr, known[:_MOST_NAMES]))
    more = len(known) - _MOST_NAMES
    return f"There is {shown}{f' and {more} more' if more > 0 else ''}."


def either(names: Sequence[str]) -> str:
    """`'a', 'b' or 'c'`, quoted."""
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def unknown_name(kind: str, name: str, owner: str, known: Sequence[str]) -> UnknownNameError:
    """The error for a name that `owner` does not have, such as a layer of a model.

    >>> print(unknown_name("layer", "mixed4", "InceptionV1", ["conv2d0", "mixed4a"]))
    InceptionV1 has no layer named 'mixed4'. Did you mean 'mixed4a'?
    """
    return UnknownNameError(f"{owner} has no {kind} named {name!r}.", did_you_mean(name, known))


def out_of_range(what: str, value: object, low: int, high: int, *, owner: str = "") -> OutOfRangeError:
    """The error for a number outside `[low, high]`, both ends included.

    >>> print(out_of_range("Channel", 600, 0, 511, owner="layer 'mixed4a'"))
    Channel 600 is out of range. Expected a whole number from 0 to 511 for layer 'mixed4a'.
    """
    whom = f" for {owner}" if owner else ""
    return OutOfRangeError(f"{what} {value!r} is out of range.", f"Expected a whole number from {low} to {high}{whom}.")


def whole_number(name: str, value: Any, expected: str = "Expected a whole number.") -> int:
    """`value` as an int, whichever kind of integer it is; an `ArgumentError` for anything else."""
    try:
        return operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name} is {value!r}.", expected) from None


def at_least(name: str, value: Any, low: int) -> int:
    """`value` as an int of at least `low`, or an error that names the argument."""
    number = whole_number(name, value, f"Expected a whole number from {low} up.")
    if number < low:
        raise OutOfRangeError(f"{name} is {number}.", f"Expected a whole number from {low} up.")
    return number
