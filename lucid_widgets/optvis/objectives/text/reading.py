"""Entry points of the text form: `parse` returns an objective, `read` also says where its leaves are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lucid_widgets.errors import ExpressionError
from lucid_widgets.optvis.objectives.arguments import is_too_large
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.text.grammar import Parser
from lucid_widgets.optvis.objectives.text.names import Names
from lucid_widgets.optvis.objectives.text.places import Place
from lucid_widgets.optvis.objectives.text.short_form import is_short_form, parse_short_form
from lucid_widgets.optvis.objectives.tree import Objective, read_text_with

MAX_LENGTH = 80_000
"""Most characters of a text: enough for a thousand terms, or for a direction in 4,096 channels."""

MAX_NAME = 1000
"""Most characters of a text that is looked up as the name of a class or a layer."""


def parse(text: str, arrays: Sequence[Any] = (), *, model: Any = None) -> Objective:
    """Return the objective that a text describes.

    Args:
        text: "layer:channel", or an expression in the grammar of this package.
        arrays: The array for each `...` in the text, from left to right. Default: none.
        model: A `Model`, whose classes, layers and unique ends of layers can be named too. Default: none.

    Raises:
        ExpressionError: If the text cannot be parsed. Its `position` is the index of the offending character.

    Example:
        >>> parse('channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)')
        channel("mixed4a", 152) - 0.5 * channel("mixed4a", 30)
    """
    return read(text, arrays, model=model)[0]


def read(text: str, arrays: Sequence[Any] = (), *, model: Any = None) -> tuple[Objective, list[Place]]:
    """Return the objective that a text describes, and the place of each of its leaves in the text, from left to right.

    Args and Raises: As for `parse`.
    """
    names = Names(model)
    if not text.strip():
        raise ExpressionError("The objective is empty.", names.example, text=text)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"The objective has {len(text):,} characters.", f"Expected at most {MAX_LENGTH:,}.", text=text[:80]
        )
    whole = None if len(text) > MAX_NAME else names.objective(text.strip())  # a name may have spaces and dashes
    if whole is not None or is_short_form(text):
        leaf = whole or parse_short_form(text, names)
        return leaf, [Place(leaf, 0, len(text))]
    parser = Parser(text, arrays, names)
    return parser.parse(), parser.places


def large_arrays(objective: Objective) -> Iterator[Any]:
    """Yield the arrays that the text of an objective shows as `...`, in the order in which `parse` expects them."""
    for leaf in objective.leaves():
        if isinstance(leaf, Call):
            yield from (value for value in leaf.arguments.values() if is_too_large(value))


read_text_with(parse)

__all__ = ["MAX_LENGTH", "large_arrays", "parse", "read"]
