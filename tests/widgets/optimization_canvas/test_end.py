"""How an OptimizationCanvas ends, and Colab, where the worker sends nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pages import settled
from streams import PATIENCE_SECONDS, Gated
from widgets.optimization_canvas.canvases import Make


class TestEnd:
    def test_close_ends_the_run_and_the_connection(self, make: Make) -> None:
        stream = Gated(open=True, count=10**9)
        widget, page = make(lambda: stream)
        page.want()
        widget.run()
        page.until(page.frames)
        widget.close()
        assert stream.closed.is_set()
        assert page.closed
        sent = len(page.messages), len(page.updates)
        settled()
        assert (len(page.messages), len(page.updates)) == sent
        widget.close()
        widget.stop()

    @pytest.mark.parametrize(("leaving", "end"), [(False, "stopped"), (True, "done")], ids=["removed", "page left"])
    def test_removing_the_last_view_ends_the_run_but_leaving_the_page_does_not(
        self, make: Make, leaving: bool, end: str
    ) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        page.send("hello", client="a")
        now = [0.0]
        widget._live.flow._clock = lambda: now[0]
        widget.run()
        stream.allow()
        page.send("bye", client="a", leaving=leaving)
        stream.allow()
        assert stream.waiting.wait(PATIENCE_SECONDS)
        now[0] = 2.5
        stream.open()
        assert widget.wait() == end
        assert not widget._is_shown

    @pytest.mark.slow
    def test_observer_can_close_a_running_widget(self, make: Make) -> None:
        widget, _ = make(lambda: Gated(open=True, count=10**9))
        closed = threading.Event()

        def on_step(change: Any) -> None:
            widget.close()
            closed.set()

        widget.observe(on_step, "current_step")
        widget.run()
        assert closed.wait(PATIENCE_SECONDS)


class TestColab:
    """Colab delivers only answers to the page."""

    @pytest.fixture
    def colab(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "google.colab", object())  # type: ignore[arg-type]

    @pytest.mark.usefixtures("colab")
    def test_worker_sends_nothing_and_the_next_answer_has_everything(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        worker_steps = threading.Event()
        widget.observe(lambda _: worker_steps.set(), "_frame_bytes")
        widget.run()
        page.want()
        assert page.messages[-1][0]["type"] == "none"
        assert page.messages[-1][0]["id"] == 0
        assert page.messages[-1][0]["status"] in ("running", "compiling")
        stream.allow()
        assert worker_steps.wait(PATIENCE_SECONDS)
        assert stream.waiting.wait(PATIENCE_SECONDS)
        assert all(thread is threading.main_thread() for thread in page.threads)
        page.want()
        assert page.frames()
        assert page.state["_frame_bytes"] == widget._frame_bytes
        assert page.state["status"] == "running"
        page.want(seen=page.frames()[-1]["id"])
        assert page.messages[-1][0]["type"] == "none"
        widget.stop()
        stream.allow()
        settled()
        assert all(thread is threading.main_thread() for thread in page.threads)
