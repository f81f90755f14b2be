"""`Made`: a record of how a run was made, for captions and for the code to copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lucid_widgets.optvis.engine.changes import Change
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._workbench.run_settings import RunSettings


@dataclass(frozen=True)
class Steer:
    """A change of objective or settings during a run.

    Attributes:
        step: Number of steps made before it took effect.
        objective: The objective from then on.
        settings: The settings from then on.
    """

    step: int
    objective: Objective
    settings: RunSettings


@dataclass(frozen=True)
class Made:
    """How a run was made.

    Attributes:
        network: The network that it visualizes.
        objective: Its objective before the first change.
        settings: Its settings before the first change.
        steers: The changes while it ran, in the order of their steps.
    """

    network: NetworkInUse
    objective: Objective
    settings: RunSettings
    steers: tuple[Steer, ...] = ()

    @property
    def steered(self) -> bool:
        """Whether objective or settings changed during the run, so that the last settings alone do not reproduce it."""
        return bool(self.steers)

    @property
    def last_objective(self) -> Objective:
        """The objective of the newest step."""
        return self.steers[-1].objective if self.steers else self.objective

    @property
    def last_settings(self) -> RunSettings:
        """The settings of the newest step."""
        return self.steers[-1].settings if self.steers else self.settings

    @property
    def objectives(self) -> list[list[Any]]:
        """`[[step, expression], ...]`: the objectives of the run, each with the step after which it was maximized."""
        found: list[list[Any]] = [[0, repr(self.objective)]]
        for steer in self.steers:
            if repr(steer.objective) != found[-1][1]:
                found.append([steer.step, repr(steer.objective)])
        return found

    def with_steer(self, step: int, objective: Objective, settings: RunSettings) -> Made:
        """The same run with one more change. A change before the first step replaces the start of the run."""
        if step == 0:
            return Made(self.network, objective, replace(settings, expression=repr(objective)))
        steer = Steer(step, objective, replace(settings, expression=repr(objective)))
        return replace(self, steers=(*(each for each in self.steers if each.step < step), steer))

    def with_changes(self, changes: Iterable[Change], setups: Sequence[tuple[Any, RunSettings]]) -> Made:
        """The same run with the changes that its iterator recorded.

        Args:
            changes: The changes.
            setups: The setups that the run was given, each with the settings that it was made from.
        """
        made = self
        for change in changes:
            settings = next((found for setup, found in setups if setup is change.setup), made.last_settings)
            made = made.with_steer(change.step, change.objective, settings)
        return made


__all__ = ["Made", "Steer"]
