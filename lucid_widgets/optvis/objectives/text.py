"""The text form of an objective, read without `eval`.

    expression := term (("+" | "-") term)*
    term       := factor (("*" | "/") factor)*
    factor     := ("+" | "-") factor | number | call | "(" expression ")"
    call       := name "(" [argument ("," argument)*] ")"
    argument   := [name "="] value
    value      := ["+" | "-"] number | string | "None" | "True" | "False" | "[" [value ("," value)*] "]" | "..."

and, as a whole text, Lucid's short form `layer:channel`. Only the names in `objectives_util.OBJECTIVES` can be called.
`parse(repr(objective)) == objective` for whatever is made of them. An array too large to write stands in the text as
"...", and whoever has it at hand passes it to `parse` beside the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from lucid_widgets.errors import ExpressionError, LucidError, did_you_mean
from lucid_widgets.optvis.objectives import batch, directions, image, units
from lucid_widgets.optvis.objectives.maker import OBJECTIVES, Call, is_too_large
from lucid_widgets.optvis.objectives.tree import Constant, Objective

MAX_LENGTH = 80_000
"""Characters that an expression may have: enough for a thousand terms, or for a direction in 4,096 channels."""

MAX_DEPTH = 50
"""Parentheses, brackets and signs that may be open at once."""

_EXAMPLE = "Expected 'layer:channel', such as 'mixed4a:476', or an expression such as channel(\"mixed4a\", 476)."
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<array>\.\.\.)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<sign>[-+*/(),=\[\]])""",
    re.VERBOSE,
)
_QUOTE = re.compile(r"""\\.|\"""")
_QUOTE_IN_JSON = {"\\'": "'", '"': '\\"'}
_CONSTANTS = {"None": None, "True": True, "False": False}

# Imported, they are known: each registers what it defines.
KNOWN = (batch, directions, image, units)


def parse(text: str, arrays: Sequence[Any] = ()) -> Objective:
    """Reads the text form of an objective.

    Args:
        text: "layer:channel", or an expression in the grammar above.
        arrays: What each "..." in the text stands for, from left to right.

    Returns:
        An `Objective`.

    Raises:
        ExpressionError: With the `position` of what could not be read.

    Example:
        >>> parse('channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)')
        channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)
    """
    return read(text, arrays)[0]


def read(text: str, arrays: Sequence[Any] = ()) -> tuple[Objective, list[Place]]:
    """As `parse`; also says where in the text each of the objective's leaves stands, from left to right."""
    if not text.strip():
        raise ExpressionError("The objective is empty.", _EXAMPLE, text=text)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"The objective has {len(text):,} characters.",
            f"At most {MAX_LENGTH:,} can be read.",
            text=text[:80],
        )
    if _is_short(text):
        leaf = _short_form(text)
        return leaf, [Place(leaf, 0, len(text))]
    parser = _Parser(text, arrays)
    return parser.parse(), parser.places


def large_arrays(objective: Objective) -> Iterator[Any]:
    """The arrays of an objective that its text has only as "...", from left to right: what `parse` wants back."""
    for leaf in objective.leaves():
        if isinstance(leaf, Call):
            yield from (value for value in leaf.arguments.values() if is_too_large(value))


def single_channel(objective: Objective) -> tuple[str, int] | None:
    """The layer and channel of an objective that is one channel and nothing more; None for any other."""
    if isinstance(objective, Call) and objective.maker is units.channel:
        arguments = objective.arguments
        if arguments["batch"] is None:
            return arguments["layer"], arguments["n_channel"]
    return None


def _is_short(text: str) -> bool:
    # Not a regular expression: with three stretches that may all be spaces it takes cubic time to refuse a text.
    layer, _, _ = text.partition(":")
    return text.count(":") == 1 and bool(layer.strip()) and not any(mark in text for mark in "\"'()")


