"""How runs end: stopped, by an error, garbage-collected, interrupted, or with the process."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
import weakref
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pages import settled
from streams import PATIENCE_SECONDS, Gated, frame, watched

from lucid_widgets._runner.worker import Worker
from lucid_widgets.frames import Frame
from lucid_widgets.runner import Runner, stop_all


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


def test_an_error_ends_only_its_run_and_keeps_the_newest_frame() -> None:
    bad, _ = watched()
    good, _ = watched()

    def failing() -> Iterator[Frame]:
        yield frame(0)
        yield frame(1)
        raise ZeroDivisionError("division failed")

    stream = Gated(10**9)  # on a loaded machine, 1000 frames may be made before the next line runs
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


def test_a_function_that_raises_stop_iteration_makes_no_run_that_is_done() -> None:
    def make() -> Iterator[Frame]:
        raise StopIteration

    runner, _ = watched()
    runner.start(make)
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        runner.wait()
    assert runner.status == "error"


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


def test_wait_hears_of_an_error_in_the_callback_that_announces_the_end() -> None:
    """The status is "done" before the callbacks hear of it, and "error" only when one of them has raised."""
    end = time.monotonic() + PATIENCE_SECONDS

    def on_status() -> None:
        if runner.status == "done":
            while not runner._changed._waiters and time.monotonic() < end:  # type: ignore[attr-defined]
                time.sleep(0.001)  # until `wait` waits
            raise KeyError("callback")

    runner = Runner(on_status=on_status)
    runner.start([frame(0)])
    with pytest.raises(KeyError, match="callback"):
        runner.wait()
    assert runner.status == "error"


@pytest.mark.parametrize("status", ["running", "paused"])
def test_a_garbage_collected_runner_ends_its_run(status: str) -> None:
    runner, witness = watched()
    stream = Gated(open=status == "paused")
    if status == "paused":
        runner.step(frames=stream)
        runner.wait()
        settled()  # the worker no longer calls the runner
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


def test_wait_returns_after_its_timeout() -> None:
    runner, _ = watched()
    stream = Gated()
    runner.start(stream)
    assert runner.wait(timeout=0) in ("queued", "running")  # queued while an earlier test's stream is closed
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


@pytest.mark.parametrize(("of_engine", "seconds"), [(False, 2), (True, 120)])
def test_exit_waits_longer_for_a_stream_of_the_engine(of_engine: bool, seconds: float) -> None:
    """One that is still inside TensorFlow when the interpreter has ended aborts the process."""
    waited: list[float] = []
    worker = Worker()
    worker._jobs = (SimpleNamespace(is_of_engine=False), SimpleNamespace(is_of_engine=of_engine))  # type: ignore[assignment]
    worker._thread = SimpleNamespace(is_alive=lambda: True, join=waited.append)  # type: ignore[assignment]
    worker.exit()
    assert waited == [seconds]
