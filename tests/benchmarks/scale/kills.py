"""Whether `render_model` on a Dask cluster loses anything when its processes are killed.

    python tests/benchmarks/scale/kills.py [--kills 20] [--seed 0]

Scheduler, two workers and the client are processes of their own. At a random moment of each run, SIGKILL ends one of
them, or all of them at once, as in a power cut. Then a new run finishes the work, on new processes where they are
needed. Each store must equal that of an undisturbed run byte by byte, and no task that was finished may be made again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

VICTIMS = ("worker", "scheduler", "client", "all")
WORKERS = 2
PATIENCE = 300.0
SETTINGS: dict[str, Any] = {"layers": ["conv2d0", "conv2d1"], "steps": 8, "image_size": 32, "batch": 2}

fork = multiprocessing.get_context("fork")


class Cluster:
    """A scheduler and workers as processes, of which any may be killed.

    Args:
        folder: Where the scheduler writes its address.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = 0
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """The file with the scheduler's address."""
        return str(self._folder / f"scheduler{self._starts}.json")

    def complete(self) -> None:
        """Start what is missing. Workers of a scheduler that is gone are replaced too."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            self.kill()
            self._starts += 1
            self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers = [each for each in self.workers if each.poll() is None]
        while len(self.workers) < WORKERS:
            self.workers.append(self._start("dask_worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"))

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        command = [f"distributed.cli.{program}", "--scheduler-file", self.address, "--no-dashboard", *options]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1"},
            stdout=quiet,
            stderr=quiet,
        )

    def kill(self) -> None:
        """Kill everything."""
        for each in [self.scheduler, *self.workers]:
            if each is not None:
                each.kill()
                each.wait()
        self.scheduler, self.workers = None, []


def run(store: str, address: str | None) -> None:
    """Render in this process, or on the cluster. An error ends the process with an exit code that is not 0."""
    from lucid_widgets import models, render_model  # noqa: PLC0415 (TensorFlow must not start before a process is forked)

    if address is None:
        render_model(models.EmojiNet(), out=store, verbose=False, **SETTINGS)
        return
    import distributed  # noqa: PLC0415

    with distributed.Client(scheduler_file=address, timeout=60) as client:
        client.wait_for_workers(1, timeout=60)
        render_model(models.EmojiNet(), out=store, client=client, verbose=False, **SETTINGS)


def started(store: Path, address: str | None) -> Any:
    process = fork.Process(target=run, args=(str(store), address))
    process.start()
    return process


def finished(store: Path, address: str | None) -> None:
    """Run to the end."""
    process = started(store, address)
    process.join(PATIENCE)
    assert process.exitcode == 0, f"a run ended with {process.exitcode}"


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def records(store: Path) -> dict[str, int]:
    """When each record of a finished task was written."""
    return {str(each): each.stat().st_mtime_ns for each in (store / "records").rglob("*.json")}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def kill_once(victim: str, store: Path, cluster: Cluster, tasks: int, random: np.random.Generator) -> tuple[int, int]:
    """Kill one kind of process during a run.

    Returns:
        How many tasks were finished at that moment, and how many of these were made again.
    """
    cluster.complete()
    client = started(store, cluster.address)
    after = int(random.integers(1, tasks - 2))
    until(lambda: len(records(store)) >= after or client.exitcode is not None)
    before = records(store)
    if victim in ("client", "all"):
        os.kill(client.pid, signal.SIGKILL)
    if victim in ("scheduler", "all") and cluster.scheduler is not None:
        cluster.scheduler.kill()
        cluster.scheduler.wait()
    for worker in {"worker": cluster.workers[:1], "all": cluster.workers}.get(victim, []):
        worker.kill()
        worker.wait()
    client.join(PATIENCE)
    assert client.exitcode is not None, "the client did not notice"
    if victim == "worker":
        assert client.exitcode == 0, "the other worker did not finish the work"
    cluster.complete()
    finished(store, cluster.address)
    now = records(store)
    return len(before), sum(now.get(name) != moment for name, moment in before.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    random = np.random.default_rng(asked.seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        finished(folder / "quiet", None)
        wanted, tasks = tree(folder / "quiet"), len(records(folder / "quiet"))
        cluster = Cluster(folder)
        try:
            for number in range(asked.kills):
                victim = VICTIMS[number % len(VICTIMS)]
                store = folder / f"killed{number}"
                kept, again = kill_once(victim, store, cluster, tasks, random)
                got = tree(store)
                differ = sum(got.get(each) != wanted.get(each) for each in got.keys() | wanted.keys())
                found.update(kills=1, again=again, differ=differ)
                print(f"{victim}: {kept} of {tasks} tasks kept, {again} made again, {differ} files differ", flush=True)
        finally:
            cluster.kill()
    print(f"{found['kills']} kills: {found['again']} finished tasks made again, {found['differ']} files differ")


if __name__ == "__main__":
    main()
