"""An objective as a list of terms, and back: what a person edits one by one.

    channel("mixed4a", 152) - 0.5 * total_variation()

are the terms `channel`, and `total_variation` with weight 0.5 and a minus. Whatever is a sum of weighted objectives of
this package can be taken apart; a product, or a function of the user's own, is one term of the kind "custom".

`objective_of(terms_of(objective)) == objective`, with two exceptions, which have the same value in another form: a
weight of exactly 1 is left out, and a weight before parentheses is multiplied into them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.optvis.objectives.arguments import real
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.registry import OBJECTIVES, is_registered
from lucid_widgets.optvis.objectives.text import parse
from lucid_widgets.optvis.objectives.tree import Constant, Objective, Scaled, Sum

CUSTOM = "custom"
"""The kind of a term that holds an objective as a whole: as `text`, or, where it has none, as `objective`."""

NUMBER = "number"
"""The kind of a plain number, which is the term's weight: it moves the objective's value and changes no picture."""


@dataclass(frozen=True)
class Term:
    """One weighted part of an objective.

    Args:
        kind: The name of an objective of this package, such as `"channel"`; or "custom" or "number".
        arguments: What that objective is called with. It may miss some while a person is still at it.
        weight: A finite number from 0 up.
        negative: Whether the term is subtracted.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1
    negative: bool = False

    @property
    def unweighted(self) -> Objective:
        """What the weight is for.

        Raises:
            LucidError: The kind is unknown, or an argument is missing or wrong.
        """
        if self.kind == NUMBER:
            return Constant(1)
        if self.kind == CUSTOM:
            whole = self.arguments.get("objective")
            return whole if isinstance(whole, Objective) else parse(self.arguments.get("text") or "")
        if self.kind not in OBJECTIVES:
            raise unknown_name("kind of term", str(self.kind), "An objective", [*OBJECTIVES, CUSTOM, NUMBER])
        return OBJECTIVES[self.kind](**self.arguments)

    @property
    def objective(self) -> Objective:
        """The term as an objective by itself."""
        weight = self.weight
        if real("A term has weight", weight) < 0:
            raise ArgumentError(f"A term has weight={weight!r}.", "Expected a number from 0 up: the sign is apart.")
        signed = -weight if self.negative else weight
        if self.kind == NUMBER:
            return Constant(signed)
        return self.unweighted if signed == 1 else signed * self.unweighted


def terms_of(objective: Objective) -> list[Term]:
    """Takes an objective apart.

    Args:
        objective: Any.

    Returns:
        Its terms, from left to right, at least one.

    Example:
        >>> [term.kind for term in terms_of(parse('channel("mixed4a", 152) - 0.5 * L1()'))]
        ['channel', 'L1']
    """
    return _apart(objective, 1)


def objective_of(terms: Iterable[Term]) -> Objective:
    """The sum of terms.

    Raises:
        LucidError: There are none, or one of them is wrong, or they are numbers only.
    """
    total = Objective.sum(term.objective for term in terms)
    if isinstance(total, Constant):
        raise ArgumentError("A number alone cannot be maximized.", "Add a term that depends on the network.")
    return total


def _apart(objective: Objective, factor: float) -> list[Term]:
    if isinstance(objective, Sum):
        return [term for part in objective.parts for term in _apart(part, factor)]
    if isinstance(objective, Scaled):
        return _apart(objective.term, factor * objective.weight.value)
    signed = factor * objective.value if isinstance(objective, Constant) else factor
    sign: dict[str, Any] = {"weight": abs(signed), "negative": math.copysign(1, signed) < 0}
    if isinstance(objective, Constant):
        return [Term(NUMBER, **sign)]
    if isinstance(objective, Call) and is_registered(objective):
        return [Term(objective.maker.name, dict(objective.arguments), **sign)]
    return [Term(CUSTOM, {"objective": objective}, **sign)]


__all__ = ["CUSTOM", "NUMBER", "Term", "objective_of", "terms_of"]
