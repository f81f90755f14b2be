"""Fake streams of frames that a test controls, and a way to wait for events on the worker thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lucid_widgets.frames import Frame
from lucid_widgets.runner import Runner

PATIENCE_SECONDS = 60.0


def frame(step: int, *, size: int = 4, batch: int = 1, value: float | None = None) -> Frame:
    """A frame whose pixels are all `step / 255`, so that tests recognize it in any format."""
    images = np.full((batch, size, size, 3), (step % 256) / 255, np.float32)
    objective = value if value is not None else (None if step == 0 else float(step))
    return Frame(step, objective, images, elapsed=0.1 * step, objectives=np.float32([step] if step else []))


class Gated:
    """A stream that yields a frame for each permission of the test. `waiting` is set while it blocks in `next()`."""

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
        """Wait until the frame after `step` is requested, and all earlier ones have therefore been handled."""
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
    """A stream that ends at `steps` and continues when they are raised, like `FrameIterator`."""

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
    """Callbacks that record their calls, and let a test wait for them."""

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


def watched() -> tuple[Runner, Witness]:
    """A runner, and the witness of its callbacks."""
    witness = Witness()
    runner = Runner(witness.on_frame, witness.on_status)
    witness.look = lambda: runner.status
    return runner, witness
