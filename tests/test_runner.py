from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Iterator

import pytest
from streams import PATIENCE_SECONDS, Extendable, Gated, Witness, frame

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.frames import Frame
from lucid_widgets.runner import Runner, call_soon, on_worker, stop_all


def watched() -> tuple[Runner, Witness]:
    witness = Witness()
    runner = Runner(witness.on_frame, witness.on_status)
    witness.look = lambda: runner.status
    return runner, witness


@pytest.fixture(autouse=True)
def no_other_threads() -> Iterator[None]:
    before = set(threading.enumerate())  # threads of earlier tests, such as of a browser or a progress bar
    yield
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("lucid-widgets") <= 1
    assert not [t.name for t in set(threading.enumerate()) - before if t.name != "lucid-widgets"]


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


def test_rejects_other_objects_and_keeps_the_run() -> None:
    runner, _ = watched()
    stream = Gated()
    runner.start(stream)
    with pytest.raises(ArgumentError, match="42 is not a stream"):
        runner.start(42)  # type: ignore[arg-type]
    assert runner.status == "running"
    runner.stop()
    stream.allow()


def test_stop_takes_effect_at_once_and_drops_the_frame_under_way() -> None:
    runner, witness = watched()
    stream = Gated()
    stream.allow(2)
    runner.start(stream)
    witness.until(lambda: witness.steps == [0, 1])
    assert stream.waiting.wait(PATIENCE_SECONDS)
    runner.stop()
    assert runner.status == "stopped"
    stream.allow()
    assert stream.closed.wait(PATIENCE_SECONDS)
    assert witness.steps == [0, 1]
    assert runner.frame is not None
    assert runner.frame.step == 1


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


def test_an_error_ends_only_its_run_and_keeps_the_newest_frame() -> None:
    bad, _ = watched()
    good, _ = watched()

    def failing() -> Iterator[Frame]:
        yield frame(0)
        yield frame(1)
        raise ZeroDivisionError("division failed")

    stream = Gated()
    good.start(stream)
    bad.start(failing())
    stream.open()
    with pytest.raises(ZeroDivisionError, match="division failed"):
        bad.wait()
    assert bad.status == "error"
    assert isinstance(bad.exception, ZeroDivisionError)
    assert bad.frame is not None
    assert bad.frame.step == 1
    assert good.in_motion
    good.stop()
    bad.start([frame(3)])
    assert bad.wait() == "done"
    assert bad.exception is None


def test_wait_raises_an_error_of_the_function_that_makes_the_stream() -> None:
    def make() -> Iterator[Frame]:
        raise OSError("no such file")

    runner, _ = watched()
    runner.start(make)
    with pytest.raises(OSError, match="no such file"):
        runner.wait()


def test_rejects_streams_of_other_objects() -> None:
    runner, _ = watched()
    runner.start([[1, 2, 3]])  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="yielded a list"):
        runner.wait()


def test_an_error_in_a_callback_ends_the_run_but_not_the_worker() -> None:
    def on_frame(_: Frame) -> None:
        raise KeyError("callback")

    runner = Runner(on_frame)
    stream = Gated(open=True)
    runner.start(stream)
    with pytest.raises(KeyError, match="callback"):
        runner.wait()
    assert stream.closed.wait(PATIENCE_SECONDS)
    other, witness = watched()
    other.start([frame(0)])
    other.wait()
    assert witness.steps == [0]


@pytest.mark.parametrize("status", ["running", "paused"])
def test_a_garbage_collected_runner_ends_its_run(status: str) -> None:
    runner, witness = watched()
    stream = Gated(open=status == "paused")
    if status == "paused":
        runner.step(frames=stream)
        runner.wait()
    else:
        runner.start(stream)
        assert stream.waiting.wait(PATIENCE_SECONDS)
    witness.look = lambda: ""
    gone = weakref.ref(runner)
    del runner
    gc.collect()
    assert gone() is None
    stream.allow()
    assert stream.closed.wait(PATIENCE_SECONDS)


def test_a_method_that_makes_the_stream_does_not_keep_its_object_alive() -> None:
    class Owner:
        def __init__(self) -> None:
            self.runner = Runner()
            self.runner.start(self.make)

        def make(self) -> Iterator[Frame]:
            raise AssertionError("the owner does not exist")

    blocking, stream = Runner(), Gated()
    blocking.start(stream)
    assert stream.waiting.wait(PATIENCE_SECONDS)
    owner = Owner()
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
    blocking.stop()
    stream.allow()


def test_ten_thousand_concurrent_commands_leave_a_consistent_run() -> None:
    runner, witness = watched()
    stream = Gated(open=True, count=10**9)
    runner.start(stream)
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


def test_wait_returns_after_its_timeout() -> None:
    runner, _ = watched()
    stream = Gated()
    runner.start(stream)
    assert runner.wait(timeout=0) == "running"
    runner.stop()
    stream.allow()


def test_wait_raises_on_the_worker_thread() -> None:
    runner = Runner(lambda _: runner.wait())
    runner.start([frame(0)])
    with pytest.raises(RuntimeError, match="worker thread"):
        runner.wait()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Make Ctrl-C raise KeyboardInterrupt. A process that a shell runs in the background ignores it by default."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="on Windows, a process cannot send itself this signal")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_of_wait_stops_all_runs() -> None:
    runner, _ = watched()
    other, _ = watched()
    # Practically endless, because the signal may arrive late on a busy machine.
    stream, second = Gated(10**9), Gated(10**9)

    def interrupting() -> Iterator[Frame]:
        yield frame(0)
        while not runner._changed._waiters:  # type: ignore[attr-defined]
            time.sleep(0.001)  # an earlier signal would interrupt the test itself
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            yield next(stream)

    runner.start(interrupting())
    other.start(second)
    second.open()
    stream.open()
    assert runner.wait() == "stopped"
    assert other.wait() == "stopped"
    assert second.closed.wait(PATIENCE_SECONDS)
    assert runner.frame is not None


def test_stop_all_keeps_paused_and_later_runs() -> None:
    moving, _ = watched()
    resting, _ = watched()
    later, _ = watched()
    streams = [Gated(), Gated(open=True), Gated()]
    resting.step(frames=streams[1])
    resting.wait()
    moving.start(streams[0])
    assert streams[0].waiting.wait(PATIENCE_SECONDS)
    stop_all()
    later.start(streams[2])
    streams[0].allow()
    assert streams[2].waiting.wait(PATIENCE_SECONDS)
    assert [moving.status, resting.status, later.status] == ["stopped", "paused", "running"]
    later.stop()
    resting.stop()
    streams[2].allow()


def test_close_calls_no_callback_and_waits_for_the_stream() -> None:
    runner, witness = watched()
    stream = Gated(open=True, count=10**9)
    runner.start(stream)
    witness.until(lambda: len(witness.steps) > 3)
    runner.close()
    assert stream.closed.is_set()
    told = len(witness.statuses)
    assert runner.status == "stopped"
    assert len(witness.statuses) == told
    assert "stopped" not in witness.statuses


def test_the_interpreter_closes_running_streams_at_exit() -> None:
    code = """
        import numpy as np
        from lucid_widgets.frames import Frame
        from lucid_widgets.runner import Runner

        def stream():
            try:
                step = 0
                while True:
                    yield Frame(step, None, np.zeros((1, 2, 2, 3), np.float32))
                    step += 1
            finally:
                print("closed", flush=True)

        runner = Runner()
        runner.step(5, stream())
        runner.wait()
        runner.resume()
        print("leaving", flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["leaving", "closed"]
    assert done.stderr == ""
