"""Recursive-descent parser for the text form of objectives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from lucid_widgets.errors import LucidError, closest, did_you_mean, either
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.text.names import Names
from lucid_widgets.optvis.objectives.text.places import Place, call_by_name
from lucid_widgets.optvis.objectives.text.tokens import MAX_SHOWN, Token, fail, number_value, string_value, tokenize
from lucid_widgets.optvis.objectives.tree import Constant, Objective

MAX_DEPTH = 50
"""Most parentheses, brackets and signs that may be open at once."""

MAX_TERMS = 2000
"""Most numbers and terms. The program of a longer formula would take minutes to compile."""

_CONSTANTS = {"None": None, "True": True, "False": False}


class Parser:
    """Parses one text. The methods follow the rules of the grammar in `objectives.text`.

    Args:
        text: The text.
        arrays: The array for each `...` in it, from left to right.
        names: Names of the model's classes and layers.

    Attributes:
        places: Where the leaves of the objective are written, from left to right; filled by `parse`.
    """

    def __init__(self, text: str, arrays: Sequence[Any], names: Names) -> None:
        self.text = text
        self.arrays = list(arrays)
        self.places: list[Place] = []
        self.names = names
        self.terms = 0
        self.tokens = tokenize(text, names.example)
        self.next = 0
        self.depth = 0

    def parse(self) -> Objective:
        """Return the objective.

        Raises:
            ExpressionError: If the text cannot be parsed.
        """
        result = self._expression()
        self._expect_end()
        first = next((token for token in self.tokens if token.kind == "array"), None)
        if first and self.arrays:  # one of several was deleted, and the text does not say which
            self._fail(first, "There are fewer '...' than arrays.", "Remove such a term as a whole, or all of them.")
        if isinstance(result, Constant):
            self._fail(self.tokens[0], "A number alone cannot be maximized.", self.names.example)
        return result

    # Grammar.

    def _expression(self) -> Objective:
        result = self._term()
        while sign := self._accept("+", "-"):
            result = self._apply(sign, result, self._term())
        return result

    def _term(self) -> Objective:
        result = self._factor()
        while sign := self._accept("*", "/"):
            right = self._factor()
            if sign.kind == "/" and not isinstance(right, Constant):
                self._fail(sign, "An objective can only be divided by a number.")
            result = self._apply(sign, result, right)
        return result

    def _factor(self) -> Objective:
        self._deeper()
        result = self._factor_inside()
        self.depth -= 1
        return result

    def _factor_inside(self) -> Objective:
        if sign := self._accept("+", "-"):
            operand = self._factor()
            return -operand if sign.kind == "-" else operand
        if self._token.kind in ("number", "unit", "name"):
            self._one_more_term()
        if token := self._accept("number"):
            return self._constant(token)
        if self._accept("("):
            result = self._expression()
            self._expect(")", "Expected ')'.")
            return result
        if token := self._accept("unit"):
            return self._channel(token)
        if token := self._accept("name"):
            return self._call(token)
        return self._unexpected(self.names.example)

    def _channel(self, unit: Token) -> Objective:
        layer, _, number = unit.text.rpartition(":")
        made = call_by_name(self.text, unit.position, "channel", [self.names.layer(layer.strip()), int(number)], {})
        self.places.append(Place(made, unit.position, unit.end))
        return made

    def _call(self, name: Token) -> Objective:
        shown = name.text[:MAX_SHOWN]
        if name.text not in OBJECTIVES:
            named = self.names.objective(name.text) if self._token.kind != "(" else None
            if named is not None:
                self.places.append(Place(named, name.position, name.end))
                return named
            if len(self.tokens) == 2:
                self._fail(name, f"{shown!r} alone is not an objective.", self._alone(name.text))
            self._fail(name, f"There is no objective named {shown!r}.", did_you_mean(shown, list(OBJECTIVES)))
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
                self._fail(self._token, "A positional argument cannot follow a keyword argument.")
            else:
                args.append(self._value())
        made = call_by_name(self.text, name.position, name.text, args, kwargs)
        self.places.append(Place(made, name.position, self.tokens[self.next - 1].end))
        return made

    def _alone(self, name: str) -> str:
        near = closest(name, self.names.suggestions)
        return f"Did you mean {either(near)}? {self.names.example}" if near else self.names.example

    def _value(self) -> Any:
        self._deeper()
        result = self._value_inside()
        self.depth -= 1
        return result

    def _value_inside(self) -> Any:
        if sign := self._accept("+", "-"):
            value = self._finite(self._expect("number", "Expected a number."))
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
        hint = "Expected a number, or text in quotes."
        if self._token.kind == "name":
            self._fail(self._token, f"{self._token.text[:MAX_SHOWN]!r} is not a value.", hint)
        return self._unexpected(hint)

    # Values of tokens.

    def _apply(self, sign: Token, left: Objective, right: Objective) -> Objective:
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

    def _constant(self, token: Token) -> Constant:
        try:
            return Constant(number_value(token))
        except (LucidError, ValueError):
            self._fail(token, "This number is too large.", "Expected a finite number.")

    def _finite(self, token: Token) -> float:
        return self._constant(token).value

    def _string(self, token: Token) -> str:
        try:
            return string_value(token)
        except ValueError:
            self._fail(token, "This text has an unknown escape sequence.", 'Expected \\" and \\\\ only.')

    def _array(self, token: Token) -> Any:
        if not self.arrays:
            self._fail(token, "'...' stands for an array that is not known here.", "Set the objective from Python.")
        return self.arrays.pop(0)

    # Tokens.

    @property
    def _token(self) -> Token:
        return self.tokens[self.next]

    def _accept(self, *kinds: str) -> Token | None:
        token = self._token
        if token.kind not in kinds:
            return None
        self.next += 1
        return token

    def _expect(self, kind: str, hint: str) -> Token:
        token = self._accept(kind)
        return token if token else self._unexpected(hint)

    def _expect_end(self) -> None:
        if self._token.kind == ")":
            self._fail(self._token, "This ')' has no matching '('.", "Remove it, or add a '(' before it.")
        if self._token.kind != "end":
            self._unexpected("Expected '+', '-' or '*' between terms.")

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail(self._token, "The expression is nested too deeply.", f"Expected at most {MAX_DEPTH} levels.")

    def _one_more_term(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            self._fail(self._token, "The expression has too many terms.", f"Expected at most {MAX_TERMS:,}.")

    def _unexpected(self, hint: str) -> NoReturn:
        token = self._token
        ended = token.kind == "end"
        self._fail(
            token, "The text ends too early." if ended else f"{token.text[:MAX_SHOWN]!r} is not expected here.", hint
        )

    def _fail(self, token: Token, message: str, hint: str = "") -> NoReturn:
        fail(self.text, token.position, message, hint)


__all__ = ["MAX_DEPTH", "MAX_TERMS", "Parser"]
