"""What `render_model` would do on many workers: a simulation from figures that are measured here.

    python tests/benchmarks/scale/simulation.py [--units 10000000] [--scheduler-ms MS] [--unit-ms MS]

The script measures these figures on this machine. Options set some of them instead:

- processor time of client and scheduler for a task, with few and with thousands of tasks under way;
- processor time to render a unit of EmojiNet's `mixed4a`;
- time to read the record of a task, as a run does at its start for what is finished;
- bytes of a line in the table of records.

The simulation: each worker has one task under way and one waiting for it. One process serves client and scheduler; it
takes the ends of tasks one after the other, and sends a new one for each. Tasks differ in length by up to a fifth.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import distributed
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from microscope.stores import drawn_store

from lucid_widgets.microscope import running
from lucid_widgets.microscope.store import Store

WORKERS = (1, 2, 10, 100, 1000)
UNITS_PER_TASK = (8, 64)
FILES_PER_TASK = 4
"""Three chunks and a record."""

LISTED = 1000
"""Most names in one answer of S3 to a request for a list."""

RECORDS = 4000


class Window:
    """A client that pretends to have as many workers as keep a number of tasks under way."""

    def __init__(self, client: Any, tasks: int) -> None:
        self._client, self._tasks = client, tasks

    def nthreads(self) -> dict[str, int]:
        return {"": self._tasks // 2}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class Nothing(distributed.WorkerPlugin):
    """In place of the plugin that brings the model."""

    name = "nothing"


def plugin(*_: Any) -> Nothing:
    """In place of the function that makes the plugin."""
    return Nothing()


def answer(*_: Any) -> tuple[float, dict[int, str]]:
    """In place of a task."""
    return 0.0, {}


def scheduler_seconds(under_way: int) -> float:
    """Processor time per task of client, scheduler and a worker that does nothing, which are one process here."""
    plan: Any = SimpleNamespace(
        layers=[SimpleNamespace(name="layer")], record_about=lambda _: {}, key="", model=None, recipe=None
    )
    tasks: Any = [SimpleNamespace(layer="layer", key=f"{n:064d}", units=(n,)) for n in range(max(400, 2 * under_way))]
    quiet: dict[str, Any] = {"dashboard_address": None, "silence_logs": 50}
    with (
        mock.patch.multiple(running, run_remotely=answer, model_plugin=plugin, packed_model=str),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **quiet) as cluster,
        distributed.Client(cluster) as client,
    ):
        began = time.process_time()
        made = sum(1 for _ in running.run_on(Window(client, under_way), plan, "", tasks, running.Control()))
        return (time.process_time() - began) / made


def unit_seconds() -> float:
    """Processor time per unit of a task of EmojiNet, compiled already."""
    from lucid_widgets import models  # noqa: PLC0415 (the other figures need no TensorFlow)
    from lucid_widgets.microscope.rendering import ModelRendering  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        run = ModelRendering(models.EmojiNet(), ["mixed4a"], folder)
        outcomes = running.run_here(run.plan, folder, run.tasks[:4], running.Control())
        next(outcomes)
        began = time.process_time()
        units = sum(len(each.task.units) for each in outcomes)
        return (time.process_time() - began) / units


def reading() -> tuple[float, float]:
    """Seconds to read a record, and bytes per unit in the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn_store(folder, {"layer": 4 * RECORDS})
        store = Store(folder)
        began = time.perf_counter()
        found = len(store.records())
        seconds = (time.perf_counter() - began) / found
        store.write_table()
        return seconds, (folder / "records.jsonl").stat().st_size / (4 * found)


def simulated(workers: int, task: float, service: float, tasks_each: int = 60) -> float:
    """Share of the workers' time that they spend on tasks.

    Args:
        workers: Number of workers.
        task: Average seconds of a task.
        service: Seconds that client and scheduler need for a task.
        tasks_each: Number of tasks per worker.
    """
    random = np.random.default_rng(0)
    total = workers * tasks_each
    waiting = [1] * workers  # tasks at the worker that it has not begun
    sent, ended, busy, free, now = 2 * workers, 0, 0.0, 0.0, 0.0
    idle = [False] * workers
    events: list[tuple[float, int, str]] = []
    lengths = deque((task * random.uniform(0.8, 1.2, total)).tolist())

    def begin(worker: int, at: float) -> None:
        nonlocal busy
        length = lengths.popleft()
        busy += length
        heapq.heappush(events, (at + length, worker, "ended"))

    for worker in range(workers):
        begin(worker, worker * service)  # the first ones are sent one after the other
    while ended < total:
        now, worker, what = heapq.heappop(events)
        if what == "ended":
            ended += 1
            if waiting[worker]:
                waiting[worker] -= 1
                begin(worker, now)
            else:
                idle[worker] = True
            free = max(free, now) + service
            heapq.heappush(events, (free, worker, "sent"))
        elif sent < total:
            sent += 1
            if idle[worker]:
                idle[worker] = False
                begin(worker, now)
            else:
                waiting[worker] += 1
    return busy / (workers * now)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=10_000_000)
    parser.add_argument("--scheduler-ms", type=float, default=None)
    parser.add_argument("--unit-ms", type=float, default=None)
    asked = parser.parse_args()
    if asked.scheduler_ms is None:
        by_number = {number: scheduler_seconds(number) for number in (4, 64, 512, 2000)}
        for number, seconds in by_number.items():
            print(f"{number} tasks under way: {1e3 * seconds:.1f} ms of client and scheduler per task", flush=True)
        service = max(by_number.values())
    else:
        service = asked.scheduler_ms / 1e3
    unit = unit_seconds() if asked.unit_ms is None else asked.unit_ms / 1e3
    record, line = reading()
    print(
        f"{1e3 * unit:.0f} ms per unit, {1e3 * record:.2f} ms to read a record, {line:.0f} bytes per line of the table"
    )
    print("\n| units per task | workers | busy | units per hour | all units |\n|---|---|---|---|---|")
    for units in UNITS_PER_TASK:
        for workers in WORKERS:
            share = simulated(workers, units * unit, service)
            hourly = workers * share / unit * 3600
            print(
                f"| {units} | {workers:,} | {share:.2f} | {hourly:,.0f} | {asked.units / hourly:,.1f} h |", flush=True
            )
    print("\n| units per task | tasks | files | lists | minutes to read records | table |\n|---|---|---|---|---|---|")
    for units in UNITS_PER_TASK:
        tasks = asked.units / units
        print(
            f"| {units} | {tasks:,.0f} | {FILES_PER_TASK * tasks:,.0f} | {tasks / LISTED:,.0f} "
            f"| {tasks * record / 60:.1f} | {asked.units * line / 1e9:.1f} GB |"
        )


if __name__ == "__main__":
    main()
