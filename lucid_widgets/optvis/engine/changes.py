"""`Change`: the objective and the setup of a run from a given step on. A list of changes reproduces a steered run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.objectives import as_objective
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.transform import as_transforms

KINDS = ("objective", "transforms", "optimizer")
"""The parts of a run that can change while it runs."""


@dataclass(frozen=True)
class Change:
    """Objective and setup of a run from one step on.

    Attributes:
        step: Number of steps made before the change took effect.
        objective: The objective from then on.
        setup: The setup from then on.
    """

    step: int
    objective: Objective
    setup: Setup


def as_changes(changes: Any, objective: Objective, setup: Setup, model: Any = None) -> tuple[Change, ...]:
    """Return the argument `changes` of `iter_vis` as `Change`s, in the order of their steps.

    Args:
        changes: A dict from a step to a dict with some of `KINDS`; None for no changes.
        objective: The run's objective before the first change.
        setup: The run's setup before the first change.
        model: The run's `Model`, whose names objectives may use as text. Default: none.

    Raises:
        ArgumentError: `changes` is anything else.
        UnknownNameError: A change names something that is not in `KINDS`.
    """
    if changes is None:
        return ()
    if not isinstance(changes, Mapping) or not all(isinstance(each, Mapping) for each in changes.values()):
        raise ArgumentError(
            f"changes is {changes!r}.", 'Expected a dict such as {16: {"objective": "layer:56"}}, by step.'
        )
    made: list[Change] = []
    for step, change in sorted((whole_number("changes", step, 0), change) for step, change in changes.items()):
        for name in change:
            if name not in KINDS:
                raise unknown_name("change", str(name), "iter_vis", KINDS)
        objective = as_objective(change["objective"], model) if "objective" in change else objective
        setup = replace(
            setup,
            transforms=as_transforms(change["transforms"]) if "transforms" in change else setup.transforms,
            optimizer=as_optimizer(change["optimizer"]) if "optimizer" in change else setup.optimizer,
        )
        made.append(Change(step, objective, setup))
    return tuple(made)


__all__ = ["Change", "as_changes"]
