"""`Job`: a stream of frames that the worker thread runs for an owner."""

from __future__ import annotations

import contextlib
import inspect
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame

Frames = Iterable[Frame] | Callable[[], Iterable[Frame]]
"""A stream of frames, or a function that makes one."""


class Owner(Protocol):
    """The runner that a job belongs to. The worker calls these methods on its thread and holds no lock."""

    @property
    def in_motion(self) -> bool: ...

    def stop(self) -> None: ...

    def begin_turn(self, job: Job, /) -> bool:
        """Return whether the job should take its turn."""

    def end_turn(self, job: Job, frame: Frame, /) -> None: ...

    def end_job(self, job: Job, exception: BaseException | None, /) -> None: ...

    def leave_turn(self) -> None:
        """Called after each turn, when no callback is under way any more."""


class Job:
    """A stream of frames, and how far the worker may advance it.

    The owner is referenced weakly, so that the worker keeps no runner alive. The attributes below, except `closed`,
    are protected by the owner's lock.

    Args:
        owner: The runner.
        frames: The stream, or a function that makes it.
        budget: Updates until the job pauses; None for no limit.
        wake: Called when the owner is garbage-collected. It must be safe to call at any point of any thread.

    Attributes:
        budget: Updates left until the job pauses; None for no limit.
        limit: The budget when the present turn began. None if the turn does not use up the budget: because there was
            none, or because `Runner.step` set it during the turn.
        step: Step of the newest frame; None before the first.
        paused: Whether the worker must leave the job alone.
        in_turn: Whether the worker is inside the stream.
        over: Whether the worker should close the stream.
        closed: Set after the worker has closed it.
    """

    def __init__(self, owner: Owner, frames: Frames, budget: int | None, wake: Callable[[], object]) -> None:
        self.owner = weakref.ref(owner, lambda _: wake())
        self.iterator: Iterator[Frame] | None = None
        self._stream: Iterable[Frame] | None = None
        self._make: Callable[[], Callable[[], Iterable[Frame]] | None] | None = None
        if hasattr(frames, "__iter__"):
            self._stream = frames
        elif inspect.ismethod(frames):  # often a method of the widget that owns the runner: do not keep that alive
            self._make = weakref.WeakMethod(frames)
        elif callable(frames):
            self._make = lambda: frames
        else:
            raise ArgumentError(
                f"{frames!r} is not a stream of frames.",
                "Expected an iterable of Frames, or a function without arguments that returns one.",
            )
        self.budget = budget
        self.limit: int | None = None
        self.step: int | None = None
        self.paused = False
        self.in_turn = False
        self.over = False
        self.closed = threading.Event()

    @property
    def wants_turn(self) -> bool:
        return not self.paused and not self.over

    @property
    def needs_attention(self) -> bool:
        return self.over or not self.paused or self.owner() is None

    @property
    def needs_compile(self) -> bool:
        """Whether the next frame will take seconds because something has to be compiled first."""
        stream = self.iterator if self.iterator is not None else self._stream
        return self._make is not None or bool(getattr(stream, "needs_compile", False))

    @property
    def is_of_engine(self) -> bool:
        """Whether its frames come from this package's engine, or may: a stream that is still to be made counts."""
        return self._make is not None or hasattr(self.iterator or self._stream, "wait_until_ready")

    @property
    def can_go_on(self) -> bool:
        """Whether the stream can make more frames after its end, once its `steps` are raised."""
        return hasattr(self.iterator, "steps")

    def is_ready(self, timeout: float) -> bool:
        """Whether the stream can make its next frame now. Waits for at most `timeout` seconds."""
        wait = getattr(self.iterator, "wait_until_ready", None)
        try:
            return wait is None or bool(wait(timeout))
        except Exception:
            return True  # asking for the frame will raise the error where it is reported

    def set_turn_seconds(self, seconds: float) -> None:
        """Tell a stream that can choose how long its next frame should take."""
        stream: Any = self.iterator
        if hasattr(stream, "turn_seconds"):
            stream.turn_seconds = seconds

    def next_frame(self) -> Frame:
        """Ask the stream for its next frame. This is the only place where the stream's code runs."""
        if self._make is not None:
            make = self._make()
            if make is None:
                raise StopIteration
            try:
                self._stream = make()
            except StopIteration as error:  # of the user's code; it must not end the run as if it were done
                raise RuntimeError("The function that makes the run raised StopIteration.") from error
            self._make = make = None
        if self.iterator is None:
            self.iterator = iter(self._stream if self._stream is not None else ())
            self._stream = None
        advance = getattr(self.iterator, "advance", None)
        if advance is None or self.limit is None or self.step is None:
            frame = next(self.iterator)
        else:
            frame = advance(self.limit)
        if not isinstance(frame, Frame):
            raise ArgumentError(
                f"The stream yielded a {type(frame).__name__}.", "Expected lucid_widgets.frames.Frame objects."
            )
        return frame

    def spend(self, frame: Frame) -> None:
        """Subtract the updates that made this frame from the budget."""
        made = 1
        if hasattr(self.iterator, "advance"):
            made = 0 if self.step is None else frame.step - self.step
        self.step = frame.step
        if self.budget is not None and self.limit is not None:
            self.budget = max(0, self.budget - made)
            self.paused = self.paused or self.budget == 0

    def close(self) -> None:
        """Close the stream and release it."""
        stream: Any = self.iterator if self.iterator is not None else self._stream
        self.iterator = self._stream = self._make = None
        with contextlib.suppress(BaseException):  # nobody is left to handle an error
            if hasattr(stream, "close"):
                stream.close()
        self.closed.set()
