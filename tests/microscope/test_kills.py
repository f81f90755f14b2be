"""Runs that are killed: nothing is lost but the task under way, and the store ends with the bytes of a quiet run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from forks import Forks, lines
from microscope.forked_runs import SETTINGS
from needs import TESTS
from waiting import until

from lucid_widgets import Microscope
from lucid_widgets.microscope.store import Store

pytestmark = pytest.mark.slow

KILLS = 4
TASKS = 14


@pytest.fixture(scope="module")
def start(warm_python: list[str]) -> Iterator[Callable[..., int]]:
    """A function that starts a run in a separate process, and returns the id of the process."""
    forks = Forks(warm_python, TESTS / "microscope" / "forked_runs.py")

    def begin(store: Path, log: Path, most: int = TASKS + 1) -> int:
        return forks.start(store, log, most)

    yield begin
    forks.close()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_killed_runs_lose_at_most_one_task_each(start: Callable[..., int], tmp_path: Path) -> None:
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    start(quiet, tmp_path / "log")
    random = np.random.default_rng(0)
    done = 0
    for number in range(KILLS):
        log = tmp_path / f"log{number}"
        process = start(killed, log, most=3)  # in case it is killed late
        until(lambda log=log: lines(log) >= 2)  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.05))
        os.kill(process, signal.SIGKILL)
        # A record is written before a task is reported.
        kept = len(Store(killed).records())
        assert kept >= done + lines(log)
        done = kept
    assert done < TASKS
    log = tmp_path / "last"
    start(killed, log)
    until(lambda: (killed / "records.jsonl").exists() and (quiet / "records.jsonl").exists())
    assert lines(log) == TASKS - done
    assert tree(killed) == tree(quiet)
    assert Microscope.open(killed).finished("second").all()
    assert SETTINGS["batch"] == 1
