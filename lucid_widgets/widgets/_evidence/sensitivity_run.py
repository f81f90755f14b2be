"""`SensitivityRun`: measures in the background how a widget's unit answers to changed images. Needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lucid_widgets.evidence.answers import Sensitivity
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.background import NOTHING, weakly
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._evidence.unit_run import UnitRun

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

Measure = Callable[[Any, UnitEvidence], Sensitivity]
"""Measures a unit of a model."""


class SensitivityRun(UnitRun):
    """Answers the command of the page.

    Args:
        widget: The owner.
        unit: As for `UnitRun`.
        measure: Called on the worker with the model and the unit.
    """

    def __init__(
        self, widget: LucidBase, unit: Callable[[], tuple[Any, ActivationIndex, str, int] | None], measure: Measure
    ) -> None:
        super().__init__(widget, unit)
        self._measure = measure

    def commands(self) -> Mapping[str, Command]:
        return {"measure_sensitivity": self._start}

    def _start(self) -> None:
        with self.lock:
            model, index, layer, channel = self._wanted()
            self._publish({"state": "running", "unit": self._of})
            measure, keep = self._measure, weakly(self._keep)  # the worker holds on to the stream, not to the widget
            self._runner.start(lambda: _frames(lambda: measure(model, index[layer, channel]), keep))

    def _keep(self, result: Sensitivity) -> None:
        self._publish({"state": "ready", **result.to_json()})

    def _catch_up(self, *_: Any) -> None:
        if self._runner.status == "error" and self._runner.exception is not None:
            self._publish({"state": "failed", "unit": self._of, **error_report(self._runner.exception)})

    def _publish(self, about: dict[str, Any]) -> None:
        with self.lock:
            if not self.widget._closed:
                self.widget._publish(_sensitivity=about)


def _frames(measure: Callable[[], Sensitivity], keep: Callable[[Sensitivity], object]) -> Iterator[Frame]:
    """The stream of the measurement. Its frame holds no image."""
    keep(measure())
    yield Frame(1, None, NOTHING)


__all__ = ["Measure", "SensitivityRun"]
