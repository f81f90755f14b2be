"""LucidWidget with the real engine."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from pages import Page, settled
from widgets.lucid_widget.workbenches import Make

from lucid_widgets.errors import LucidError
from lucid_widgets.modelzoo.vision_models import EmojiNet, from_keras
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


class TestRealCore:
    def test_runs_from_the_click_to_the_last_image(self, make: Make) -> None:
        widget, page = make("late:2", steps=6, image_size=16, batch=2)
        assert page.command("run")["ok"]
        assert widget.wait(120) == "done"
        assert page.state["current_step"] == 6
        assert [step for step, _ in page.state["history"]] == [1, 2, 3, 4, 5, 6]
        assert widget.image is not None
        assert widget.image.shape == (2, 16, 16, 3)
        assert page.state["_frame_meta"]["columns"] == 2

    def test_same_seed_makes_the_same_image(self, make: Make) -> None:
        images = []
        for seed in (1, 1, 2):
            widget, _ = make("late:2", steps=3, image_size=16, seed=seed)
            widget.run()
            widget.wait(120)
            images.append(widget.image)
        assert (images[0] == images[1]).all()
        assert (images[0] != images[2]).any()

    def test_change_of_channel_continues_the_run(self, make: Make) -> None:
        widget, _ = make("late:2", steps=1000, image_size=16)
        widget.step(3)
        assert widget.wait(120) == "paused"
        step = widget.current_step
        assert [point[0] for point in widget.history] == list(range(1, step + 1))
        widget.channel = 4
        widget.step(1)
        assert widget.wait(120) == "paused"
        assert widget.current_step > step
        # Objectives of two channels cannot be compared, so the curve starts again.
        assert [point[0] for point in widget.history] == list(range(step + 1, widget.current_step + 1))
        widget.stop()

    def test_step_makes_exactly_n_updates(self, make: Make) -> None:
        widget, page = make("late:2", steps=1000, image_size=16)
        steps = []
        for _ in range(8):
            widget.step()
            assert widget.wait(120) == "paused"
            steps.append(widget.current_step)
        assert steps == [1, 2, 3, 4, 5, 6, 7, 8]
        assert page.command("step", n=5)["ok"]
        assert widget.wait(120) == "paused"
        assert widget.current_step == 13
        assert page.command("step")["ok"]
        assert widget.wait(120) == "paused"
        assert page.state["current_step"] == 14
        widget.stop()

    def test_shows_the_error_of_a_nonfinite_objective(self, make: Make) -> None:
        widget, page = make(lambda T: T("late") * float("nan"), image_size=16, steps=5)
        widget.run()
        with pytest.raises(LucidError):
            widget.wait(120)
        assert page.state["status"] == "error"
        assert "step 1" in page.state["error"]["message"]
        assert page.state["_frame_meta"]["step"] == 0

    def test_closed_widget_is_garbage_collected(self, make: Make, pages: list[Page]) -> None:
        widget, page = make("late:2", image_size=16)
        widget.run()
        gone = weakref.ref(widget)
        widget.close()
        assert widget.status == "stopped"
        settled()  # the worker no longer calls the widget
        pages.clear()
        del widget, page
        gc.collect()
        assert gone() is None


def test_default_model_is_emojinet(pages: list[Page]) -> None:
    w = LucidWidget()
    assert w.model_name == "EmojiNet"
    assert (w.layer, w.channel) == EmojiNet.first_look
    assert LucidWidget().model is w.model, "what is compiled for one serves the other"


def test_first_look_is_the_default_objective(model: Any, pages: list[Page]) -> None:
    ours = from_keras(model)
    ours.first_look = ("middle", 7)
    assert (LucidWidget(ours).layer, LucidWidget(ours).channel) == ("middle", 7)
    assert LucidWidget(ours, "late:2").channel == 2
