from __future__ import annotations

import json

import numpy as np
import pytest
from streams import frame

from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.progress import MAX_POINTS, History, Progress


def numbered(history: History) -> list[int]:
    return [int(step) for step, _ in history.points]


def test_history_keeps_all_points_while_there_is_room() -> None:
    history = History()
    for step in range(1, MAX_POINTS + 1):
        history.add(step, step / 2)
    assert history.points[-1] == [MAX_POINTS, MAX_POINTS / 2]


@pytest.mark.parametrize("count", [255, 256, 257, 512, 1000, 5000, 100_000])
def test_thins_the_history_evenly_and_keeps_the_newest(count: int) -> None:
    history = History()
    for step in range(1, count + 1):
        history.add(step, float(step))
    steps = numbered(history)
    assert len(steps) <= MAX_POINTS
    assert len(steps) > MAX_POINTS / 3
    assert steps[-1] == count
    gaps = np.diff(steps[:-1])
    assert len(set(gaps.tolist())) == 1
    assert [value for _, value in history.points] == [float(step) for step in steps]


def test_history_leaves_out_nonfinite_values() -> None:
    history = History()
    for step, value in enumerate([1.0, float("nan"), float("inf"), 4.0, None], 1):
        history.add(step, value)
    assert history.points == [[1, 1.0], [4, 4.0]]
    json.dumps(history.points, allow_nan=False)


def test_progress_takes_every_step_of_a_frame() -> None:
    progress = Progress()
    progress.add(frame(0))
    images = np.zeros((1, 2, 2, 3), np.float32)
    progress.add(Frame(3, 9.0, images, objectives=np.float32([7, 8, 9])))
    progress.add(Frame(4, 10.0, images))
    assert progress.history.points == [[1, 7.0], [2, 8.0], [3, 9.0], [4, 10.0]]
    assert progress.step == 4
    assert progress.objective == 10.0


def test_estimates_rate_and_remaining_time() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    progress.add(frame(0))
    assert progress.remaining(100) is None
    for step in range(2, 42, 2):
        now[0] += 0.1
        progress.add(frame(step))
    assert progress.rate == pytest.approx(20)
    assert progress.remaining(100) == pytest.approx(3)
    assert progress.remaining(40) is None


def test_pauses_do_not_count() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    for step in range(5):
        now[0] += 0.1
        progress.add(frame(step))
    progress.interrupt()
    now[0] += 1000
    progress.add(frame(5))
    now[0] += 0.1
    progress.add(frame(6))
    assert progress.rate == pytest.approx(10)


def test_rate_follows_a_change_within_seconds() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    for step in range(100):
        now[0] += 0.1
        progress.add(frame(step))
    for step in range(100, 200):
        now[0] += 0.05
        progress.add(frame(step))
    assert progress.rate == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize("slow", [1, 4, 9])
def test_a_frame_that_compiled_something_does_not_count(slow: int) -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    for step in range(10):
        now[0] += 30.0 if step == slow else 0.1
        progress.add(frame(step))
    assert progress.remaining(109) == pytest.approx(10, rel=0.01)


def test_frames_that_take_turns_all_count() -> None:
    now = [0.0]
    progress = Progress(clock=lambda: now[0])
    for step in range(41):
        now[0] += 0.2 if step % 2 else 0.1
        progress.add(frame(step))
    assert progress.rate == pytest.approx(1 / 0.15, rel=0.05)
