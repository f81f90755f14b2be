"""`OwnValue`: how strongly the newest image of a run excites a unit, measured now and then while the run moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lucid_widgets.errors import LucidError
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.runner import call_soon
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._workbench.model_run import ModelRun

SECONDS = 0.5
"""Shortest time between two images of a moving run that are measured."""

SHARE = 0.05
"""Largest share of a moving run's time that measuring may take."""


class OwnValue:
    """Measures the newest image of a run.

    Args:
        live: The run.
        run: Makes its frames.
        measure: Called on the worker, without the lock, when the newest image of a moving run should be measured. It
            calls `of`.
        clock: Returns monotonic seconds.
    """

    def __init__(
        self,
        live: LiveRun,
        run: ModelRun,
        measure: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live, self._run, self._measure, self._clock = live, run, measure, clock
        self._due_at = float("-inf")
        self._is_due = False

    def note(self) -> None:
        """Have the newest image measured soon if its turn has come. Called with each frame, with the lock."""
        if self._is_due or not self._live.flow.watched or self._clock() < self._due_at:
            return
        if getattr(self._run.iterator, "is_compiled", False):
            self._is_due = True
            call_soon(self._measure)

    def of(self, model: Any, layer: str, channel: int) -> tuple[float, int] | None:
        """Return the largest value of a unit in the newest images and their step; None without images.

        Called on the worker, without the lock. Also None if the layer cannot be computed for images of their size.
        """
        self._is_due = False
        frame = self._live.runner.frame
        if frame is None or 0 in frame.images.shape:
            return None
        began = self._clock()
        try:
            values = unit_values(model, [layer], frame.images)[layer][:, channel]
        except LucidError:
            return None
        self._due_at = self._clock() + max(SECONDS, (self._clock() - began) / SHARE)
        return float(values.max()), frame.step


__all__ = ["OwnValue"]
