"""What Dask costs `render_model`, and what a second worker gains.

    python tests/benchmarks/scale/efficiency.py [--layer mixed4a] [--steps 64] [--batch 8] [--runs 3]

One plain loop, one worker and two workers render the same layer, each on one thread of TensorFlow per process. A first
render with another seed warms them up: the processes have started, and TensorFlow has compiled, before the clock runs.
The output has the median seconds of each, and two figures:

- overhead of Dask: seconds of one worker over those of the plain loop, less one. Beside it, the processor time of
  client and scheduler over that of the worker, because here they have a core of their own;
- efficiency of two workers: seconds of one worker over twice those of two.

All stores must have the same bytes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

# For the plain loop, before TensorFlow is imported.
os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}

import psutil  # type: ignore[import-untyped]

from lucid_widgets import models, render_model
from lucid_widgets.microscope.running import local_cluster


def tree(folder: Path) -> dict[str, bytes]:
    """Content of all files below a folder, by name."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def processor_seconds(processes: list[psutil.Process]) -> float:
    """Processor time of some processes so far."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def timed(
    model: Any, folder: Path, settings: dict[str, Any], runs: int, client: Any = None
) -> tuple[float, float, float]:
    """Render once to warm up, then several times.

    Returns:
        The median of the seconds, and the processor seconds of this process and of the workers in all runs.
    """
    render_model(model, out=folder / "warm", seeds=1, client=client, **settings)
    workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()] if client else []
    own, theirs, clock = processor_seconds([psutil.Process()]), processor_seconds(workers), []
    for run in range(runs):
        began = time.perf_counter()
        render_model(model, out=folder / str(run), seeds=0, client=client, **settings)
        clock.append(time.perf_counter() - began)
    return (
        statistics.median(clock),
        processor_seconds([psutil.Process()]) - own,
        processor_seconds(workers) - theirs,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="EmojiNet")
    parser.add_argument("--layer", default="mixed4a")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--batch", type=int, default=8, help="images per task")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    model = getattr(models, arguments.network)()
    settings = {
        "layers": [arguments.layer],
        "steps": arguments.steps,
        "batch": arguments.batch,
        "image_size": 48,
        "verbose": False,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, _, _ = timed(model, folder / "plain", settings, arguments.runs)
        print(f"plain loop: {plain:.1f} s", flush=True)
        expected, took = tree(folder / "plain" / "0"), {}
        for count in (1, 2):
            out = folder / f"workers{count}"
            with local_cluster(count, cores=1) as client:
                took[count], own, theirs = timed(model, out, settings, arguments.runs, client)
            same = "the same bytes" if tree(out / "0") == expected else "OTHER BYTES"
            print(
                f"{count} workers: {took[count]:.1f} s, client and scheduler {own:.1f} s of processor time for "
                f"{theirs:.1f} s of the workers ({100 * own / theirs:.1f} %), {same}",
                flush=True,
            )
        print(f"overhead of Dask: {100 * (took[1] / plain - 1):.1f} %")
        print(f"efficiency of two workers: {took[1] / (2 * took[2]):.2f}")


if __name__ == "__main__":
    main()
