"""Pausing a run, and advancing it by an exact number of updates."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from streams import PATIENCE_SECONDS, Gated, frame, watched

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.frames import Frame
from lucid_widgets.runner import Runner


def test_pause_lets_only_the_frame_under_way_arrive() -> None:
    runner, witness = watched()
    stream = Gated()
    runner.start(stream)
    assert stream.waiting.wait(PATIENCE_SECONDS)
    runner.pause()
    assert runner.status == "running"
    stream.allow(10)
    assert runner.wait() == "paused"
    witness.until(lambda: witness.statuses[-1:] == ["paused"])
    # The worker has served a second runner meanwhile, so it would have continued the first by now.
    other, _ = watched()
    other.start([frame(7)])
    assert other.wait() == "done"
    assert witness.steps == [0]
    runner.resume()
    witness.until(lambda: witness.steps == list(range(10)))
    runner.stop()
    stream.allow()


class Waiting(Gated):
    """A stream that is not ready to make its frame 2."""

    ready = False

    def wait_until_ready(self, timeout: float) -> bool:
        if self.step >= 1 and not self.ready:
            time.sleep(timeout)
            return False
        return True


def test_a_stream_that_is_not_ready_can_be_paused_and_lets_others_run() -> None:
    runner, witness = watched()
    stream = Waiting(5, open=True)
    runner.start(stream)
    witness.until(lambda: witness.steps == [0, 1])
    other, _ = watched()
    other.start([frame(7)])
    assert other.wait() == "done"
    assert runner.status == "running"
    runner.pause()
    assert runner.status == "paused"
    stream.ready = True
    runner.resume()
    assert runner.wait() == "done"
    assert witness.steps == [0, 1, 2, 3, 4]


def test_an_error_in_wait_until_ready_is_ignored() -> None:
    runner, witness = watched()
    stream = Waiting(3, open=True)
    stream.wait_until_ready = lambda timeout: 1 / 0  # type: ignore[assignment,method-assign]
    runner.start(stream)
    assert runner.wait() == "done"
    assert witness.steps == [0, 1, 2]


def test_step_counts_the_frames_of_a_plain_stream() -> None:
    runner, witness = watched()
    stream = Gated(open=True)
    runner.step(frames=stream)
    assert runner.wait() == "paused"
    assert witness.steps == [0]
    runner.step(3)
    assert runner.wait() == "paused"
    assert witness.steps == [0, 1, 2, 3]
    runner.stop()
    assert runner.status == "stopped"
    assert stream.closed.wait(PATIENCE_SECONDS)


class Calls(Iterator[Frame]):
    """A stream of `updates` updates a frame, or fewer if `advance` says so. Its `steps` can be raised."""

    def __init__(self, updates: int, steps: int = 1000, first: int = 0) -> None:
        self.updates, self.steps, self.at = updates, steps, first
        self.first = first
        self.limits: list[int | None] = []
        self.entered, self.permits = threading.Event(), threading.Semaphore(10**6)

    def __next__(self) -> Frame:
        return self._next(None)

    def advance(self, n: int) -> Frame:
        return self._next(n)

    def _next(self, limit: int | None) -> Frame:
        self.limits.append(limit)
        self.entered.set()
        assert self.permits.acquire(timeout=PATIENCE_SECONDS)
        if len(self.limits) > 1:
            if self.at >= self.steps:
                raise StopIteration
            self.at = min(self.steps, self.at + (self.updates if limit is None else min(limit, self.updates)))
        return frame(self.at)


@pytest.mark.parametrize("first", [0, 40])
def test_step_makes_exactly_n_updates_of_a_stream_that_can_advance(first: int) -> None:
    runner, witness = watched()
    stream = Calls(4, first=first)
    for n in (1, 1, 9, 4):
        runner.step(n, frames=stream)
        assert runner.wait() == "paused"
    assert [step - first for step in witness.steps] == [0, 1, 2, 6, 10, 11, 15]
    assert stream.limits == [None, 1, 1, 9, 5, 1, 4]
    runner.resume()
    witness.until(lambda: witness.steps[-1] > first + 20)
    assert witness.steps[7] == first + 19
    runner.stop()


def test_start_with_steps_pauses_after_that_many_updates() -> None:
    runner, witness = watched()
    runner.start(Calls(4), steps=6)
    assert runner.wait() == "paused"
    assert witness.steps == [0, 4, 6]
    runner.stop()


@pytest.mark.parametrize("first", [0, 40])
def test_start_with_no_steps_pauses_at_the_first_frame(first: int) -> None:
    runner, witness = watched()
    runner.start(Calls(4, first=first), steps=0)
    assert runner.wait() == "paused"
    runner.step()
    assert runner.wait() == "paused"
    assert witness.steps == [first, first + 1]
    runner.start([frame(7), frame(8)], steps=0)
    assert runner.wait() == "paused"
    assert witness.steps[2:] == [7]
    runner.stop()


def test_a_run_paused_before_its_first_frame_makes_none() -> None:
    other, blocking = Runner(), Gated()
    other.start(blocking)
    assert blocking.waiting.wait(PATIENCE_SECONDS)
    runner, witness = watched()
    runner.start(Calls(4))
    runner.pause()
    assert runner.status == "paused"
    blocking.allow()
    blocking.until_asked_after(0)
    assert witness.steps == []
    runner.step(2)
    other.stop()
    blocking.allow()
    assert runner.wait() == "paused"
    assert witness.steps == [0, 2]
    runner.stop()


def test_step_beyond_the_end_of_a_stream_is_done() -> None:
    runner, witness = watched()
    stream = Calls(4, steps=6)
    runner.step(7, frames=stream)
    assert runner.wait() == "done"
    assert witness.steps == [0, 4, 6]
    stream.steps = 20
    runner.step(2)
    assert runner.wait() == "paused"
    assert witness.steps == [0, 4, 6, 8]
    runner.stop()


@pytest.mark.parametrize("pause_first", [False, True])
def test_step_does_not_count_a_call_under_way(pause_first: bool) -> None:
    runner, witness = watched()
    stream = Calls(4)
    stream.permits = threading.Semaphore(1)
    runner.start(stream)
    witness.until(lambda: witness.steps == [0])
    stream.entered.clear()
    while len(stream.limits) < 2:
        assert stream.entered.wait(PATIENCE_SECONDS)
    if pause_first:
        runner.pause()
    runner.step(2)  # while the call that makes steps 1 to 4 is under way
    stream.permits.release(10)
    assert runner.wait() == "paused"
    assert witness.steps == [0, 4, 6]
    runner.stop()


def test_will_pause_is_true_after_step_and_during_pause() -> None:
    runner, _ = watched()
    stream = Gated()
    assert not runner.will_pause
    runner.start(stream, steps=2)
    stream.until_asked_after(-1)
    assert runner.will_pause
    runner.resume()
    assert not runner.will_pause
    runner.pause()
    assert runner.status == "running"
    assert runner.will_pause
    stream.allow()
    assert runner.wait() == "paused"
    assert not runner.will_pause
    runner.stop()


def test_step_without_a_run_or_frames_does_nothing() -> None:
    runner, witness = watched()
    runner.step()
    assert runner.status == "idle"
    assert witness.statuses == []


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "2"])
def test_step_rejects_other_than_positive_whole_numbers(n: object) -> None:
    with pytest.raises((ArgumentError, OutOfRangeError), match="Expected a whole number from 1 up"):
        Runner().step(n, frames=[frame(0)])  # type: ignore[arg-type]
