"""`RunClasses`: the classes that the network sees in the images of a run, live while it moves."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import whole_number
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.classification import class_objective
from lucid_widgets.runner import call_soon, crowding
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._classes.seen_classes import Key, SeenClasses
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._workbench.model_run import ModelRun
from lucid_widgets.widgets._workbench.run_history import RunHistory

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget

SECONDS = 0.5
"""Shortest time between two images of a moving run whose classes are computed."""

SHARE = 0.05
"""Largest share of the worker's time that computing classes may take for up to four runs in motion, each. More runs
share what four may take. Large networks are evaluated less often."""


class RunClasses(SeenClasses):
    """Publishes the classes of the newest image, and answers for earlier images and kept runs. Keys: run, step.

    Args:
        widget: The owner.
        live: Its run.
        run: Makes the frames of the run.
        history: Its kept runs.
        clock: Returns monotonic seconds.
    """

    widget: LucidWidget

    def __init__(
        self,
        widget: LucidWidget,
        *,
        live: LiveRun,
        run: ModelRun,
        history: RunHistory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(widget)
        self._live, self._run, self._history, self._clock = live, run, history, clock
        self._due_at = float("-inf")
        self._is_due = False
        # The network and the image size that were asked last, for which nothing has to be compiled.
        self._compiled: tuple[Any, tuple[int, ...]] | None = None
        run.on_frame.append(self.note)

    def commands(self) -> Mapping[str, Command]:
        return {**super().commands(), "maximize_class": self._maximize}

    def note(self, frame: Frame) -> None:
        """Look at the newest image soon if its turn has come. Called on the worker with each frame, with the lock."""
        if self._is_due or not self.wanted or not self._live.flow.watched or self._clock() < self._due_at:
            return
        # Compiling would wait for the engine's own compiler, and the run with it.
        if self._compiled == self._kind(frame) or getattr(self._run.iterator, "is_compiled", False):
            self._is_due = True
            call_soon(weakly(self._look_at_newest))

    def settle(self) -> None:
        if self._live.flow.watched and not self._live.runner.in_motion:
            self._look_at_newest()

    def found(self, key: Key) -> tuple[Model, FloatArray] | None:
        number, step = key
        if number == self._run.id:
            frames = (self._live.runner.frame, *self._live.recorded)
            frame = next((each for each in frames if each is not None and each.step == step), None)
            if frame is not None:
                return self._run.made.network.model, frame.images
        if self._history.has(number, step):
            kept = self._history.get(number)
            return kept.made.network.model, kept.frame.images
        return None

    def _look_at_newest(self) -> None:
        self._is_due = False
        with self.lock:
            frame = self._live.runner.frame
            if frame is None or 0 in frame.images.shape or not self.wanted:
                return
            key, kind = (self._run.id, frame.step), self._kind(frame)
        began = self._clock()
        self.look(key)
        now = self._clock()
        # Compiling happens once per image size, so its time does not count.
        self._due_at = now + crowding() * max(SECONDS, (now - began) / SHARE if kind == self._compiled else 0)
        self._compiled = kind

    def _kind(self, frame: Frame) -> tuple[Any, tuple[int, ...]]:
        """What a program is compiled for."""
        return weakref.ref(self._run.made.network.model), frame.images.shape[1:]

    def _maximize(self, index: Any) -> None:
        """Make a class the objective."""
        self.widget.objective = class_objective(self.widget.model, whole_number("index", index, 0))


__all__ = ["RunClasses"]
