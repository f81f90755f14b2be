"""A warning for runs that cannot move, because the gradient of their objective is too small for Adam."""

from __future__ import annotations

import math
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
    return isinstance(optimizer, Adam) and bool(state.slots) and _strength(state) < optimizer.epsilon


def warn(model: Any, objective: Objective, state: State) -> None:
    """Warn that the image hardly changes; name the saturated layer if there is one, or a weight that helps."""
    warnings.warn(
        f"The image hardly changed in the first {state.step} steps: the gradient of {objective!r} is almost zero. "
        f"{_cause(model, objective, _strength(state))}",
        GradientWarning,
        stacklevel=2,
    )


def _strength(state: State) -> float:
    """Root of the largest running mean of squared gradients in the slots of `Adam`."""
    squares = state.slots[len(state.slots) // 2 :]
    return max(float(np.sqrt(np.max(each, initial=0.0))) for each in squares)


def _cause(model: Any, objective: Objective, strength: float) -> str:
    calls = [leaf for leaf in objective.leaves() if isinstance(leaf, Call)]
    for leaf in calls:
        for name in leaf.maker.units:
            layer = leaf.arguments[name]
            found = None if layer == "input" else model.network.before_activation(layer)
            if found is not None:
                slot, activation = found
                return f"{layer!r} ends in a {activation}, which is saturated here. Use {slot!r} in its place."
    if strength > 0:
        weight = 10.0 ** -round(math.log10(strength))
        return f"If its values are tiny, as in deep networks with random weights, maximize {weight * objective!r}."
    return "The unit may be inactive on this image. Try another seed, or start from a photograph."


__all__ = ["WATCHED_STEPS", "is_weak", "warn"]
