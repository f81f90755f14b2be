"""Run the targets on random input until the time is over. Each target has its own processes."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from fuzz.feeding import LONGEST, fault
from fuzz.targets import TARGETS


def feed(target: str, seconds: float, results: Any) -> None:
    """Feed one target for a time. Reports the seed before each input, because TensorFlow may end the process."""
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 2)
    first, count, ends = random.SystemRandom().randrange(2**40), 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        fault(target, first, Path(folder) / "x", LONGEST)  # with the imports, which take seconds
        while time.monotonic() < ends:
            seed = first + count
            results.put(("at", seed, None))
            found = fault(target, seed, Path(folder) / "x", LONGEST)
            count += 1
            if found:
                results.put(("fault", seed, found))
    results.put(("done", count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


def fed(target: str, seconds: float) -> tuple[int, int, list[tuple[int, str]]]:
    """Run one target in its own processes. Return the number of inputs, the most MB, and the faults by seed."""
    context = multiprocessing.get_context("spawn")
    ends, total, memory, faults = time.monotonic() + seconds, 0, 0, []
    while (left := ends - time.monotonic()) > 0:
        results = context.Queue()
        process = context.Process(target=feed, args=(target, left, results))
        process.start()
        last = count = 0
        is_done = False
        while process.is_alive() or not results.empty():
            try:
                kind, number, about = results.get(timeout=60 if count else 600)  # imports take long
            except Exception:  # nothing for a minute
                if process.is_alive():
                    faults.append((last, "hangs"))
                    process.kill()
                break
            if kind == "at":
                last, count = number, count + 1
            elif kind == "fault":
                faults.append((number, about))
            else:
                is_done, memory = True, max(memory, about)
        process.join()
        total += count
        if not is_done and process.exitcode:
            faults.append((last, f"ended the process with {process.exitcode}"))
    return total, memory, faults


def main() -> int:
    """Run the command line; return 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", nargs="?")
    parser.add_argument("seed", nargs="?", type=int)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    if options.seed is not None:
        with tempfile.TemporaryDirectory() as folder:
            print(fault(options.target, options.seed, Path(folder) / "x") or "no fault")
        return 0
    chosen = [options.target] if options.target else list(TARGETS)
    inputs, failed = 0, 0
    for target in chosen:
        count, memory, faults = fed(target, 60 * options.minutes / len(chosen))
        inputs, failed = inputs + count, failed + len(faults)
        print(f"{target}: {count:,} inputs, {len(faults)} faults, at most {memory:,} MB", flush=True)
        for seed, what in faults[:20]:
            print(f"  seed {seed}: {what}", flush=True)
    print(f"{inputs:,} inputs, {failed} faults")
    return 1 if failed else 0
