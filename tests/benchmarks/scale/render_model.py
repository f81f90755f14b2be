"""What `render_model` costs on several workers, and whether kills lose anything.

    python tests/benchmarks/scale/render_model.py [--steps 64] [--layers mixed4a] [--kills 20]

Processor time is compared, not time on the clock, so that other programs on the machine change little:

- overhead of Dask: processor time of the process with client and scheduler, over that of its one worker;
- cost of a second worker: processor time of two workers over that of one. Each compiles for itself.

For the kills, runs in processes of their own are ended by SIGKILL at random moments, as in a power cut. Then one worker
after the other of a cluster is killed during a run. Both stores must equal that of an undisturbed run, byte by byte.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]

from lucid_widgets import models, render_model
from lucid_widgets.microscope.progress import Progress


def tree(folder: Path) -> dict[str, bytes]:
    """Content of all files below a folder, by name."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def processor_seconds(who: int) -> float:
    """Processor time of this process, or of its children that have ended."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def timed(out: Path, settings: dict[str, Any], workers: int | None) -> tuple[float, float, float]:
    """Render. Return processor seconds of this process and of its children, and seconds by the clock."""
    own, others = processor_seconds(resource.RUSAGE_SELF), processor_seconds(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    render_model(models.EmojiNet(), out=out, workers=workers, verbose=False, **settings)
    return (
        processor_seconds(resource.RUSAGE_SELF) - own,
        processor_seconds(resource.RUSAGE_CHILDREN) - others,
        time.perf_counter() - began,
    )


def run(out: str, settings: dict[str, Any]) -> None:
    """Render in a separate process."""
    render_model(models.EmojiNet(), out=out, verbose=False, **settings)


def killed_runs(quiet: Path, out: Path, settings: dict[str, Any], kills: int) -> int:
    """Kill runs at random moments, finish the work, and return the number of files that differ."""
    random = np.random.default_rng(0)
    context = multiprocessing.get_context("fork")
    for _ in range(kills):
        process = context.Process(target=run, args=(str(out), settings))
        process.start()
        time.sleep(random.uniform(0.5, 6))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    last = context.Process(target=run, args=(str(out), settings))
    last.start()
    last.join()
    return different(quiet, out)


def killed_workers(quiet: Path, out: Path, settings: dict[str, Any]) -> tuple[int, int]:
    """Kill a worker after every tenth task. Return the number of kills, and of files that differ."""
    made = kills = 0

    def kill(_: Progress) -> None:
        nonlocal made, kills
        made += 1
        workers = [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]
        if made % 10 == 0 and workers:
            workers[0].kill()
            kills += 1

    render_model(models.EmojiNet(), out=out, workers=2, on_progress=kill, verbose=False, **settings)
    return kills, different(quiet, out)


def different(first: Path, second: Path) -> int:
    """Number of files that two folders do not have in common."""
    one, other = tree(first), tree(second)
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--layers", nargs="+", default=["mixed4a"])
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    settings = {"layers": arguments.layers, "steps": arguments.steps, "image_size": 48}
    small = {"layers": ["conv2d0", "conv2d1"], "steps": 8, "image_size": 32, "batch": 2}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.kills:
            # Before TensorFlow is used in this process, because processes are forked.
            context = multiprocessing.get_context("fork")
            quiet = context.Process(target=run, args=(str(folder / "quiet"), small))
            quiet.start()
            quiet.join()
            lost = killed_runs(folder / "quiet", folder / "killed", small, arguments.kills)
            print(f"{arguments.kills} runs killed: {lost} files differ", flush=True)
            kills, lost = killed_workers(folder / "quiet", folder / "workers", small)
            print(f"{kills} workers killed: {lost} files differ", flush=True)
        own, _, clock = timed(folder / "plain", settings, None)
        print(f"plain loop: {own:.1f} s of processor time, {clock:.1f} s on the clock", flush=True)
        costs = {}
        for workers in (1, 2):
            own, others, clock = timed(folder / f"of{workers}", settings, workers)
            costs[workers] = others
            print(
                f"{workers} workers: {others:.1f} s of processor time, client and scheduler {own:.1f} s "
                f"({100 * own / others:.1f} %), {clock:.1f} s on the clock, "
                f"{different(folder / 'plain', folder / f'of{workers}')} files differ",
                flush=True,
            )
        print(f"two workers against one: {costs[2] / costs[1]:.2f} times the processor time")


if __name__ == "__main__":
    main()