def _short_form(text: str) -> Objective:
    layer, _, number = (part.strip() for part in text.partition(":"))
    if not number:
        raise ExpressionError(
            f"{layer[:40] + ':'!r} names a layer but no channel.",
            f"Expected a number after the colon, such as '{layer[:40]}:0'.",
            text=text,
            position=len(text.rstrip()),
        )
    at = text.index(number, text.index(":"))
    if not _WHOLE.fullmatch(number):
        raise ExpressionError(
            f"{number[:40]!r} is not a channel.", "Expected a whole number from 0 up.", text=text, position=at
        )
    if int(number) < 0:
        raise ExpressionError(f"Channel {number} is out of range.", "Channels count from 0.", text=text, position=at)
    return _called(text, at, units.channel.name, [layer, int(number)], {})


def _called(text: str, at: int, name: str, args: list[Any], kwargs: dict[str, Any]) -> Objective:
    try:
        return OBJECTIVES[name](*args, **kwargs)
    except LucidError as error:
        raise ExpressionError(error.message, error.hint, text=text, position=at) from error


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Place:
    """A leaf of an objective, and the part of the text, from `start` to before `end`, that says it."""

    leaf: Objective
    start: int
    end: int


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, arrays: Sequence[Any]) -> None:
        self.source = text
        self.arrays = list(arrays)
        self.places: list[Place] = []
        self.tokens = self._tokens()
        self.next = 0
        self.depth = 0

    def parse(self) -> Objective:
        result = self._expression()
        self._expect_end()
        first = next((token for token in self.tokens if token.kind == "array"), None)
        if first and self.arrays:  # with one of several gone, nobody can tell which the others are
            self._fail(first, "There are fewer '...' than arrays.", "Remove such a term as a whole, or all of them.")
        if isinstance(result, Constant):
            self._fail(self.tokens[0], "A number alone is nothing to maximize.", _EXAMPLE)
        return result

    # Tokens.

    def _tokens(self) -> list[_Token]:
        found, at = [], 0
        while at < len(self.source):
            match = _TOKEN.match(self.source, at)
            if not match:
                self._fail(_Token("", self.source[at], at), f"{self.source[at]!r} is not expected here.", _EXAMPLE)
            kind = str(match.lastgroup)
            if kind != "space":
                found.append(_Token(match.group() if kind == "sign" else kind, match.group(), at))
            at = match.end()
        return [*found, _Token("end", "", len(self.source))]

    @property
    def _token(self) -> _Token:
        return self.tokens[self.next]

    def _accept(self, *kinds: str) -> _Token | None:
        token = self._token
        if token.kind not in kinds:
            return None
        self.next += 1
        return token

    def _expect(self, kind: str, hint: str) -> _Token:
        token = self._accept(kind)
        return token if token else self._unexpected(hint)

    def _expect_end(self) -> None:
        if self._token.kind != "end":
            if self._token.kind == ")":
                self._fail(self._token, "This ')' closes nothing.", "Remove it, or open a parenthesis before.")
            self._unexpected("Expected '+', '-' or '*' between terms.")

    def _unexpected(self, hint: str) -> NoReturn:
        token = self._token
        what = "The text ends too early." if token.kind == "end" else f"{token.text[:40]!r} is not expected here."
        self._fail(token, what, hint)

    def _fail(self, token: _Token, message: str, hint: str = "") -> NoReturn:
        raise ExpressionError(message, hint, text=self.source, position=token.at)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail(
                self._token,
                "The expression is nested too deeply.",
                f"At most {MAX_DEPTH} levels can be read.",
            )

    # Grammar.

    def _expression(self) -> Objective:
        result = self._term()
        while sign := self._accept("+", "-"):
            right = self._term()
            result = self._apply(sign, result, right)
        return result

    def _term(self) -> Objective:
        result = self._factor()
        while sign := self._accept("*", "/"):
            right = self._factor()
            if sign.kind == "/" and not isinstance(right, Constant):
                self._fail(sign, "An objective can be divided by a number only.")
            result = self._apply(sign, result, right)
        return result

    def _apply(self, sign: _Token, left: Objective, right: Objective) -> Objective:
        try:
            match sign.kind:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
            return left / right  # type: ignore[operator]
        except LucidError as error:
            self._fail(sign, error.message, error.hint)

    def _factor(self) -> Objective:
        self._deeper()
        result = self._factor_inside()
        self.depth -= 1
        return result

    def _factor_inside(self) -> Objective:
        if sign := self._accept("+", "-"):
            operand = self._factor()
            return -operand if sign.kind == "-" else operand
        if token := self._accept("number"):
            return self._constant(token)
        if self._accept("("):
            result = self._expression()
            self._expect(")", "Expected ')'.")
            return result
        if token := self._accept("name"):
            return self._call(token)
        return self._unexpected(_EXAMPLE)

    def _constant(self, token: _Token) -> Objective:
        try:
            return Constant(_number(token.text))
        except (LucidError, ValueError):
            self._fail(token, "This number is too large.", "Expected a finite number.")

    def _call(self, name: _Token) -> Objective:
        if name.text not in OBJECTIVES:
            if len(self.tokens) == 2:
                self._fail(name, f"{name.text[:40]!r} alone is no objective.", _EXAMPLE)
            self._fail(
                name,
                f"There is no objective named {name.text[:40]!r}.",
                did_you_mean(name.text[:40], list(OBJECTIVES)),
            )
        self._expect("(", f"Expected '(' after {name.text}.")
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        while not self._accept(")"):
            if args or kwargs:
                self._expect(",", "Expected ',' or ')'.")
            if self._token.kind == "name" and self.tokens[self.next + 1].kind == "=":
                key = self._token
                self.next += 2
                if key.text in kwargs:
                    self._fail(key, f"{key.text!r} is given twice.")
                kwargs[key.text] = self._value()
            elif kwargs:
                self._fail(self._token, "A value without a name cannot follow one with a name.")
            else:
                args.append(self._value())
        made = _called(self.source, name.at, name.text, args, kwargs)
        last = self.tokens[self.next - 1]
        self.places.append(Place(made, name.at, last.at + len(last.text)))
        return made

    def _value(self) -> Any:
        self._deeper()
        result = self._value_inside()
        self.depth -= 1
        return result

    def _value_inside(self) -> Any:
        if sign := self._accept("+", "-"):
            number = self._expect("number", "Expected a number.")
            value = self._finite(number)
            return -value if sign.kind == "-" else value
        if token := self._accept("number"):
            return self._finite(token)
        if token := self._accept("string"):
            return self._string(token)
        if token := self._accept("array"):
            return self._array(token)
        if self._accept("["):
            values: list[Any] = []
            while not self._accept("]"):
                if values:
                    self._expect(",", "Expected ',' or ']'.")
                values.append(self._value())
            return values
        if self._token.kind == "name" and self._token.text in _CONSTANTS:
            return _CONSTANTS[self._expect("name", "").text]
        if self._token.kind == "name":
            self._fail(
                self._token,
                f"{self._token.text[:40]!r} is not a value.",
                "Expected a number, or text in quotes.",
            )
        return self._unexpected("Expected a number, or text in quotes.")

    def _array(self, token: _Token) -> Any:
        if not self.arrays:
            self._fail(token, "'...' stands for an array that is not known here.", "Give the objective from Python.")
        return self.arrays.pop(0)

    def _finite(self, token: _Token) -> float:
        self._constant(token)
        return _number(token.text)

    def _string(self, token: _Token) -> str:
        # Quotes are escaped as JSON wants them, whichever kind encloses the text.
        body = _QUOTE.sub(lambda match: _QUOTE_IN_JSON.get(match[0], match[0]), token.text[1:-1])
        try:
            # JSON's other escapes are a part of Python's; strict=False lets a tab stand for itself.
            return str(json.loads(f'"{body}"', strict=False))
        except ValueError:
            self._fail(token, "This text has an escape that cannot be read.", 'Write \\" and \\\\ only.')


def _number(text: str) -> float:
    if text.isdigit():
        if len(text) > 300:
            raise ValueError("too many digits")
        return int(text)
    return float(text)
