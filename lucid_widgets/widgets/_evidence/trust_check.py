"""`TrustCheck`: runs `check` for the unit of a `LucidWidget` in the background, and publishes the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lucid_widgets.evidence.checks.check import iter_check
from lucid_widgets.evidence.checks.subjects import PARTS
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.report import Report
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.background import NOTHING, weakly
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._evidence.unit_run import UnitRun

SEEDS, STEPS = 4, 128


class TrustCheck(UnitRun):
    """Starts and cancels the check. Arguments as for `UnitRun`."""

    _part = ""

    def commands(self) -> Mapping[str, Command]:
        return {"check_unit": self._start, "cancel_check": self._cancel}

    def _start(self) -> None:
        with self.lock:
            model, index, *_ = self._wanted()
            name = self._of
            self._part = PARTS[0]
            # Functions that do not keep the widget alive, because the worker holds on to the stream.
            note, keep = weakly(self._note), weakly(self._keep)
            self._runner.start(lambda: _frames_of_check(model, index, name, note, keep))

    def _cancel(self) -> None:
        self._runner.stop()

    def _note(self, part: str) -> None:
        self._part = part

    def _keep(self, report: Report) -> None:
        with self.lock:
            if not self.widget._closed:
                self.widget._publish(report=report.to_json())

    def _catch_up(self, *_: Any) -> None:
        with self.lock:
            if self.widget._closed:
                return
            about: dict[str, Any] = {"state": "resting", "unit": self._of}
            if self._runner.in_motion:
                about |= {"state": "running", "part": self._part, "done": PARTS.index(self._part), "total": len(PARTS)}
            elif self._runner.status == "error" and self._runner.exception is not None:
                about |= {"state": "failed", **error_report(self._runner.exception)}
            self.widget._publish(_check=about)


def _frames_of_check(
    model: Any,
    index: ActivationIndex,
    unit: str,
    note: Callable[[str], object],
    keep: Callable[[Report], object],
) -> Iterator[Frame]:
    """The stream of a check. Its frames hold no images."""
    steps = iter_check(model, unit, index, seeds=SEEDS, steps=STEPS, image_size=None, seed=0)
    count = 0
    while True:
        try:
            note(next(steps))
        except StopIteration as end:
            keep(end.value)
            return
        count += 1
        yield Frame(count, None, NOTHING)


__all__ = ["TrustCheck"]
