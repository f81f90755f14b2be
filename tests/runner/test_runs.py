"""Runs from start to end: frames, statuses, replaced runs, and several runners taking turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streams import PATIENCE_SECONDS, Extendable, Gated, frame, watched

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.runner import call_soon, crowding, on_worker


def test_runs_to_the_end_and_keeps_the_newest_frame() -> None:
    runner, witness = watched()
    stream = Gated(3, open=True)
    runner.start(stream)
    assert runner.wait() == "done"
    witness.until(lambda: witness.statuses[-1:] == ["done"])
    assert witness.steps == [0, 1, 2]
    assert runner.frame is not None
    assert runner.frame.step == 2
    assert stream.closed.wait(PATIENCE_SECONDS)
    assert witness.statuses == ["running", "done"]


def test_start_returns_before_the_first_frame_is_made() -> None:
    runner, _ = watched()
    stream = Gated()
    runner.start(stream)
    assert stream.waiting.wait(PATIENCE_SECONDS)
    assert runner.frame is None
    assert runner.status == "running"
    runner.stop()
    stream.allow()


def test_streams_run_on_the_worker_thread_only() -> None:
    first, second = Gated(5, open=True), Gated(5, open=True)
    for stream in (first, second):
        runner, _ = watched()
        runner.start(stream)
        runner.wait()
    assert first.threads == second.threads
    assert threading.main_thread() not in first.threads
    assert len(first.threads) == 1


def test_rejects_other_objects_and_keeps_the_run() -> None:
    runner, _ = watched()
    stream = Gated()
    runner.start(stream)
    with pytest.raises(ArgumentError, match="42 is not a stream"):
        runner.start(42)  # type: ignore[arg-type]
    assert runner.status == "running"
    runner.stop()
    stream.allow()


def test_call_soon_runs_between_turns_and_survives_errors() -> None:
    runner, _ = watched()
    stream, called = Gated(), threading.Event()
    runner.start(stream)
    assert stream.waiting.wait(PATIENCE_SECONDS)
    call_soon(lambda: 1 / 0)
    call_soon(lambda: called.set() if on_worker() else None)
    assert not called.is_set()
    stream.allow()
    assert called.wait(PATIENCE_SECONDS)
    runner.stop()
    stream.allow()


def test_start_replaces_the_run() -> None:
    runner, witness = watched()
    old = Gated()
    runner.start(old)
    assert old.waiting.wait(PATIENCE_SECONDS)
    runner.start([frame(50), frame(51)])
    old.allow()
    assert runner.wait() == "done"
    assert old.closed.is_set()
    assert witness.steps == [50, 51]


def test_two_runners_take_turns() -> None:
    order: list[str] = []
    ready = threading.Event()

    def stream(name: str) -> Iterator[Frame]:
        assert ready.wait(PATIENCE_SECONDS)
        for step in range(4):
            order.append(name)
            yield frame(step)

    one, _ = watched()
    two, _ = watched()
    one.start(stream("one"))
    two.start(stream("two"))
    assert two.status == "queued"
    ready.set()
    one.wait()
    two.wait()
    assert order == ["one", "two"] * 4


class Timed(Gated):
    """A stream that can choose how long its next frame takes."""

    def __init__(self, count: int) -> None:
        super().__init__(count, open=True)
        self.turn_seconds = 1.0
        self.told: list[float] = []

    def __next__(self) -> Frame:
        self.told.append(self.turn_seconds)
        return super().__next__()


@pytest.mark.parametrize(("count", "seconds", "stretched"), [(1, 0.1, 1), (4, 0.1, 1), (12, 0.05, 3), (50, 0.03, 12.5)])
def test_many_streams_have_shorter_turns_and_publish_less(count: int, seconds: float, stretched: float) -> None:
    assert crowding() == 1
    gate, streams = Gated(6), [Timed(4) for _ in range(count - 1)]
    runners = [watched()[0] for _ in range(count)]
    runners[0].start(gate)
    assert gate.waiting.wait(PATIENCE_SECONDS)  # nothing else runs meanwhile
    for runner, stream in zip(runners[1:], streams, strict=True):
        runner.start(stream)
    assert crowding() == stretched
    gate.open()
    for runner in runners:
        assert runner.wait() == "done"
    # The first turn makes the stream. In the turn that ends it, others have ended already.
    assert [stream.told[1:4] for stream in streams] == [[pytest.approx(seconds)] * 3] * (count - 1)
    assert crowding() == 1


def test_status_is_queued_until_the_first_turn() -> None:
    one, _ = watched()
    two, seen = watched()
    first, second = Gated(), Gated()
    one.start(first)
    assert first.waiting.wait(PATIENCE_SECONDS)
    two.start(second)
    assert two.status == "queued"
    first.allow()
    assert second.waiting.wait(PATIENCE_SECONDS)
    assert two.status == "running"
    one.stop()
    two.stop()
    second.allow()
    assert seen.statuses == ["queued", "running", "stopped"]


def test_status_is_compiling_while_the_stream_compiles_or_is_made() -> None:
    runner, witness = watched()
    made_by: list[str] = []

    def make() -> Extendable:
        made_by.append(threading.current_thread().name)
        return Extendable(2)

    runner.start(make)
    assert runner.wait() == "done"
    witness.until(lambda: witness.statuses[-1:] == ["done"])
    assert witness.statuses == ["compiling", "running", "done"]
    assert made_by == ["lucid-widgets"]


def test_a_stream_with_steps_can_continue_after_done() -> None:
    runner, witness = watched()
    stream = Extendable(2)
    runner.start(stream)
    assert runner.wait() == "done"
    assert runner.resumable
    assert not stream.closed.is_set()
    stream.steps = 4
    runner.resume()
    assert runner.wait() == "done"
    assert witness.steps == [0, 1, 2, 3, 4]
    runner.clear()
    assert stream.closed.wait(PATIENCE_SECONDS)
    assert runner.status == "idle"
    assert runner.frame is None


def test_a_plain_stream_cannot_continue_after_done() -> None:
    runner, witness = watched()
    runner.start([frame(0)])
    runner.wait()
    assert not runner.resumable
    runner.resume()
    runner.step()
    assert runner.status == "done"
    assert witness.steps == [0]


def test_rejects_streams_of_other_objects() -> None:
    runner, _ = watched()
    runner.start([[1, 2, 3]])  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="yielded a list"):
        runner.wait()


def test_ten_thousand_concurrent_commands_leave_a_consistent_run() -> None:
    runner, witness = watched()
    stream = Gated(open=True, count=10**9)
    runner.start(stream)
    witness.until(lambda: witness.steps)  # on a loaded machine, all commands could come before the first frame
    commands = [runner.pause, runner.resume, runner.step]

    def press(offset: int) -> None:
        for i in range(2500):
            commands[(i + offset) % 3]()

    threads = [threading.Thread(target=press, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runner.pause()
    assert runner.wait() == "paused"
    assert runner.frame is not None
    last = runner.frame.step
    runner.step()
    runner.wait()
    # The status changes before the callback is called.
    witness.until(lambda: last + 1 in witness.steps)
    assert witness.steps == list(range(last + 2))
    runner.stop()
