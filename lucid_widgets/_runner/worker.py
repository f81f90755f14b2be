"""The thread that runs all jobs in turns. A turn is one `next()` of one stream.

There is one thread for the whole process, because TensorFlow must not trace functions on several threads at once. Jobs
take turns, so that two running widgets both make progress. While no job has anything to do, the thread sleeps without
polling.
"""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any

from lucid_widgets._runner.job import Job

_EXIT_SECONDS = 2.0
"""How long the exit of the interpreter waits for a stream of the user, which may never return."""

_ENGINE_EXIT_SECONDS = 120.0
"""How long it waits for a stream of this package's engine: enough for a compilation. A thread that is still inside
TensorFlow when the interpreter ends aborts the process."""

TURN_SECONDS = 0.1
"""Longest target duration of a turn of a stream that can choose it."""

_SHORTEST_TURN_SECONDS = 0.03
"""Shortest target duration of such a turn. In every turn, the widget also encodes and sends a frame."""

ROUND_SECONDS = 0.6
"""Target duration of a round, in which every stream in motion has a turn."""

_READY_SECONDS = 0.02
"""Longest time a job that is not ready may hold up the queue."""


class _Request(Enum):
    WAKE = auto()
    EXIT = auto()


class Worker:
    """The thread, and the queue of its jobs."""

    def __init__(self) -> None:
        self._jobs: tuple[Job, ...] = ()  # replaced as a whole, so that it can be read without the lock
        self._lock = threading.Lock()
        # A tuple of jobs is a request to stop them, a function one to call it. SimpleQueue.put is reentrant: signal
        # handlers and the garbage collector may call it in the middle of other code.
        self._requests: queue.SimpleQueue[_Request | tuple[Job, ...] | Callable[[], object]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def in_motion(self) -> int:
        """Number of jobs that want turns."""
        return sum(job.wants_turn for job in self._jobs)

    def is_this_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def add(self, job: Job) -> None:
        with self._lock:
            self._jobs += (job,)
            if self._thread is None:
                # atexit runs the last handler first: ours must run before those of the libraries that streams use.
                atexit.register(self.exit)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="lucid-widgets", daemon=True)
                self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Make the thread look at its jobs again. Takes no lock: safe in a signal handler or a weakref callback."""
        self._requests.put(_Request.WAKE)

    def stop_all(self) -> None:
        """Stop the jobs that are in motion now, within one turn. Takes no lock: safe in a signal handler."""
        self._requests.put(self._jobs)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call a function on the thread between two turns. The thread starts with the first job."""
        self._requests.put(function)

    def exit(self) -> None:
        """Close every stream and end the thread."""
        thread = self._thread
        if thread is not None and thread.is_alive() and not self.is_this_thread():
            self._requests.put(_Request.EXIT)
            thread.join(_ENGINE_EXIT_SECONDS if any(job.is_of_engine for job in self._jobs) else _EXIT_SECONDS)

    def _serve(self) -> None:
        while self._handle_requests():
            job = next((job for job in self._jobs if job.needs_attention), None)
            if job is not None:
                self._take_turn(job)
                self._requeue(job)
        for job in self._jobs:
            job.over = True
            self._take_turn(job)

    def _handle_requests(self) -> bool:
        """Return False if the thread should end. Sleep until the next request if no job needs attention."""
        block = not any(job.needs_attention for job in self._jobs)
        while True:
            try:
                request = self._requests.get(block=block)
            except queue.Empty:
                return True
            block = False
            if request is _Request.EXIT:
                return False
            if isinstance(request, tuple):
                _stop_in_motion(request)
            elif callable(request):
                with contextlib.suppress(Exception):  # the caller is not waiting for a result
                    request()

    def _requeue(self, job: Job) -> None:
        """Move a job that had its turn behind all others, including those added during the turn."""
        with self._lock:
            others = tuple(other for other in self._jobs if other is not job)
            self._jobs = others if job.closed.is_set() else (*others, job)

    def _take_turn(self, job: Job) -> None:
        if job.over or job.owner() is None:
            job.close()
        elif not job.is_ready(_READY_SECONDS):
            return  # no turn has begun, so the job can be paused at once
        else:
            job.set_turn_seconds(turn_seconds(self.in_motion))
            _make_turn(job)
            _notify(job, "leave_turn")


def turn_seconds(count: int) -> float:
    """Target duration of a turn if `count` streams are in motion."""
    return min(TURN_SECONDS, max(_SHORTEST_TURN_SECONDS, ROUND_SECONDS / max(1, count)))


def _make_turn(job: Job) -> None:
    if not _notify(job, "begin_turn", job):
        return
    # Hold no reference to the owner here: it may be dropped during a long turn.
    try:
        frame = job.next_frame()
    except StopIteration:
        _notify(job, "end_job", job, None)
    except BaseException as error:
        _notify(job, "end_job", job, error)
    else:
        _notify(job, "end_turn", job, frame)


def _stop_in_motion(jobs: Iterable[Job]) -> None:
    for job in jobs:
        owner = job.owner()
        if owner is not None and job.wants_turn and owner.in_motion:
            _notify(job, "stop")


def _notify(job: Job, method: str, *args: Any) -> Any:
    """Call a method of the owner, if it still exists. An error in its callbacks ends the job, not the thread."""
    owner = job.owner()
    if owner is None:
        return None
    try:
        return getattr(owner, method)(*args)
    except BaseException as error:
        with contextlib.suppress(BaseException):  # the callback that raised may raise again
            owner.end_job(job, error)
        return None


worker = Worker()
"""The worker of this process. Its thread starts with the first job."""
