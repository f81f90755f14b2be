"""The classes in a `LucidWidget` belong to a frame, not to the state of the controls, and cost a page that looks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from optvis.tiny_network import Tiny, in_numpy
from pages import Page, settled

from lucid_widgets import classify
from lucid_widgets.widgets._classes import run_classes, seen_classes
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


def softmax(scores: Any) -> Any:
    return np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)


def expected(images: Any) -> list[list[Any]]:
    """The rows of a single image, computed without TensorFlow."""
    probabilities = softmax(in_numpy(images)["dense"])[0]
    order = np.argsort(-probabilities, kind="stable")
    return [[int(each), Tiny.labels[each], pytest.approx(probabilities[each], abs=1e-4)] for each in order]


def published(page: Page, key: list[int]) -> list[Any] | None:
    return next((each["rows"] for each in page.state["_classes"] if each["key"] == key), None)


@pytest.fixture
def workbench(pages: list[Page]) -> tuple[LucidWidget, Page]:
    widget = LucidWidget(Tiny(), "relu:0", image_size=8, steps=24, robust_to="nothing")
    pages[-1].send("hello", client="page")
    return widget, pages[-1]


def test_a_run_at_rest_shows_the_classes_of_its_image(workbench: tuple[LucidWidget, Page]) -> None:
    widget, page = workbench
    widget.run()
    assert widget.wait() == "done"
    image = widget.image
    assert page.state["_class_rows"] == 2
    assert published(page, [1, 24]) == [expected(image)]
    # The controls move on, the image stays.
    widget.objective = "dog"
    widget.learning_rate = 0.01
    settled()
    assert published(page, [1, 24]) == [expected(image)]
    assert widget.image is image


def test_the_page_can_ask_for_earlier_moments_and_for_kept_runs(workbench: tuple[LucidWidget, Page]) -> None:
    widget, page = workbench
    widget.run()
    widget.wait()
    first = widget.image
    assert page.command("classes", key=[1, 8])["ok"]
    settled()
    (moment,) = [frame for frame in widget.recorded if frame.step == 8]
    assert published(page, [1, 8]) == [expected(moment.images)]
    assert published(page, [1, 8]) != published(page, [1, 24])
    widget.seed = 5
    widget.run()
    widget.wait()
    assert published(page, [2, 24]) == [expected(widget.image)]
    widget._publish(_classes=[])
    assert page.command("classes", key=[1, 24])["ok"]
    settled()
    assert published(page, [1, 24]) == [expected(first)]
    widget.restore(1)
    settled()
    assert widget.image is first
    assert page.state["_classes"][-1]["key"] == [1, 24]
    # What is gone has no classes, and is no error.
    assert page.command("classes", key=[9, 9])["ok"]
    settled()
    assert published(page, [9, 9]) is None
    assert not page.command("classes", key=["x", 1])["ok"]


def test_a_batch_has_the_mean_and_each_image(pages: list[Page]) -> None:
    widget = LucidWidget(Tiny(), "relu:0", image_size=8, steps=2, batch=3)
    pages[-1].send("hello", client="page")
    widget.run()
    widget.wait()
    rows = published(pages[-1], [1, 2])
    assert rows is not None
    assert rows[1:] == [expected(image[None]) for image in widget.image]
    mean = softmax(in_numpy(widget.image)["dense"]).mean(0)
    assert sorted(rows[0]) == [
        [0, "cat", pytest.approx(mean[0], abs=1e-4)],
        [1, "dog", pytest.approx(mean[1], abs=1e-4)],
    ]


def test_nothing_is_computed_for_nobody(pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(seen_classes, "class_probabilities", lambda *_: calls.append(1))
    widget = LucidWidget(Tiny(), "relu:0", image_size=8, steps=4)
    page = pages[-1]
    widget.run()
    widget.wait()  # no page looks
    page.send("hello", client="page")
    assert page.command("set", show_classes=False)["ok"]
    page.command("classes", key=[1, 4])
    settled()
    page.send("hidden", client="page")
    widget.show_classes = True
    widget.seed = 2
    widget.run()
    widget.wait()
    settled()
    assert calls == []
    assert page.state["_classes"] == []


def test_a_moving_run_is_asked_for_a_small_share_of_its_time(
    workbench: tuple[LucidWidget, Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget, _ = workbench
    (part,) = [each for each in widget._parts if isinstance(each, run_classes.RunClasses)]
    widget.run()
    widget.wait()
    settled()
    now = [100.0]
    looks: list[float] = []
    monkeypatch.setattr(part, "_clock", lambda: now[0])

    def look(key: Any) -> None:
        looks.append(now[0])
        now[0] += 0.2

    monkeypatch.setattr(part, "look", look)
    part._due_at = 0.0
    frame = widget.recorded[-1]
    for _ in range(200):
        with widget._lock:
            part.note(frame)
        settled()
        now[0] += 0.05
    # One look takes 0.2 s, which is 5 % of 4 s.
    assert 2 <= len(looks) <= 4
    assert all(later - earlier >= 4 for earlier, later in itertools.pairwise(looks))


def test_a_class_becomes_the_objective(workbench: tuple[LucidWidget, Page]) -> None:
    widget, page = workbench
    assert page.command("maximize_class", index=1)["ok"]
    assert widget.expression == 'class_logit("dense", "dog")'
    widget.undo()
    assert widget.expression == 'channel("relu", 0)'
    assert not page.command("maximize_class", index=2)["ok"]


def test_the_switch_survives_a_second_execution_of_the_cell(workbench: tuple[LucidWidget, Page]) -> None:
    widget, _ = workbench
    widget.show_classes = False
    again = LucidWidget(Tiny(), "relu:0", image_size=8)
    again._take_over(widget)
    assert again.show_classes is False
    explicit = LucidWidget(Tiny(), "relu:0", image_size=8, show_classes=True)
    explicit._take_over(widget)
    assert explicit.show_classes is True


def test_live_numbers_are_those_of_classify(workbench: tuple[LucidWidget, Page]) -> None:
    widget, page = workbench
    widget.steps = 400
    widget.run()
    page.until(lambda: any(0 < each["key"][1] < 400 for each in page.state["_classes"]))
    widget.pause()
    widget.wait()
    settled()
    live = page.state["_classes"][-1]
    assert live["key"][1] == widget.current_step
    assert [row[0] for row in live["rows"][0]] == [each.index for each in classify(widget.model, widget.image)[0]]
