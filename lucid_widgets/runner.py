"""Runs streams of frames in the background: start, pause, resume, step, stop, wait.

One daemon thread serves every `Runner` of the process, round-robin, one `next()` of one stream at a time. One
thread, because TensorFlow must not be traced from several at once; by turns, so that two running widgets both
move. The optimization never waits for whoever looks at it.

Nothing here knows TensorFlow or a widget: a stream is any iterable of `Frame`s.

Locks: a runner's lock is a leaf. It is held for a few assignments and never while foreign code (a stream, a
callback) runs, so callbacks may take any lock of their own and call the runner again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal

from lucid_widgets._worker import Frames, Run, worker
from lucid_widgets.errors import whole_number
from lucid_widgets.frames import Frame

Status = Literal["idle", "queued", "compiling", "running", "paused", "done", "stopped", "error"]
IN_MOTION: frozenset[Status] = frozenset({"queued", "compiling", "running"})

# Waiting is cut into slices because on Windows a blocked lock cannot be interrupted from the keyboard.
_WAIT_SLICE_SECONDS = 0.5


class Runner:
    """Runs one stream of frames at a time on the shared worker thread, and keeps the newest frame.

    A stream is an iterable of `Frame`s, or a function without arguments that returns one (called on the
    worker, so that slow construction shows as "compiling" and its errors are caught). Four attributes of the
    stream's iterator are honored if present: `needs_compile` (the next frame will take a while: status
    "compiling"), `steps` (the stream can go on after it ended: `resume()` works from "done"), `advance(n)` (like
    `next()`, after at most `n` updates, so that `step(n)` makes exactly `n`), and `wait_until_ready(timeout)` (false
    while the next frame has to wait for something; pausing takes effect at once then). Its `close()`, if any, is
    always called in the end.

    A runner that nobody refers to any more ends its run within one `next()`.

    Args:
        on_frame: Called with each new frame, on the worker.
        on_status: Called after the status changed, on the thread that changed it. Calls from two threads may
            overtake each other: what counts is `status` at the time of the call.

    Attributes:
        status: "idle", "queued" (another stream holds the worker), "compiling", "running", "paused", "done",
            "stopped" or "error".
        frame: The newest frame, or None.
        exception: What ended the run if `status` is "error", or None.

    Example:
        >>> runner = Runner(on_frame=lambda frame: print(frame.step))
        >>> runner.start(iter_vis(model, "mixed4a:152"))
        >>> runner.wait()
        'done'
    """

    def __init__(
        self,
        on_frame: Callable[[Frame], object] | None = None,
        on_status: Callable[[], object] | None = None,
    ) -> None:
        self.status: Status = "idle"
        self.frame: Frame | None = None
        self.exception: BaseException | None = None
        self._on_frame = on_frame
        self._on_status = on_status
        self._changed = threading.Condition(threading.Lock())
        self._run: Run | None = None

    def __repr__(self) -> str:
        return f"Runner(status={self.status!r}, frame={self.frame!r})"

    @property
    def in_motion(self) -> bool:
        """Whether the worker has, or will have, something to do for this runner."""
        return self.status in IN_MOTION

    @property
    def will_pause(self) -> bool:
        """Whether what is in motion pauses by itself: after `step()`, or because of a `pause()` under way."""
        run = self._run
        return self.in_motion and run is not None and (run.paused or run.budget is not None)

    @property
    def pausing(self) -> bool:
        """Whether it is paused, or will be by itself."""
        # In this order, for the pause may begin between the two.
        return self.will_pause or self.status == "paused"

    @property
    def resumable(self) -> bool:
        """Whether `resume()` would go on: paused, or done with a stream that can go on after its end."""
        return self.status == "paused" or (self.status == "done" and self._run is not None)

    @property
    def stream(self) -> Iterator[Frame] | None:
        """The iterator that is being run, once the worker has it and until it is closed."""
        run = self._run
        return None if run is None else run.iterator

    def start(self, frames: Frames, *, steps: int | None = None) -> None:
        """Starts a new run, in place of any earlier one. Returns at once.

        Args:
            frames: The stream, or a function that makes it.
            steps: Pause after this number of updates, see `step`. 0 pauses at the first frame; None runs to the end.
        """
        run = Run(self, frames, None if steps is None else whole_number("steps", steps, 0))
        with self._changed:
            self._detach()
            self._run = run
            self.frame = self.exception = None
            self.status = "queued" if worker.is_busy else _moving(run)
        try:
            self._tell_status()
        finally:
            worker.add(run)

    def pause(self) -> None:
        """Pauses a run in motion. A frame under way still arrives; from then on the status is "paused"."""
        with self._changed:
            if self._run is None or not self.in_motion:
                return
            self._run.paused = True
            if self._run.in_turn:
                return  # the turn's end says "paused"
            self._set_status("paused")
        self._tell_status()

    def resume(self) -> None:
        """Goes on after a pause, or after the end of a stream that can go on. Otherwise does nothing."""
        self._go_on(None)

    def step(self, n: int = 1, frames: Frames | None = None) -> None:
        """Makes exactly `n` more updates, then pauses.

        An update is what the difference of two frames' `step` counts, if the stream has an `advance` method; in any
        other stream, each frame counts as one. The initial image of a stream with `advance` is no update: it
        arrives in addition. Of a run that is in motion, the call under way is not counted.

        Args:
            n: Number of updates, at least 1.
            frames: The stream to start if there is no run to go on with; without it, nothing is started then.
        """
        if not self._go_on(whole_number("n", n, 1)) and frames is not None:
            self.start(frames, steps=n)

    def stop(self) -> None:
        """Ends a run in motion or paused, at once. The newest frame stays; the worker closes the stream."""
        with self._changed:
            if self._run is None or not (self.in_motion or self.status == "paused"):
                return
            self._detach()
            self._set_status("stopped")
        self._tell_status()

    def clear(self) -> None:
        """Ends any run and forgets the frame and the error: "idle" again."""
        with self._changed:
            self._detach()
            self.frame = self.exception = None
            self._set_status("idle")
        self._tell_status()

    def close(self, timeout: float = 1.0) -> None:
        """Ends any run, waits briefly for the worker to let go of it, and calls no callback any more."""
        self._on_frame = self._on_status = None
        with self._changed:
            run = self._run
            self._detach()
            if self.in_motion or self.status == "paused":
                self._set_status("stopped")
        if run is not None and not on_worker():
            run.closed.wait(timeout)

    def wait(self, timeout: float | None = None) -> Status:
        """Blocks until nothing is in motion: done, paused, stopped, or never started.

        An interrupt (Ctrl-C, or the kernel's interrupt button) becomes a clean stop of everything that runs in the
        background: `wait` then returns "stopped" as soon as the worker has let go. A second interrupt while it does
        so is raised as usual.

        Args:
            timeout: Seconds to wait at most; None waits for ever.

        Returns:
            The status then, which is still "running" or the like if the time ran out.

        Raises:
            Exception: Whatever ended the run with status "error".
        """
        if on_worker():
            raise RuntimeError("wait() was called by a callback on the worker thread, which it would block for ever.")
        run = self._run
        try:
            self._wait_for_rest(timeout)
        except KeyboardInterrupt:
            worker.stop_all()
            self.stop()
            while run is not None and run.over and not run.closed.wait(_WAIT_SLICE_SECONDS):
                pass
        if self.status == "error" and self.exception is not None:
            raise self.exception
        return self.status

    def _wait_for_rest(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self.in_motion:
                left = _WAIT_SLICE_SECONDS if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(min(left, _WAIT_SLICE_SECONDS))

    def _go_on(self, budget: int | None) -> bool:
        with self._changed:
            run = self._run
            if run is None or not (self.in_motion or self.resumable):
                return False
            run.paused, run.budget = False, budget
            run.limit = None  # a frame under way was begun before
            if not self.in_motion:
                self._set_status(_moving(run))
        worker.wake()
        self._tell_status()
        return True

    def _detach(self) -> None:
        """Leaves the present run to the worker, to be closed. Needs the lock."""
        if self._run is not None:
            self._run.over = True
            self._run = None
            worker.wake()

    def _set_status(self, status: Status) -> None:
        """Needs the lock."""
        self.status = status
        self._changed.notify_all()

    def _tell_status(self) -> None:
        callback = self._on_status
        if callback is not None:
            callback()

    # The worker's side. Each takes the run it speaks of, and has no effect if that is not the present one any
    # more.

    def begin_turn(self, run: Run) -> bool:
        with self._changed:
            if run.over or run.paused:
                return False
            run.in_turn = True
            run.limit = run.budget
            moving = _moving(run)
            changed = self.status != moving
            self._set_status(moving)
        if changed:
            self._tell_status()
        return True

    def end_turn(self, run: Run, frame: Frame) -> None:
        with self._changed:
            run.in_turn = False
            if run.over:
                return
            self.frame = frame
            run.spend(frame)
            before = self.status
            self._set_status("paused" if run.paused else "running")
            changed = self.status != before
        callback = self._on_frame
        if callback is not None:
            callback(frame)
        if changed:
            self._tell_status()

    def end_run(self, run: Run, exception: BaseException | None) -> None:
        with self._changed:
            run.in_turn = False
            if run.over:
                return
            run.paused = True
            if exception is not None or not run.can_go_on:
                self._detach()
            self.exception = exception
            self._set_status("done" if exception is None else "error")
        self._tell_status()


def _moving(run: Run) -> Status:
    return "compiling" if run.needs_compile else "running"


def on_worker() -> bool:
    """Whether the calling code runs on the worker thread (in a stream or a callback)."""
    return worker.is_this_thread()


def stop_all() -> None:
    """Stops every run in motion within one `next()`. Takes no lock: safe in a signal handler."""
    worker.stop_all()


def call_soon(function: Callable[[], object]) -> None:
    """Calls a function on the worker thread between two turns, once a runner was started. Its errors are dropped."""
    worker.call_soon(function)
