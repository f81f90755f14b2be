"""The thread behind all runners: it takes one `next()` of one stream after another.

One thread for the whole process, because TensorFlow must not be traced from several at once; by turns, so
that two running widgets both move. It sleeps, without polling, while no run has anything to do.
"""

from __future__ import annotations

import atexit
import contextlib
import inspect
import queue
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from typing import Any, Protocol

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame

Frames = Iterable[Frame] | Callable[[], Iterable[Frame]]

# At exit a compiled call in flight may end; a compilation is not waited for.
_EXIT_SECONDS = 2.0


class Owner(Protocol):
    """What the worker tells a run's owner, always on the worker thread and with no lock held."""

    @property
    def in_motion(self) -> bool: ...

    def stop(self) -> None: ...

    def begin_turn(self, run: Run, /) -> bool:
        """Whether the run is to take a turn."""

    def end_turn(self, run: Run, frame: Frame, /) -> None: ...

    def end_run(self, run: Run, exception: BaseException | None, /) -> None: ...


class Run:
    """One stream being run. It knows its owner only weakly, so that the worker keeps none alive.

    Attributes:
        budget: Number of updates that may still be made before a pause; None for no limit.
        limit: The budget as of the beginning of the present turn. None if the turn does not count against the
            budget, because there was none, or because it was granted during the turn.
        paused: Whether the run waits for the owner.
        in_turn: Whether the worker is inside the stream. All these and `over` belong to the owner's lock.
        over: Whether the worker is to close the stream.
        closed: Set when it has.
    """

    def __init__(self, owner: Owner, frames: Frames, budget: int | None) -> None:
        # A plain put is all that may happen here: the collector calls this wherever it likes, under any lock.
        self.owner = weakref.ref(owner, lambda _: worker.wake())
        self.stream: Iterable[Frame] | None = None
        self.make: Callable[[], Callable[[], Iterable[Frame]] | None] | None = None
        if hasattr(frames, "__iter__"):
            self.stream = frames
        elif inspect.ismethod(frames):  # often of the owner's own owner, who must not live on through it
            self.make = weakref.WeakMethod(frames)
        elif callable(frames):
            self.make = lambda: frames
        else:
            raise ArgumentError(
                f"{frames!r} is not a stream of frames.",
                "Expected an iterable of Frames, or a function without arguments that returns one.",
            )
        self.iterator: Iterator[Frame] | None = None
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
        stream = self.iterator if self.iterator is not None else self.stream
        return self.make is not None or bool(getattr(stream, "needs_compile", False))

    @property
    def can_go_on(self) -> bool:
        """Whether the stream may have more frames after it ended, once its `steps` are raised."""
        return hasattr(self.iterator, "steps")

    def is_ready(self, timeout: float) -> bool:
        """Whether the next frame can be asked for, or would make the thread wait for something: asks for so long."""
        wait = getattr(self.iterator, "wait_until_ready", None)
        try:
            return wait is None or bool(wait(timeout))
        except Exception:
            return True  # the next frame will tell

    def next_frame(self) -> Frame:
        """The stream's next frame. Foreign code runs here and nowhere else."""
        if self.make is not None:
            make = self.make()
            if make is None:
                raise StopIteration
            self.stream = make()
            self.make = make = None
        if self.iterator is None:
            self.iterator = iter(self.stream if self.stream is not None else ())
            self.stream = None
        advance = getattr(self.iterator, "advance", None)
        if advance is None or self.limit is None or self.step is None:
            frame = next(self.iterator)
        else:
            frame = advance(self.limit)
        if not isinstance(frame, Frame):
            raise ArgumentError(
                f"The stream yielded a {type(frame).__name__}.",
                "Expected lucid_widgets.frames.Frame objects.",
            )
        return frame

    def spend(self, frame: Frame) -> None:
        """Take the updates that made this frame from the budget. Needs the owner's lock."""
        made = 1
        if hasattr(self.iterator, "advance"):
            made = 0 if self.step is None else frame.step - self.step
        self.step = frame.step
        if self.budget is not None and self.limit is not None:
            self.budget = max(0, self.budget - made)
            self.paused = self.paused or self.budget == 0

    def close(self) -> None:
        stream: Any = self.iterator if self.iterator is not None else self.stream
        self.iterator = self.stream = self.make = None
        # It has ended; how it copes with that is nobody's concern any more.
        with contextlib.suppress(BaseException):
            if hasattr(stream, "close"):
                stream.close()
        self.closed.set()


