"""Calls of objectives by name, and where they are written in a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ExpressionError, LucidError
from lucid_widgets.optvis.objectives.registry import OBJECTIVES
from lucid_widgets.optvis.objectives.tree import Objective


@dataclass(frozen=True)
class Place:
    """Where a leaf of an objective is written.

    Attributes:
        leaf: The leaf.
        start: Index of its first character in the text.
        end: Index after its last character.
    """

    leaf: Objective
    start: int
    end: int


def call_by_name(text: str, position: int, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Objective:
    """Call a registered objective maker; its errors become errors of the text at `position`.

    Args:
        text: The text that is being parsed.
        position: Index of the call in the text.
        name: A name in `OBJECTIVES`.
        args: Positional arguments.
        kwargs: Keyword arguments.

    Raises:
        ExpressionError: If the maker does not accept the arguments.
    """
    try:
        return OBJECTIVES[name](*args, **kwargs)
    except LucidError as error:
        raise ExpressionError(error.message, error.hint, text=text, position=position) from error


__all__ = ["Place", "call_by_name"]
