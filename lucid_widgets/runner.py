"""`Runner`: run a stream of frames in the background; pause, resume, step, stop and wait.

One daemon thread serves all runners of the process in turns. A turn is one `next()` of one stream. The optimization
never waits for a viewer. This module knows neither TensorFlow nor widgets: a stream is any iterable of `Frame`s.

Locks: a runner's lock protects a few assignments. It is never held while a stream or a callback runs, so a callback
may take any lock and may call the runner.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal

from lucid_widgets._runner.job import Frames, Job
from lucid_widgets._runner.worker import worker
from lucid_widgets.errors import whole_number
from lucid_widgets.frames import Frame

__all__ = ["IN_MOTION", "Frames", "Runner", "Status", "call_soon", "crowding", "on_worker", "stop_all"]

Status = Literal["idle", "queued", "compiling", "running", "paused", "done", "stopped", "error"]
"""State of a runner: "queued" means that another stream occupies the worker thread."""

IN_MOTION: frozenset[Status] = frozenset({"queued", "compiling", "running"})
"""The states in which the worker thread has, or will have, something to do."""

# Windows cannot interrupt a blocked lock from the keyboard, so waiting is divided into intervals.
_WAIT_INTERVAL_SECONDS = 0.5

_UNCROWDED = 4
"""Most runs in motion that each publish as often as a single one."""


class Runner:
    """Runs one stream of frames at a time on the shared worker thread, and keeps the newest frame.

    A stream is an iterable of `Frame`s, or a function without arguments that returns one. The function is called on
    the worker thread: the status is "compiling" meanwhile, and an error in it ends the run. The runner uses these
    attributes of the stream's iterator if it has them:

    - `needs_compile`: true if the next frame takes seconds; the status is "compiling" then.
    - `advance(n)`: return the next frame after at most `n` updates. With it, `step(n)` makes exactly `n` updates. The
      first frame of such a stream comes from `next()` and is the initial image, which takes no update.
    - `steps`: the step at which the stream ends. It can be raised later, so `resume()` works after "done".
    - `turn_seconds`: how long its next frame should take. The worker thread sets it, to less if many streams run.
    - `wait_until_ready(timeout)`: false if the stream cannot make its next frame yet. Other streams run meanwhile,
      and `pause()` takes effect at once.
    - `close()`: called when the run is over.

    The run of a runner that is garbage-collected ends within one `next()`.

    Args:
        on_frame: Called with each new frame on the worker thread.
        on_status: Called after each change of status, on the thread that changed it. Calls from two threads may arrive
            in either order, so read `status` instead of counting calls.

    Attributes:
        status: See `Status`.
        frame: The newest frame; None before the first.
        exception: The exception that ended the run if `status` is "error", else None.

    Example:
        >>> steps = []
        >>> runner = Runner(on_frame=lambda frame: steps.append(frame.step))
        >>> runner.start(iter_vis(model, "mixed4a:152", steps=64))
        >>> runner.wait()
        'done'
        >>> steps[0], steps[-1]
        (0, 64)
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
        self._job: Job | None = None
        self._announced: Job | None = None  # the worker has changed the status in its turn, and callbacks are under way

    def __repr__(self) -> str:
        return f"Runner(status={self.status!r}, frame={self.frame!r})"

    @property
    def in_motion(self) -> bool:
        """Whether the worker thread has, or will have, something to do for this runner."""
        return self.status in IN_MOTION

    @property
    def unsettled(self) -> bool:
        """Whether the run is in motion, or the callbacks have not heard yet that it is not."""
        return self.in_motion or self._announced is not None

    @property
    def will_pause(self) -> bool:
        """Whether the run is in motion and will pause without another command, after `step()` or `pause()`."""
        job = self._job
        return self.in_motion and job is not None and (job.paused or job.budget is not None)

    @property
    def pausing(self) -> bool:
        """Whether the run is paused or will pause without another command."""
        # The order matters: the run may pause between the two reads.
        return self.will_pause or self.status == "paused"

    @property
    def resumable(self) -> bool:
        """Whether `resume()` has an effect: the run is paused, or done with a stream whose `steps` can be raised."""
        return self.status == "paused" or (self.status == "done" and self._job is not None)

    @property
    def stream(self) -> Iterator[Frame] | None:
        """The iterator of the run, from its first turn until it is closed."""
        job = self._job
        return None if job is None else job.iterator

    def start(self, frames: Frames, *, steps: int | None = None) -> None:
        """Start a new run, which replaces any earlier one. Returns at once.

        Args:
            frames: The stream, or a function that returns it.
            steps: Pause after this number of updates, counted as by `step`. 0 pauses at the first frame.
                default: run to the end.
        """
        job = Job(self, frames, None if steps is None else whole_number("steps", steps, 0), worker.wake)
        with self._changed:
            self._detach()
            self._job = job
            self.frame = self.exception = None
            self.status = "queued" if worker.in_motion else _moving(job)
        try:
            self._notify_status()
        finally:
            worker.add(job)

    def rest(self, frames: Frames, frame: Frame, *, done: bool = False) -> None:
        """Take over a run that finished, paused or stopped earlier. Its stream is not read until the run continues.

        Args:
            frames: The stream, or a function that returns it. Its next frame is the one after `frame`.
            frame: The newest frame of the run.
            done: Whether the run is done; if not, it is paused.
        """
        job = Job(self, frames, None, worker.wake)
        job.paused, job.step = True, frame.step
        with self._changed:
            self._detach()
            self._job = job
            self.frame, self.exception = frame, None
            self._set_status("done" if done else "paused")
        try:
            self._notify_status()
        finally:
            worker.add(job)

    def pause(self) -> None:
        """Pause a run in motion. If a turn is under way, its frame still arrives, and then the status is "paused"."""
        with self._changed:
            if self._job is None or not self.in_motion:
                return
            self._job.paused = True
            if self._job.in_turn:
                return  # end_turn sets the status
            self._set_status("paused")
        self._notify_status()

    def resume(self) -> None:
        """Continue after a pause, or after the end of a stream whose `steps` were raised. Does nothing else."""
        self._continue(None)

    def step(self, n: int = 1, frames: Frames | None = None) -> None:
        """Make exactly `n` more updates, then pause.

        If the stream has an `advance` method, updates are counted by `Frame.step`; its initial image arrives in
        addition. In any other stream, each frame counts as one update. A turn that is under way does not count.

        Args:
            n: Number of updates, at least 1.
            frames: The stream to start if there is no run to continue. default: start nothing.
        """
        if not self._continue(whole_number("n", n, 1)) and frames is not None:
            self.start(frames, steps=n)

    def stop(self) -> None:
        """End a run that is in motion or paused, at once. `frame` stays; the worker thread closes the stream."""
        with self._changed:
            if self._job is None or not (self.in_motion or self.status == "paused"):
                return
            self._detach()
            self._set_status("stopped")
        self._notify_status()

    def clear(self) -> None:
        """End any run, and forget its frame and its error. The status is "idle" again."""
        with self._changed:
            self._detach()
            self.frame = self.exception = None
            self._set_status("idle")
        self._notify_status()

    def close(self, timeout: float = 1.0) -> None:
        """End any run and call no callback any more. Waits up to `timeout` seconds until the stream is closed."""
        self._on_frame = self._on_status = None
        with self._changed:
            job = self._job
            self._detach()
            if self.in_motion or self.status == "paused":
                self._set_status("stopped")
        if job is not None and not on_worker():
            job.closed.wait(timeout)

    def wait(self, timeout: float | None = None) -> Status:
        """Block until the run is not in motion and the callbacks have heard of it, and return the status.

        An interrupt (Ctrl-C, or the kernel's interrupt button) stops everything that runs in the background; `wait`
        then returns "stopped" once the stream is closed. A second interrupt during that time is raised as usual.

        Args:
            timeout: Longest time to wait, in seconds. default: no limit.

        Returns:
            "done", "paused", "stopped" or "idle"; after `timeout`, the status at that moment.

        Raises:
            Exception: The exception that ended the run, if the status is "error".
        """
        if on_worker():
            raise RuntimeError("wait() was called on the worker thread, which it would block forever.")
        job = self._job
        try:
            self._wait_while_in_motion(timeout)
        except KeyboardInterrupt:
            worker.stop_all()
            self.stop()
            while job is not None and job.over and not job.closed.wait(_WAIT_INTERVAL_SECONDS):
                pass
        if self.status == "error" and self.exception is not None:
            raise self.exception
        return self.status

    def _wait_while_in_motion(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self.unsettled:
                left = _WAIT_INTERVAL_SECONDS if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(min(left, _WAIT_INTERVAL_SECONDS))

    def _continue(self, budget: int | None) -> bool:
        """Return whether there was a run to continue."""
        with self._changed:
            job = self._job
            if job is None or not (self.in_motion or self.resumable):
                return False
            job.paused, job.budget = False, budget
            job.limit = None  # a turn under way does not use up the new budget
            if not self.in_motion:
                self._set_status(_moving(job))
        worker.wake()
        self._notify_status()
        return True

    def _detach(self) -> None:
        """Leave the present job to the worker, which closes it. Needs the lock."""
        if self._job is not None:
            self._job.over = True
            self._job = None
            worker.wake()

    def _set_status(self, status: Status) -> None:
        """Needs the lock."""
        self.status = status
        self._changed.notify_all()

    def _notify_status(self) -> None:
        callback = self._on_status
        if callback is not None:
            callback()

    # The worker calls the methods below. They have no effect if their job is not the present one any more.

    def begin_turn(self, job: Job) -> bool:
        with self._changed:
            if job.over or job.paused:
                return False
            job.in_turn = True
            job.limit = job.budget
            moving = _moving(job)
            changed = self.status != moving
            self._set_status(moving)
        if changed:
            self._notify_status()
        return True

    def end_turn(self, job: Job, frame: Frame) -> None:
        with self._changed:
            job.in_turn = False
            if job.over:
                return
            self._announced = job
            self.frame = frame
            job.spend(frame)
            before = self.status
            self._set_status("paused" if job.paused else "running")
            changed = self.status != before
        callback = self._on_frame
        if callback is not None:
            callback(frame)
        if changed:
            self._notify_status()

    def end_job(self, job: Job, exception: BaseException | None) -> None:
        with self._changed:
            job.in_turn = False
            # A run that is done is over when its callbacks hear of it, and one of them may raise.
            callback_raised = self._announced is job and self._job is None and self.status == "done"
            if job.over and not callback_raised:
                return
            self._announced = job
            job.paused = True
            if exception is not None or not job.can_go_on:
                self._detach()
            self.exception = exception
            self._set_status("done" if exception is None else "error")
        self._notify_status()

    def leave_turn(self) -> None:
        # Only now has `end_job` been called for a callback that raised, so `wait` cannot miss its error.
        with self._changed:
            self._announced = None
            self._changed.notify_all()


def _moving(job: Job) -> Status:
    return "compiling" if job.needs_compile else "running"


def on_worker() -> bool:
    """Return whether the calling code runs on the worker thread, in a stream or a callback."""
    return worker.is_this_thread()


def stop_all() -> None:
    """Stop every run in motion within one `next()`. Takes no lock: safe in a signal handler."""
    worker.stop_all()


def crowding() -> float:
    """Return by how much to stretch the intervals of what each run does in addition to its frames.

    1 for up to four runs in motion, then proportional to their number: all runs together then do no more of it than
    four do.
    """
    return max(1.0, worker.in_motion / _UNCROWDED)


def call_soon(function: Callable[[], object]) -> None:
    """Call a function on the worker thread between two turns. Its errors are dropped.

    The thread starts with the first run of any runner; the call is made then.
    """
    worker.call_soon(function)
