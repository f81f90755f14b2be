"""Mistakes in the text of an objective, with their positions."""

from __future__ import annotations

import re
from typing import Any

from lucid_widgets.errors import ExpressionError, LucidError
from lucid_widgets.misc.outside import quoted
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.text import Place, large_arrays
from lucid_widgets.optvis.objectives.text import read as read_places
from lucid_widgets.widgets._core.commands import error_report


def check(text: str, model: Model, current: Objective, batch: int | None) -> dict[str, Any] | None:
    """Check the text of an objective while it is typed.

    Args:
        text: The text.
        model: The model whose layers it may name.
        current: The current objective. Arrays written as "..." in the text are taken from it.
        batch: Number of images; None if unknown.

    Returns:
        An error report with the `position` and `length` of the characters to mark; None if nothing is wrong.
    """
    try:
        _, places = read_places(text, [*large_arrays(current)], model=model)
    except ExpressionError as error:
        return {**error_report(error), "position": error.position, "length": 0}
    for place in places:
        try:
            place.leaf.validate(model, batch)
        except LucidError as error:
            start, length = _culprit(text, place, error)
            return {**error_report(error), "position": start, "length": length}
    return None


def _culprit(text: str, place: Place, error: LucidError) -> tuple[int, int]:
    """Start and length of the argument that an error message quotes; of the whole term if it quotes none."""
    arguments = place.leaf.arguments.values() if isinstance(place.leaf, Call) else ()
    for value in arguments:
        if isinstance(value, (str, int)) and re.search(rf"(?<!\w){re.escape(repr(value))}(?!\w)", error.message):
            for written in (quoted(str(value)) if isinstance(value, str) else str(value), repr(value)):
                found = re.compile(rf"(?<!\w){re.escape(written)}(?!\w)").search(text, place.start, place.end)
                if found:
                    return found.start(), len(written)
    return place.start, place.end - place.start
