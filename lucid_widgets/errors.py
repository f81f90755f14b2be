"""The errors that this package raises, and the helpers that word them.

Every error raised on purpose is a `LucidError`, and also the built-in exception that a caller would expect to
catch (`ValueError`, `ArithmeticError`):

    LucidError                  base of all of them; `message` says what happened, `hint` what to do
    ├── ArgumentError           an argument of the wrong type or value
    ├── OutOfRangeError         a number outside its valid range
    ├── UnknownNameError        a layer, an objective or a label that does not exist
    ├── OperandError            something that cannot be combined with an objective; also a `TypeError`
    ├── UnknownKeywordError     a keyword argument that a function does not have; also a `TypeError`
    ├── MissingFileError        a file to read does not exist; also a `FileNotFoundError`
    ├── ModelError              a model that cannot be used the way it is
    ├── ExpressionError         the text of an objective cannot be parsed
    └── NonFiniteObjectiveError the optimization produced NaN or infinity

Warnings: `SpeedWarning` (something that makes a step faster does not work with this TensorFlow, and is off) and
`GradientWarning` (an image hardly changes, or a probability is maximized).

Wording: say what happened, then what was expected, then what to do, in two short sentences. Values appear in repr.
"""

from __future__ import annotations

import difflib
import math
import numbers
import operator
import os
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = [
    "ArgumentError",
    "ExpressionError",
    "GradientWarning",
    "LucidError",
    "MissingFileError",
    "ModelError",
    "NonFiniteObjectiveError",
    "OperandError",
    "OutOfRangeError",
    "SpeedWarning",
    "UnknownKeywordError",
    "UnknownNameError",
    "closest",
    "did_you_mean",
    "either",
    "finite_number",
    "is_hidden",
    "missing_file",
    "out_of_range",
    "printable",
    "unknown_name",
    "whole_number",
]

# Control characters, halves of surrogate pairs, and separators of lines and paragraphs.
_HIDDEN = ("Cc", "Cs", "Zl", "Zp")
# Marks that embed, override or isolate a direction.
_TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
_DIRECTIONS = "\u061c\u200e\u200f"

_MAX_NAMES = 12
_MAX_REPR = 80


class LucidError(Exception):
    """Base class of the errors that this package raises on purpose.

    Args:
        message: What happened and what was expected, in full sentences.
        hint: What to do about it. It is printed after the message; the widgets show it on its own line.

    Example:
        >>> error = LucidError("InceptionV1 has no layer named 'mixed4'.", "Did you mean 'mixed4a'?")
        >>> str(error)
        "InceptionV1 has no layer named 'mixed4'. Did you mean 'mixed4a'?"
        >>> error.hint
        "Did you mean 'mixed4a'?"
    """

    def __init__(self, message: str, hint: str = "") -> None:
        # Names in messages may come from a stranger's file. Lines and tabs may be part of a message.
        message, hint = printable(message, keep="\n\t"), printable(hint, keep="\n\t")
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ArgumentError(LucidError, ValueError):
    """An argument has the wrong type or value.

    The hint says what the function accepts. A number outside its range raises `OutOfRangeError` instead.
    """


class OperandError(ArgumentError, TypeError):
    """Something was added to an objective, or multiplied by one, that is neither an objective nor a number."""


class OutOfRangeError(LucidError, ValueError):
    """A channel, a batch index, a size or another number is outside its valid range.

    The hint gives the range. Both ends are valid.
    """


class UnknownNameError(LucidError, ValueError):
    """A layer, an objective, a label or a file format does not exist under this name.

    The hint lists the most similar names that do exist. `model.layers` lists the layers of a model.
    """


class UnknownKeywordError(LucidError, TypeError):
    """A function has no keyword argument of this name. The hint suggests the nearest that it has."""


class MissingFileError(LucidError, FileNotFoundError):
    """A file to read does not exist. The hint suggests similar names in the same folder."""


class ModelError(LucidError, ValueError):
    """A model cannot be loaded, or cannot be run on images of the requested size.

    Typical causes are a file that is damaged or not a frozen graph, an unknown input range, an operation that
    TensorFlow cannot run here, and an image too small for a layer with a fixed input size.
    """


class ExpressionError(LucidError, ValueError):
    """The text of an objective cannot be parsed.

    Attributes:
        text: The text.
        position: Index of the first character that could not be parsed.
    """

    def __init__(self, message: str, hint: str = "", *, text: str = "", position: int = 0) -> None:
        super().__init__(message, hint)
        self.text = text
        self.position = position


class NonFiniteObjectiveError(LucidError, ArithmeticError):
    """The objective, its gradient or the updated image became NaN or infinite, and the optimization ended.

    A smaller learning rate often helps. At step 1, look for NaN in the weights of the network.

    Attributes:
        step: The step at which it happened.
    """

    def __init__(self, message: str, hint: str = "", *, step: int) -> None:
        super().__init__(message, hint)
        self.step = step


class SpeedWarning(UserWarning):
    """Rendering is slower than it could be, because TensorFlow lacks a private name that a speed trick needs.

    Images stay the same up to rounding.
    """


class GradientWarning(UserWarning):
    """The gradient of an objective is almost zero, or may become so. The message names a layer that works better."""


