"""Fake streams of frames, moved on by the test, and a way to wait for what happens on the worker thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lucid_widgets.frames import Frame

PATIENCE_SECONDS = 20.0


def frame(step: int, *, size: int = 4, batch: int = 1, value: float | None = None) -> Frame:
    """A frame whose every pixel is `step / 255`, so that it can be told from the others in any format."""
    images = np.full((batch, size, size, 3), (step % 256) / 255, np.float32)
    objective = value if value is not None else (None if step == 0 else float(step))
    return Frame(step, objective, images, elapsed=0.1 * step, objectives=np.float32([step] if step else []))


class Gated:
    """A stream that yields a frame each time the test lets it, and says when it is waiting inside `next()`."""

    def __init__(self, count: int = 1000, *, open: bool = False) -> None:
        self.count = count
        self.step = -1
        self.closed = threading.Event()
        self.waiting = threading.Event()
        self.threads: set[threading.Thread] = set()
        self._asked = threading.Condition()
        self._permits = threading.Semaphore(0)
        self._open = open

    def allow(self, n: int = 1) -> None:
        self._permits.release(n)

    def until_asked_after(self, step: int) -> None:
        """Waits until the frame after that of `step` is asked for, so that all up to it were dealt with."""
        with self._asked:
            assert self._asked.wait_for(lambda: self.step >= step and self.waiting.is_set(), PATIENCE_SECONDS)

    def open(self) -> None:
        self._open = True
        self.allow()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        self.threads.add(threading.current_thread())
        if not self._open:
            self.waiting.set()
            with self._asked:
                self._asked.notify_all()
            assert self._permits.acquire(timeout=PATIENCE_SECONDS)
            self.waiting.clear()
        if self.step + 1 >= self.count:
            raise StopIteration
        self.step += 1
        return frame(self.step)

    def close(self) -> None:
        self.closed.set()


class Extendable(Gated):
    """A stream that ends at `steps` and goes on when they are raised, as the render core's does."""

    def __init__(self, steps: int) -> None:
        super().__init__(open=True)
        self.steps = steps
        self.needs_compile = True
        self.objective: Any = None

    def __next__(self) -> Frame:
        if self.step >= self.steps:
            raise StopIteration
        self.needs_compile = False
        return super().__next__()


class Witness:
    """Callbacks that remember what they were told, and wake whoever waits for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.steps: list[int] = []
        self.statuses: list[str] = []
        self.look: Callable[[], str] = lambda: ""

    def on_frame(self, frame: Frame) -> None:
        with self._changed:
            self.steps.append(frame.step)
            self._changed.notify_all()

    def on_status(self) -> None:
        with self._changed:
            status = self.look()
            if self.statuses[-1:] != [status]:
                self.statuses.append(status)
            self._changed.notify_all()

    def until(self, predicate: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(predicate, PATIENCE_SECONDS), (self.steps, self.statuses)
