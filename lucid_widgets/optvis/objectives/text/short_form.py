"""Lucid's short form of one channel, `layer:channel`."""

from __future__ import annotations

import re

from lucid_widgets.errors import ExpressionError
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.text.names import Names
from lucid_widgets.optvis.objectives.text.places import call_by_name
from lucid_widgets.optvis.objectives.text.tokens import MAX_SHOWN
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel

_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")


def is_short_form(text: str) -> bool:
    """Whether a text should be parsed as `layer:channel`, not as an expression."""
    # Not a regular expression: one with three runs of spaces takes cubic time to reject a text.
    layer, _, number = text.rpartition(":")
    _, has_port, port = layer.partition(":")
    return (
        bool(layer.strip())
        and not any(mark in text for mark in "\"'()*")
        and not text.lstrip().startswith(("-", "+"))
        and not any(mark in number.strip()[1:] for mark in "-+/")
        and (not has_port or port.isidentifier() or port.isdigit())
    )


def parse_short_form(text: str, names: Names) -> Objective:
    """Return the channel that `layer:channel` names.

    Raises:
        ExpressionError: If the part after the colon is not a channel index.
    """
    layer, _, number = (part.strip() for part in text.rpartition(":"))
    if not number:
        raise ExpressionError(
            f"{layer[:MAX_SHOWN] + ':'!r} names a layer but no channel.",
            f"Expected a number after the colon, such as '{layer[:MAX_SHOWN]}:0'.",
            text=text,
            position=len(text.rstrip()),
        )
    at = text.index(number, text.rindex(":"))
    if not _WHOLE.fullmatch(number):
        raise ExpressionError(
            f"{number[:MAX_SHOWN]!r} is not a channel index.",
            "Expected a whole number from 0 up.",
            text=text,
            position=at,
        )
    if int(number) < 0:
        raise ExpressionError(
            f"Channel {number} is out of range.", "Expected a whole number from 0 up.", text=text, position=at
        )
    return call_by_name(text, at, channel.name, [names.layer(layer), int(number)], {})


def single_channel(objective: Objective) -> tuple[str, int] | None:
    """Return the layer and channel of an objective that has a short form; None for any other objective."""
    if isinstance(objective, Call) and objective.maker is channel and objective.arguments["batch"] is None:
        return objective.arguments["layer"], objective.arguments["n_channel"]
    return None


__all__ = ["is_short_form", "parse_short_form", "single_channel"]
