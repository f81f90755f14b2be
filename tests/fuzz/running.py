"""Run the targets on random input until the time is over. Each target has its own processes."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.feeding import LONGEST, fault, most_memory
from fuzz.targets import TARGETS

PATIENCE = 120.0
"""Seconds without a new input after which a process counts as one that hangs, however busy the machine is."""
STARTING = 600.0
"""The same for the first input, which waits for the imports."""


_interrupted = threading.Event()


@dataclass
class Report:
    """What feeding one target has shown: the number of inputs, the most MB of memory, and the faults by seed."""

    inputs: int = 0
    memory: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


def feed(target: str, seconds: float, most: int, numbers: Any, faults: Any) -> None:
    """Feed one target.

    Args:
        target: One of `TARGETS`.
        seconds: For how long at most.
        most: The most inputs.
        numbers: Two shared numbers: the seed of the present input, and the number of inputs. They are set before each
            input, because TensorFlow may end the process. A message for each would take longer than most inputs.
        faults: A pipe for (seed, what went wrong), and at the end for (None, most MB of memory).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 2)
    seed, ends = random.SystemRandom().randrange(2**40), time.monotonic() + seconds
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a disk would take most of the time
    with tempfile.TemporaryDirectory(dir=in_memory) as folder:
        fault(target, seed, Path(folder) / "x")  # with the imports, which take seconds
        while numbers[1] < most and time.monotonic() < ends:
            numbers[0], numbers[1] = seed, numbers[1] + 1
            found = fault(target, seed, Path(folder) / "x", LONGEST)
            if found:
                faults.send((seed, found))
            seed += 1
    faults.send((None, most_memory()))


def fed(target: str, seconds: float, most: int) -> Report:
    """Run one target in separate processes: in a new one whenever one has ended early."""
    context = multiprocessing.get_context("spawn")
    report, ends = Report(), time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0 and report.inputs < most and not _interrupted.is_set():
        numbers = context.RawArray("q", 2)
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=feed, args=(target, left, most - report.inputs, numbers, theirs))
        process.start()
        theirs.close()
        is_done = _follow(process, numbers, ours, report)
        process.join()
        report.inputs += numbers[1]
        if not is_done and process.exitcode:
            report.faults.append((numbers[0], f"ended the process with {process.exitcode}"))
    return report


def _follow(process: Any, numbers: Any, faults: Any, report: Report) -> bool:
    """Collect the faults of a process until it ends. Returns False if it has ended early, without a known reason."""
    count, since = 0, time.monotonic()
    while True:
        if faults.poll(1):
            try:
                seed, found = faults.recv()
            except EOFError:
                return False
            if seed is None:
                report.memory = max(report.memory, found)
                return True
            report.faults.append((seed, found))
        if _interrupted.is_set():
            process.kill()
            return True
        if numbers[1] != count:
            count, since = numbers[1], time.monotonic()
        elif time.monotonic() - since > (PATIENCE if count else STARTING):
            report.faults.append((numbers[0], "hangs"))
            process.kill()
            return True


def main() -> int:
    """Run the command line; return 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("seed", nargs="?", type=int)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--inputs", type=int, default=10**9, help="the most inputs for each target")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets that are fed at a time")
    options = parser.parse_args()
    if options.seed is not None:
        with tempfile.TemporaryDirectory() as folder:
            print(fault(options.target, options.seed, Path(folder) / "x", LONGEST) or "no fault")
        return 0
    chosen = [options.target] if options.target else list(TARGETS)
    jobs = min(options.jobs, len(chosen))
    seconds = 60 * options.minutes * jobs / len(chosen)
    inputs, failed = 0, 0
    signal.signal(signal.SIGINT, lambda *_: _interrupted.set())  # ends the run, and prints what it has found
    with ThreadPoolExecutor(jobs) as threads:
        reports = threads.map(lambda target: fed(target, seconds, options.inputs), chosen)
        for target, report in zip(chosen, reports, strict=True):
            inputs, failed = inputs + report.inputs, failed + len(report.faults)
            print(
                f"{target}: {report.inputs:,} inputs, {len(report.faults)} faults, at most {report.memory:,} MB",
                flush=True,
            )
            for seed, what in report.faults[:20]:
                print(f"  seed {seed}: {what}", flush=True)
    print(f"{inputs:,} inputs, {failed} faults")
    return 1 if failed else 0
