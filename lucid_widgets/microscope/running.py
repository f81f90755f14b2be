"""Where tasks run: in this process one after the other, or on the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any

from lucid_widgets.microscope.plan import Plan
from lucid_widgets.microscope.remote import model_plugin, packed_model, run_remotely
from lucid_widgets.microscope.tasks import Task
from lucid_widgets.microscope.work import run_task
from lucid_widgets.misc._optional import needed

ATTEMPTS = 2
"""Number of times that a task is begun before its units count as failed."""

# Each further task would fail too.
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_WORKERS_SECONDS = 2.0
_PATIENCE = 0.2
_LOOK_SECONDS = 0.05
_WHAT = "Rendering on several workers"


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Args:
        task: The task.
        seconds: How long it took its worker.
        failed: Reasons why units have no image.
        stored: Whether the store has the task; if not, the next run tries it again.
    """

    task: Task
    seconds: float = 0.0
    failed: Mapping[int, str] = field(default_factory=dict)
    stored: bool = True


class Control:
    """Lets another thread pause, resume and cancel a run."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self.cancelled = False

    @property
    def paused(self) -> bool:
        """Whether no further task is begun at present."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Begin no further task. Those under way still end."""
        self._go.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()

    def cancel(self) -> None:
        """Begin no further task, and end the run."""
        self.cancelled = True
        self._go.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait while the run is paused. Return whether it may go on."""
        self._go.wait(seconds)
        return not self.paused and not self.cancelled


def run_here(plan: Plan, url: str, tasks: Sequence[Task], control: Control) -> Iterator[Outcome]:
    """Run tasks in this process, one after the other."""
    about = {layer.name: plan.record_about(layer) for layer in plan.layers}
    for task in tasks:
        control.wait()
        if control.cancelled:
            return
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                seconds, failed = run_task(plan.model, url, task, plan.recipe, about[task.layer])
            except Exception as error:  # of the network or of the store, which may be of any type
                _raise_if_fatal(error)
                reason = f"{type(error).__name__}: {error}"
            else:
                yield Outcome(task, seconds, failed)
                break
        else:
            yield Outcome(task, failed=dict.fromkeys(task.units, reason), stored=False)


def run_on(
    client: Any,
    plan: Plan,
    url: str,
    tasks: Sequence[Task],
    control: Control,
    *,
    resources: Mapping[str, float] | None = None,
    workers_changed: Callable[[int], object] = lambda count: None,
) -> Iterator[Outcome]:
    """Run tasks on the workers of a Dask cluster.

    Each worker gets the model once, also if it joins later or starts again. At most two tasks per thread are with the
    scheduler, so that a pause takes effect soon and the scheduler's memory does not grow with the number of units.

    Args:
        client: A `distributed.Client`.
        plan: The plan.
        url: Path or URL of the store, which all workers can reach.
        tasks: The tasks.
        control: Pauses and cancels the run.
        resources: What a worker must have, such as `{"GPU": 1}`.
        workers_changed: Called with the number of threads whenever it has changed.
    """
    distributed = needed("distributed", _WHAT, "microscope")
    about = {layer.name: plan.record_about(layer) for layer in plan.layers}
    waiting, again = deque(tasks), dict.fromkeys((task.key for task in tasks), 0)
    running: dict[Any, Task] = {}
    # It hears of each end once. Looking at all tasks under way each time would slow the client down on large clusters.
    ended = distributed.as_completed(loop=client.loop)
    serial = itertools.count()
    options = {"resources": dict(resources)} if resources else {}
    threads, asked_at = 0, -_WORKERS_SECONDS
    plugin = model_plugin(plan.key, packed_model(plan.model))
    client.register_plugin(plugin)
    try:
        while (waiting and not control.cancelled) or running:
            if client.status == "closed":
                raise ConnectionError("The client is closed.")
            now = time.monotonic()
            if now - asked_at >= _WORKERS_SECONDS:
                count = max(1, sum(client.nthreads().values()))
                asked_at = now
                if count != threads:
                    threads = count
                    workers_changed(threads)
            while waiting and len(running) < 2 * threads and not control.paused and not control.cancelled:
                task = waiting.popleft()
                future = client.submit(
                    run_remotely,
                    plan.key,
                    url,
                    task,
                    plan.recipe,
                    about[task.layer],
                    key=f"lucid-units-{task.key[:32]}-{next(serial)}",
                    pure=False,
                    **options,
                )
                running[future] = task
                ended.add(future)
            if not ended.has_ready():
                if running:
                    time.sleep(_LOOK_SECONDS)
                else:
                    control.wait(_PATIENCE)
                continue
            # Also tasks that the scheduler has lost.
            for future in ended.next_batch():
                task = running.pop(future)
                outcome = _outcome(future, task)
                if outcome is None or (not outcome.stored and again[task.key] + 1 < ATTEMPTS):
                    again[task.key] += 1 if outcome is not None else 0
                    waiting.appendleft(task)
                else:
                    yield outcome
                future.release()
    except (Exception, CancelledError, asyncio.CancelledError) as error:
        if client.status == "running":
            raise
        # Whatever was asked of Dask at that moment fails in its own way.
        raise ConnectionError("The connection to Dask's scheduler is lost. Run again to go on.") from error
    finally:
        if client.status == "running":
            client.cancel([*running])
            client.unregister_worker_plugin(plugin.name)


def _outcome(future: Any, task: Task) -> Outcome | None:
    """What became of a task; None if the scheduler has lost it."""
    if future.status == "finished":
        seconds, failed = future.result()
        return Outcome(task, seconds, failed)
    if future.status != "error":
        return None
    error = future.exception()
    _raise_if_fatal(error)
    return Outcome(task, failed=dict.fromkeys(task.units, f"{type(error).__name__}: {error}"), stored=False)


def _raise_if_fatal(error: BaseException) -> None:
    if isinstance(error, OSError) and error.errno in _FATAL:
        raise error


def _dask_settings(environment: Mapping[str, Any]) -> dict[str, Any]:
    """Dask's settings for workers that compute with TensorFlow.

    Dask's profiler looks at the stack of each worker a hundred times a second, which takes 5 % of the time. Dask also
    makes the workers give back each freed block of memory at once, so that every step asks the system again for the
    memory of its tensors. This takes up to a quarter of the time. glibc arrives at the values here by itself.

    Args:
        environment: The environment variables that Dask sets for its workers.
    """
    memory = {"MALLOC_MMAP_THRESHOLD_": 32 << 20, "MALLOC_TRIM_THRESHOLD_": 64 << 20}
    return {
        "distributed.worker.profile.enabled": False,
        "distributed.nanny.pre-spawn-environ": {**environment, **memory},
    }


@contextlib.contextmanager
def local_cluster(workers: int, cores: int | None = None) -> Iterator[Any]:
    """A client of a new cluster of processes on this machine.

    Args:
        workers: Number of processes.
        cores: Processor cores of each worker. Default: all cores of the machine, shared evenly.
    """
    distributed = needed("distributed", _WHAT, "microscope")
    dask = needed("dask", _WHAT, "microscope")
    cores = cores or max(1, (os.cpu_count() or 1) // workers)
    settings = {"TF_NUM_INTRAOP_THREADS": str(cores), "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": str(cores)}
    with dask.config.set(_dask_settings(dask.config.get("distributed.nanny.pre-spawn-environ", {}))):
        cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
            env=settings,
        )
    with cluster, distributed.Client(cluster) as client:
        yield client


__all__ = ["Control", "Outcome", "local_cluster", "run_here", "run_on"]