def printable(text: str, *, keep: str = "") -> str:
    """Return text with escape sequences in place of control characters and marks that change the direction of text.

    The result is one line, unless `keep` contains a line break, and can be encoded in UTF-8.

    Args:
        text: The text.
        keep: Characters that stay as they are.

    >>> printable("cat\\x1b[2J\\u202e.png")
    'cat\\\\x1b[2J\\\\u202e.png'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each in keep or not is_hidden(each) else repr(each)[1:-1] for each in text)


def is_hidden(character: str) -> bool:
    """Whether a character is a control character, half of a pair, or changes the direction or the line of text."""
    return unicodedata.category(character) in _HIDDEN or (
        character in _DIRECTIONS or unicodedata.bidirectional(character) in _TURNS
    )


def closest(name: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """Return at most `count` names in `known` that resemble `name`, the most similar first; never `name` itself."""
    lowered = {other.lower(): other for other in known if other != name}
    target = name.lower()
    contained = sorted((k for k in lowered if target and (target in k or k in target)), key=len)
    similar = difflib.get_close_matches(target, lowered, n=count, cutoff=0.5)
    ranked = dict.fromkeys([*similar, *contained])
    return [lowered[key] for key in list(ranked)[:count]]


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Hint for an unknown name: the names that resemble it, or a list of valid names if none does.

    >>> did_you_mean("mixd3a", ["mixed3a", "softmax"])
    "Did you mean 'mixed3a'?"
    >>> did_you_mean("zzz", ["mixed3a", "softmax"])
    "Expected 'mixed3a' or 'softmax'."
    """
    known = [other for other in known if other != name]
    near = closest(name, known)
    if near:
        return f"Did you mean {either(near)}?"
    if not known:
        return ""
    more = len(known) - _MAX_NAMES
    if more > 0:
        return f"Expected {', '.join(map(repr, known[:_MAX_NAMES]))} or one of {more} more."
    return f"Expected {either(known)}."


def either(names: Sequence[str]) -> str:
    """Join names as alternatives.

    >>> either(["a", "b", "c"])
    "'a', 'b' or 'c'"
    """
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def unknown_name(kind: str, name: str, owner: str, known: Sequence[str]) -> UnknownNameError:
    """Error for a name that `owner` does not have, such as a layer of a model.

    >>> print(unknown_name("layer", "mixed4", "InceptionV1", ["conv2d0", "mixed4a"]))
    InceptionV1 has no layer named 'mixed4'. Did you mean 'mixed4a'?
    """
    return UnknownNameError(f"{owner} has no {kind} named {name!r}.", did_you_mean(name, known))


def missing_file(path: str | os.PathLike[str]) -> MissingFileError:
    """Error for a file to read that does not exist."""
    folder, name = os.path.split(os.fspath(path))
    if not os.path.isdir(folder or os.curdir):
        return MissingFileError(f"There is no file {os.fspath(path)!r}.", f"There is no folder {folder!r}.")
    near = closest(name, os.listdir(folder or os.curdir))
    hint = f"Did you mean {either([os.path.join(folder, other) for other in near])}?" if near else "Check the path."
    return MissingFileError(f"There is no file {os.fspath(path)!r}.", hint)


def out_of_range(what: str, value: object, low: int, high: int, *, owner: str = "") -> OutOfRangeError:
    """Error for an index outside `[low, high]`.

    >>> print(out_of_range("Channel", 600, 0, 511, owner="layer 'mixed4a'"))
    Channel 600 is out of range. Expected a whole number from 0 to 511 for layer 'mixed4a'.
    """
    return OutOfRangeError(f"{what} {value!r} is out of range.", _expected("a whole number", low, high, owner))


def whole_number(name: str, value: Any, low: int | None = None, high: int | None = None, *, owner: str = "") -> int:
    """Return `value` as an int. Python's and NumPy's integers are accepted; bools and floats are not.

    Args:
        name: The argument, as the error message should name it.
        value: The value to check.
        low: Smallest valid value; default: no limit.
        high: Largest valid value; default: no limit.
        owner: What the range belongs to, such as "layer 'mixed4a'", for the error message.

    Raises:
        ArgumentError: If `value` is not a whole number.
        OutOfRangeError: If it is outside `[low, high]`.

    >>> whole_number("steps", 512, 1)
    512
    >>> whole_number("steps", 0, 1)
    Traceback (most recent call last):
    lucid_widgets.errors.OutOfRangeError: steps is 0. Expected a whole number from 1 up.
    """
    expected = _expected("a whole number", low, high, owner)
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise ArgumentError(f"{name} is {_shortened(value)}.", expected)
    if not _within(number, low, high):
        raise OutOfRangeError(f"{name} is {_shortened(number)}.", expected)
    return number


def finite_number(
    name: str, value: Any, low: float | None = None, high: float | None = None, *, owner: str = ""
) -> float:
    """Return `value` as a float. Real numbers of Python and NumPy are accepted; bools, NaN and infinity are not.

    Takes the same arguments, and raises the same errors, as `whole_number`.

    >>> finite_number("weight", 1)
    1.0
    >>> finite_number("weight", float("nan"), 0)
    Traceback (most recent call last):
    lucid_widgets.errors.ArgumentError: weight is nan. Expected a finite number from 0 up.
    """
    expected = _expected("a finite number", low, high, owner)
    number = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an int beyond the range of a float
            number = math.inf
    if not math.isfinite(number):
        raise ArgumentError(f"{name} is {_shortened(value)}.", expected)
    if not _within(number, low, high):
        raise OutOfRangeError(f"{name} is {number:g}.", expected)
    return number


def _within(number: float, low: float | None, high: float | None) -> bool:
    return (low is None or low <= number) and (high is None or number <= high)


def _expected(what: str, low: float | None, high: float | None, owner: str) -> str:
    low = None if low is not None and math.isinf(low) else low
    high = None if high is not None and math.isinf(high) else high
    if low is None:
        bounds = "" if high is None else f" of at most {_plain(high)}"
    else:
        bounds = f" from {_plain(low)} up" if high is None else f" from {_plain(low)} to {_plain(high)}"
    return f"Expected {what}{bounds}{f' for {owner}' if owner else ''}."


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_REPR else f"{text[: _MAX_REPR - 3]}..."
