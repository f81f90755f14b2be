"""`SensitivityRun`: measures in the background how the unit of a `LucidWidget` answers to changed images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.measures.sensitivity import Sensitivity, sensitivity
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._evidence.unit_run import NOTHING, UnitRun


class SensitivityRun(UnitRun):
    """Answers the command of the page. Arguments as for `UnitRun`."""

    def commands(self) -> Mapping[str, Command]:
        return {"measure_sensitivity": self._start}

    def _start(self) -> None:
        with self.lock:
            model, index, layer, channel = self._wanted()
            self._publish({"state": "running", "unit": self._of})
            keep = weakly(self._keep)  # does not keep the widget alive, because the worker holds on to the stream
            self._runner.start(lambda: _frames(model, index, layer, channel, keep))

    def _keep(self, result: Sensitivity) -> None:
        self._publish({"state": "ready", **result.to_json()})

    def _catch_up(self, *_: Any) -> None:
        if self._runner.status == "error" and self._runner.exception is not None:
            self._publish({"state": "failed", "unit": self._of, **error_report(self._runner.exception)})

    def _publish(self, about: dict[str, Any]) -> None:
        with self.lock:
            if not self.widget._closed:
                self.widget._publish(_sensitivity=about)


def _frames(
    model: Any, index: ActivationIndex, layer: str, channel: int, keep: Callable[[Sensitivity], object]
) -> Iterator[Frame]:
    """The stream of the measurement. Its frame holds no image."""
    keep(sensitivity(model, index[layer, channel]))
    yield Frame(1, None, NOTHING)


__all__ = ["SensitivityRun"]
