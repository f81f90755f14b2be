"""What LucidWidget's tests share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pages import Page
from streams import PATIENCE_SECONDS, Extendable

from lucid_widgets.widgets.lucid_widget import LucidWidget


class FakeFrames(Extendable):
    """Replaces the engine: makes frames at once, and remembers its arguments."""

    def __init__(self, model: Any, objective: Any, param_f: Any, *, steps: int, seed: int, **options: Any) -> None:
        super().__init__(steps)
        self._open = False  # until the test opens it
        self.objective, self.param_f, self.seed, self.options = objective, param_f, seed, options
        self.setup, self.changes = None, ()


class Runs(list[FakeFrames]):
    """The runs of a test, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = threading.Condition()

    def make(self, *args: Any, **kwargs: Any) -> FakeFrames:
        with self._grown:
            self.append(FakeFrames(*args, **kwargs))
            self._grown.notify_all()
        return self[-1]

    def until(self, count: int) -> None:
        """Wait until the worker is inside the run with this number."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self) >= count, PATIENCE_SECONDS)
        assert self[count - 1].waiting.wait(PATIENCE_SECONDS)


Make = Callable[..., tuple[LucidWidget, Page]]


def said(widget: LucidWidget) -> tuple[Any, ...]:
    return widget.layer, widget.channel, widget._channel_count, widget.expression
