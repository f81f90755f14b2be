"""Runs of an OptimizationCanvas, started from Python and from the page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from pages import settled
from streams import PATIENCE_SECONDS, Extendable, Gated, frame
from widgets.optimization_canvas.canvases import Make, decoded, level

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.frames import Frame


class TestRunning:
    def test_run_returns_at_once_and_publishes_the_last_image_lossless(self, make: Make) -> None:
        widget, page = make([frame(step, size=8) for step in range(5)])
        widget.run()
        assert widget.wait() == "done"
        assert page.state["status"] == "done"
        assert page.state["current_step"] == widget.current_step == 4
        assert page.state["total_steps"] == 4
        assert page.state["objective_value"] == 4.0
        assert page.state["history"] == [[1, 1.0], [2, 2.0], [3, 3.0], [4, 4.0]]
        assert page.state["error"] == {}
        assert page.state["_frame_meta"]["lossless"] is True
        assert page.state["_frame_meta"]["step"] == 4
        assert (decoded(page.state["_frame_bytes"]) == level(4)).all()
        assert widget.image is not None
        assert widget.image.shape == (1, 8, 8, 3)

    def test_state_is_valid_json(self, make: Make) -> None:
        images = np.full((1, 4, 4, 3), np.nan, np.float32)
        frames = [Frame(1, float("nan"), images, objectives=np.float32([np.inf]))]
        widget, page = make(frames)
        widget.run()
        widget.wait()
        state = {
            name: value
            for name, value in page.state.items()
            if name not in ("_frame_bytes", "_filmstrip_sheet", "layout")
        }
        json.dumps(state, allow_nan=False)
        assert state["objective_value"] is None

    def test_a_page_that_connects_late_gets_what_it_has_missed(self, make: Make) -> None:
        """Some hosts render a widget first, connect it later, and lose the changes in between."""
        widget, page = make([frame(step) for step in range(5)])
        widget.run()
        widget.wait()
        settled()
        del page.updates[:]
        page.send("hello", client="a", known={"status": "done"})
        page.send("hello", client="b")  # an older page
        assert page.updates == []
        page.send("hello", client="b", known={"status": "done", "current_step": 3, "nonsense": 1})
        assert page.updates.pop() == {"current_step": 4}
        page.send("hello", client="c", known={"status": "queued"})
        (update,) = page.updates
        assert (update["status"], update["current_step"], update["total_steps"]) == ("done", 4, 4)
        assert len(update["history"]) == 4
        assert not {"_esm", "_css", "_frame_bytes", "_filmstrip_sheet", "title"} & update.keys()

    def test_repeated_run_commands_start_one_run(self, make: Make) -> None:
        made: list[Gated] = []
        one_is_made = threading.Event()

        def stream() -> Gated:
            made.append(Gated())
            one_is_made.set()
            return made[-1]

        widget, page = make(stream)
        for _ in range(10):
            assert page.command("run")["ok"]
        assert one_is_made.wait(PATIENCE_SECONDS)
        made[0].allow()
        page.until(lambda: page.state["status"] == "running")
        widget.stop()
        made[0].allow()
        settled()
        assert len(made) == 1

    def test_page_controls_the_run(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        page.command("step", n=2)
        stream.allow(2)
        assert widget.wait() == "paused"
        assert widget.current_step == 1
        page.command("resume")
        stream.allow()
        page.until(lambda: page.state["status"] == "running")
        page.command("pause")
        stream.allow()
        assert widget.wait() == "paused"
        page.command("stop")
        assert widget.status == page.state["status"] == "stopped"
        assert widget.image is not None
        page.command("reset")
        assert widget.status == page.state["status"] == "idle"
        assert widget.image is None
        assert page.state["_frame_bytes"] == b""
        assert page.state["_frame_meta"] == {}
        assert page.state["history"] == []
        assert page.state["current_step"] == 0

    @pytest.mark.parametrize("name", ["run", "resume"])
    def test_cancels_a_pause_that_is_about_to_begin(self, make: Make, name: str) -> None:
        stream = Gated(count=6)
        widget, _ = make(lambda: stream)
        widget.step(2)
        stream.until_asked_after(-1)
        getattr(widget, name)()
        stream.allow(2)
        stream.until_asked_after(1)
        widget.pause()
        getattr(widget, name)()
        stream.open()
        assert widget.wait() == "done"
        assert widget.current_step == 5

    def test_run_after_the_end_starts_over(self, make: Make) -> None:
        made: list[Extendable] = []

        def stream() -> Extendable:
            made.append(Extendable(3))
            return made[-1]

        widget, _ = make(stream)
        widget.run()
        widget.wait()
        widget.run()
        widget.wait()
        assert [each.step for each in made] == [3, 3]

    def test_continues_an_iterator_whose_steps_were_raised(self, make: Make) -> None:
        stream = Extendable(3)
        widget, page = make(stream)
        assert page.state["total_steps"] == 3
        widget.run()
        widget.wait()
        stream.steps = 5
        widget.run()
        assert widget.wait() == "done"
        assert widget.current_step == 5
        with pytest.raises(ArgumentError, match="run once already"):
            widget.run()
        reply = page.command("run")
        assert not reply["ok"]
        assert "lambda" in reply["error"]["hint"]

    def test_stop_takes_effect_before_the_next_frame(self, make: Make) -> None:
        stream = Gated()
        widget, page = make(lambda: stream)
        widget.run()
        assert stream.waiting.wait(PATIENCE_SECONDS)
        page.command("stop")
        assert page.state["status"] == "stopped"
        stream.allow()
        assert stream.closed.wait(PATIENCE_SECONDS)
        settled()
        assert widget.image is None
        assert page.state["status"] == "stopped"

    def test_shows_an_error_and_keeps_the_image(self, make: Make) -> None:
        def stream() -> Iterator[Frame]:
            yield frame(0)
            yield frame(1)
            raise ModelError("It broke.", "Mend it.")

        widget, page = make(stream)
        widget.run()
        with pytest.raises(ModelError):
            widget.wait()
        assert page.state["status"] == "error"
        assert page.state["error"] == {"title": "", "message": "It broke.", "hint": "Mend it.", "traceback": ""}
        assert (decoded(page.state["_frame_bytes"]) == level(1)).all()
        widget.reset()
        assert page.state["error"] == {}

    def test_shows_the_traceback_of_an_unexpected_error(self, make: Make) -> None:
        def stream() -> Iterator[Frame]:
            raise ZeroDivisionError("by nought")
            yield

        widget, page = make(stream)
        widget.run()
        with pytest.raises(ZeroDivisionError):
            widget.wait()
        error = page.state["error"]
        assert error["title"] == "ZeroDivisionError"
        assert error["message"] == "by nought"
        assert "in stream" in error["traceback"]

    def test_invalid_frames_end_the_run_with_an_error(self, make: Make) -> None:
        widget, page = make([Frame(0, None, np.zeros((1, 4, 4, 0)))])
        widget.run()
        with pytest.raises(ArgumentError, match=r"shape \(1, 4, 4, 0\) cannot be shown"):
            widget.wait()
        assert "(1, 4, 4, 0) cannot be shown" in page.state["error"]["message"]

    def test_widgets_take_turns(self, make: Make) -> None:
        first, _ = make([frame(step) for step in range(50)])
        second, page = make([frame(step) for step in range(50)])
        first.run()
        second.run()
        assert first.wait() == second.wait() == "done"
        assert page.state["current_step"] == 49
