"""A warning for runs that cannot move, because the gradient of their objective is too small for Adam."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from lucid_widgets.errors import GradientWarning
from lucid_widgets.optvis.engine.optimizers import Adam, Optimizer
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.tree import Objective

WATCHED_STEPS = 8
"""Number of steps after which the gradient is judged."""


def is_weak(optimizer: Optimizer, state: State) -> bool:
    """Whether all gradients so far were below the epsilon of `Adam`, which keeps it from moving the image.

    Adam's slots hold the running mean of squared gradients, so nothing more has to be computed in a step.
    """
    if not isinstance(optimizer, Adam) or not state.slots:
        return False
    squares = state.slots[len(state.slots) // 2 :]
    return all(float(np.sqrt(np.max(each, initial=0.0))) < optimizer.epsilon for each in squares)


def warn(model: Any, objective: Objective, steps: int) -> None:
    """Warn that the image hardly changes, and name the saturated layer if there is one."""
    warnings.warn(
        f"The image hardly changed in the first {steps} steps: the gradient of {objective!r} is almost zero. "
        f"{_cause(model, objective)}",
        GradientWarning,
        stacklevel=2,
    )


def _cause(model: Any, objective: Objective) -> str:
    calls = [leaf for leaf in objective.leaves() if isinstance(leaf, Call)]
    for leaf in calls:
        for name in leaf.maker.units:
            layer = leaf.arguments[name]
            found = None if layer == "input" else model.network.before_activation(layer)
            if found is not None:
                slot, activation = found
                return f"{layer!r} ends in a {activation}, which is saturated here. Use {slot!r} in its place."
    return "The unit may be inactive on this image. Try another seed, or start from a photograph."


__all__ = ["WATCHED_STEPS", "is_weak", "warn"]
