"""Objectives as lists of weighted terms, the form in which the builder edits them.

    channel("mixed4a", 152) - 0.5 * total_variation()

has two terms: `channel`, and `total_variation` with weight 0.5, subtracted. Sums of weighted objectives of this package
split into their terms. A product, or a function written by the user, is a single term of kind "custom".

`objective_of(terms_of(objective)) == objective`, with two exceptions, which have the same value in another form: an
explicit weight of 1 is dropped, and a weight in front of parentheses is multiplied into them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lucid_widgets.errors import ArgumentError, UnknownNameError, did_you_mean, finite_number
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.registry import OBJECTIVES, is_registered
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.tree import Constant, Objective, Scaled, Sum

CUSTOM = "custom"
"""Kind of a term that is not split further. Its argument is `text`, or `objective` if it has no text form."""

NUMBER = "number"
"""Kind of a plain number. The number is the weight; it changes the value of the objective but not the image."""


@dataclass(frozen=True)
class Term:
    """One weighted part of an objective.

    Args:
        kind: Name of an objective of this package, such as "channel", or "custom" or "number".
        arguments: Arguments of that objective. Some may be missing while a user edits the term. Default: none.
        weight: A finite number of at least 0. Default: 1.
        negative: Whether the term is subtracted. Default: False.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1
    negative: bool = False

    @property
    def unweighted(self) -> Objective:
        """The objective that the weight multiplies.

        Raises:
            LucidError: If the kind is unknown, or an argument is missing or wrong.
        """
        if self.kind == NUMBER:
            return Constant(1)
        if self.kind == CUSTOM:
            whole = self.arguments.get("objective")
            return whole if isinstance(whole, Objective) else parse(self.arguments.get("text") or "")
        if self.kind not in OBJECTIVES:
            known = [*OBJECTIVES, CUSTOM, NUMBER]
            raise UnknownNameError(f"There is no objective named {self.kind!r}.", did_you_mean(str(self.kind), known))
        return OBJECTIVES[self.kind](**self.arguments)

    @property
    def objective(self) -> Objective:
        """The term as an objective, with its weight and sign.

        Raises:
            LucidError: If the kind is unknown, an argument is missing or wrong, or the weight is invalid.
        """
        weight = self.weight
        finite_number("weight of a term", weight, 0)
        signed = -weight if self.negative else weight
        if self.kind == NUMBER:
            return Constant(signed)
        return self.unweighted if signed == 1 else signed * self.unweighted


def terms_of(objective: Objective) -> list[Term]:
    """Split an objective into its terms.

    Args:
        objective: Any objective.

    Returns:
        At least one term, from left to right.

    Example:
        >>> [term.kind for term in terms_of(parse('channel("mixed4a", 152) - 0.5 * L1()'))]
        ['channel', 'L1']
    """
    return _split(objective, 1)


def objective_of(terms: Iterable[Term]) -> Objective:
    """Return the sum of terms as an objective.

    Args:
        terms: At least one term that is not a number.

    Raises:
        LucidError: If there are no terms, one of them is incomplete or wrong, or all of them are numbers.
    """
    total = Objective.sum(term.objective for term in terms)
    if isinstance(total, Constant):
        raise ArgumentError("A number alone cannot be maximized.", "Add a term that depends on the network.")
    return total


def _split(objective: Objective, factor: float) -> list[Term]:
    if isinstance(objective, Sum):
        return [term for part in objective.parts for term in _split(part, factor)]
    if isinstance(objective, Scaled):
        return _split(objective.term, factor * objective.weight.value)
    signed = factor * objective.value if isinstance(objective, Constant) else factor
    sign: dict[str, Any] = {"weight": abs(signed), "negative": math.copysign(1, signed) < 0}
    if isinstance(objective, Constant):
        return [Term(NUMBER, **sign)]
    if isinstance(objective, Call) and is_registered(objective):
        return [Term(objective.maker.name, dict(objective.arguments), **sign)]
    return [Term(CUSTOM, {"objective": objective}, **sign)]


__all__ = ["CUSTOM", "NUMBER", "Term", "objective_of", "terms_of"]
