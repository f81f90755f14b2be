"""`RunHistory`: finished, paused and stopped runs of a widget, as thumbnails that can be restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._workbench.kept_runs import KeptRun, KeptRuns

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class RunHistory(Part):
    """Keeps runs and publishes them. The widget needs the traits `runs` and `_runs_sheet`."""

    def __init__(self, widget: LucidBase) -> None:
        super().__init__(widget)
        self._runs = KeptRuns()

    def commands(self) -> Mapping[str, Command]:
        return {"run_image": self._image, "forget_run": self.forget}

    def get(self, number: Any) -> KeptRun:
        """The run with a number; an `ArgumentError` if it is not kept."""
        with self.lock:
            return self._runs.get(number)

    def keep(self, run: KeptRun) -> None:
        """Add a run, or replace an earlier record of it."""
        with self.lock:
            self._runs.keep(run)
            self._publish()

    def forget(self, run: Any) -> None:
        """Remove a run."""
        with self.lock:
            self._runs.forget(run)
            self._publish()

    def give(self) -> list[KeptRun]:
        """Give all runs away, the oldest first."""
        with self.lock:
            given = list(self._runs)
            self._runs = KeptRuns()
            self._publish()
            return given

    def take(self, runs: Iterable[KeptRun]) -> None:
        """Add the runs of another history."""
        with self.lock:
            for run in runs:
                self._runs.keep(run)
            self._publish()

    def has(self, number: int, step: int) -> bool:
        """Whether a run is kept as it was at a step."""
        return any(run.id == number and run.frame.step == step for run in self._runs)

    def _publish(self) -> None:
        self.widget._publish(_runs_sheet=self._runs.sheet(), runs=[run.about for run in self._runs])

    def _image(self, run: Any) -> Reply:
        kept = self.get(run)
        encoded = EncodedFrame(0, kept.frame, lossless=True)
        name = f"{kept.made.network.name}-run{run}-{kept.frame.step}.png"
        return Reply({**encoded.meta, "filename": name}, [encoded.encoded()])
