"""Objectives: what to maximize.

One unit: `channel`, `neuron`; a whole layer: `deepdream`. They are added, subtracted and weighted as numbers are:

    channel("mixed4a", 476) - 0.5 * channel("mixed4a", 30)

Your own: `wrap_objective`, or any function `T -> scalar` where an objective is expected. From text: `as_objective`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lucid_widgets._errors import ArgumentError
from lucid_widgets.optvis.expression import parse
from lucid_widgets.optvis.objective_tree import Objective
from lucid_widgets.optvis.objectives_util import handle_batch, wrap_objective
from lucid_widgets.optvis.unit_objectives import channel, deepdream, neuron


def as_objective(obj: Objective | Callable[[Any], Any] | str) -> Objective:
    """What is meant by an objective in its short forms.

    Args:
        obj: An `Objective`; or text: "layer:channel", or an expression such as
            'channel("mixed4a", 476) - 0.5 * channel("mixed4a", 30)'; or a function `T -> scalar`.

    Returns:
        An `Objective`.

    Raises:
        ExpressionError: For text that is neither form.
        ArgumentError: For anything else.

    Source: Lucid's `objectives.as_objective`.
    """
    if isinstance(obj, Objective):
        return obj
    if isinstance(obj, str):
        return parse(obj)
    if callable(obj):
        name = getattr(obj, "__name__", type(obj).__name__)
        return Objective(obj, name, name)
    raise ArgumentError(
        f"{obj!r} is not an objective.",
        "Expected text such as 'mixed4a:476', an Objective, or a function of T that returns a scalar tensor.",
    )


__all__ = [
    "Objective",
    "as_objective",
    "channel",
    "deepdream",
    "handle_batch",
    "neuron",
    "wrap_objective",
]
