"""Tokens of the text form, and the values of literals."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NoReturn

from lucid_widgets.errors import ExpressionError

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<array>\.\.\.)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<unit>[A-Za-z_][A-Za-z_0-9./@]*(?::[A-Za-z_0-9]+)?:[0-9]{1,10})
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<sign>[-+*/(),=\[\]])""",
    re.VERBOSE,
)
_QUOTE = re.compile(r"""\\.|\"""")
_QUOTE_IN_JSON = {"\\'": "'", '"': '\\"'}
_MAX_DIGITS = 300

MAX_SHOWN = 40
"""Most characters of a token in an error message."""


@dataclass(frozen=True)
class Token:
    """A token of a text.

    Attributes:
        kind: "number", "unit" (for `layer:channel`), "name", "string", "array" (for `...`), "end", or the sign itself.
        text: The characters of the token.
        position: Index of its first character.
    """

    kind: str
    text: str
    position: int

    @property
    def end(self) -> int:
        """Index after the last character."""
        return self.position + len(self.text)


def tokenize(text: str, example: str) -> list[Token]:
    """Return the tokens of a text without white space; the last one is of kind "end".

    Args:
        text: The text.
        example: What to write, for the error.

    Raises:
        ExpressionError: If a character cannot begin a token.
    """
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            fail(text, position, f"{text[position]!r} is not expected here.", example)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(match.group() if kind == "sign" else kind, match.group(), position))
        position = match.end()
    return [*found, Token("end", "", len(text))]


def number_value(token: Token) -> float:
    """Return the number that a token stands for: an int if it is written with digits alone.

    Raises:
        ValueError: If the number has more digits than anybody would write.
    """
    if token.text.isdigit():
        if len(token.text) > _MAX_DIGITS:
            raise ValueError("too many digits")
        return int(token.text)
    return float(token.text)


def string_value(token: Token) -> str:
    """Return the string that a token stands for.

    Raises:
        ValueError: If it has an escape sequence that JSON does not have.
    """
    # Quotes are escaped as JSON requires, whichever kind encloses the string. JSON's other escapes are a subset of
    # Python's; strict=False accepts control characters such as tabs.
    body = _QUOTE.sub(lambda match: _QUOTE_IN_JSON.get(match[0], match[0]), token.text[1:-1])
    return str(json.loads(f'"{body}"', strict=False))


def fail(text: str, position: int, message: str, hint: str = "") -> NoReturn:
    """Raise the `ExpressionError` for a character of a text."""
    raise ExpressionError(message, hint, text=text, position=position)


__all__ = ["MAX_SHOWN", "Token", "fail", "number_value", "string_value", "tokenize"]