_READY_SECONDS = 0.02
"""For so long a run that is not ready keeps others, and their letters, waiting."""


class _Letter(Enum):
    WAKE = auto()
    EXIT = auto()


class Worker:
    """The thread that serves all runs by turns, and sleeps while none has anything to do."""

    def __init__(self) -> None:
        self._runs: tuple[Run, ...] = ()  # replaced, never changed, so that it can be read without the lock
        self._lock = threading.Lock()
        # A tuple of runs asks to stop them, a function to call it. SimpleQueue.put is re-entrant: signal
        # handlers and the collector may call it amid any other code.
        self._letters: queue.SimpleQueue[_Letter | tuple[Run, ...] | Callable[[], object]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        return any(run.wants_turn for run in self._runs)

    def is_this_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def add(self, run: Run) -> None:
        with self._lock:
            self._runs += (run,)
            if self._thread is None:
                # As late as this, so that it runs before the handlers of whatever the streams use.
                atexit.register(self.exit)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="lucid-widgets", daemon=True)
                self._thread.start()
        self.wake()

    def wake(self) -> None:
        self._letters.put(_Letter.WAKE)

    def stop_all(self) -> None:
        """Stops what is in motion now, within one `next()`. Takes no lock: safe in a signal handler."""
        self._letters.put(self._runs)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Calls a function on the thread, between two turns. Until a first run was added there is no thread."""
        self._letters.put(function)

    def exit(self) -> None:
        """Ends every run and the thread."""
        thread = self._thread
        if thread is not None and thread.is_alive() and not self.is_this_thread():
            self._letters.put(_Letter.EXIT)
            thread.join(_EXIT_SECONDS)

    def _serve(self) -> None:
        while self._read_letters():
            run = next((run for run in self._runs if run.needs_attention), None)
            if run is not None:
                self._turn(run)
                self._requeue(run)
        for run in self._runs:
            run.over = True
            self._turn(run)

    def _read_letters(self) -> bool:
        """False if the thread is to end. Sleeps until the next letter if no run needs attention."""
        block = not any(run.needs_attention for run in self._runs)
        while True:
            try:
                letter = self._letters.get(block=block)
            except queue.Empty:
                return True
            block = False
            if letter is _Letter.EXIT:
                return False
            if isinstance(letter, tuple):
                _stop_in_motion(letter)
            elif callable(letter):
                with contextlib.suppress(Exception):  # whoever asked is not there to hear of it
                    letter()

    def _requeue(self, run: Run) -> None:
        """Puts a run that had its turn behind all others, also those that came meanwhile."""
        with self._lock:
            others = tuple(other for other in self._runs if other is not run)
            self._runs = others if run.closed.is_set() else (*others, run)

    def _turn(self, run: Run) -> None:
        if run.over or run.owner() is None:
            run.close()
        elif not run.is_ready(_READY_SECONDS):
            return  # not in its turn, so that it can be paused meanwhile
        elif _tell(run, "begin_turn", run):
            # Nothing here may hold the owner: a turn can be long, and the owner may be dropped meanwhile.
            try:
                frame = run.next_frame()
            except StopIteration:
                _tell(run, "end_run", run, None)
            except BaseException as error:
                _tell(run, "end_run", run, error)
            else:
                _tell(run, "end_turn", run, frame)


def _stop_in_motion(runs: Iterable[Run]) -> None:
    for run in runs:
        owner = run.owner()
        if owner is not None and run.wants_turn and owner.in_motion:
            _tell(run, "stop")


def _tell(run: Run, what: str, *args: Any) -> Any:
    """Tells the run's owner, if that still lives. An error in its callbacks ends the run, not the thread."""
    owner = run.owner()
    if owner is None:
        return None
    try:
        return getattr(owner, what)(*args)
    except BaseException as error:
        with contextlib.suppress(BaseException):  # the callback that failed may fail again
            owner.end_run(run, error)
        return None


worker = Worker()
