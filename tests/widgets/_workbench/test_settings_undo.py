"""Undo of settings, and what survives when a cell runs again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from pages import Page, settled
from waiting import until

from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._workbench import settings_undo
from lucid_widgets.widgets.lucid_widget import LucidWidget

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    layers = [keras.Input((None, None, 3)), keras.layers.Conv2D(6, 3, name="late")]
    return keras.Sequential(layers, name="tiny")


@pytest.fixture
def make(model: Any, pages: list[Page]) -> Callable[..., LucidWidget]:
    return lambda objective="late:1", **kwargs: LucidWidget(
        model, objective, **{"steps": 3, "image_size": 12, **kwargs}
    )


Make = Callable[..., LucidWidget]


def test_a_choice_of_a_layer_is_undone_by_itself(pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_undo, "TOGETHER_SECONDS", 1000.0)
    layers = [keras.Input((None, None, 3)), *(keras.layers.Conv2D(6, 1, name=name) for name in ("early", "late"))]
    widget = LucidWidget(keras.Sequential(layers), "early:1", steps=3, image_size=12)
    widget.layer = "late"
    widget.channel = 3
    widget.channel = 5
    widget.undo()
    assert (widget.layer, widget.channel) == ("late", 1)
    widget.undo()
    assert (widget.layer, widget.channel) == ("early", 1)


class TestUndo:
    @pytest.fixture(autouse=True)
    def separate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings_undo, "TOGETHER_SECONDS", -1.0)

    def test_takes_back_and_repeats_changes_one_at_a_time(self, make: Make, pages: list[Page]) -> None:
        widget, page = make(), pages[-1]
        assert page.state["_undo"] == {"undo": [], "redo": []}
        widget.channel = 4
        page.command("set", shift=2)
        widget.start_image = np.zeros((8, 8, 3))
        assert page.state["_undo"] == {"undo": ["start_image"], "redo": []}
        widget.undo()
        assert widget.start_image is None
        assert page.command("undo")["ok"]
        assert (widget.shift, widget.channel) == (6.0, 4)
        widget.undo()
        widget.undo()  # nothing is left
        assert widget.expression == 'channel("late", 1)'
        assert page.state["_undo"] == {"undo": [], "redo": ["objective"]}
        assert page.command("redo")["ok"]
        widget.redo()
        assert (widget.shift, widget.channel) == (2.0, 4)
        widget.seed = 9
        assert page.state["_undo"] == {"undo": ["seed"], "redo": []}

    def test_settings_loaded_together_are_one_change(self, make: Make) -> None:
        widget = make()
        before = widget.settings
        widget.load_settings({"format": 1, "shift": 1, "seed": 5, "expression": "late:2"})
        widget.undo()
        assert widget.settings == before


def test_moves_of_one_control_count_as_one_change(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_undo, "TOGETHER_SECONDS", 1000.0)
    widget = make("late:0")
    for channel in range(1, 4):
        widget.channel = channel
    widget.shift = 2
    widget.undo()
    widget.undo()
    assert widget.channel == 0


class TestRerun:
    """A cell that runs again."""

    @pytest.fixture
    def execute(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
        def execute(execution: str, cell: str = "a") -> None:
            origin = cell_reruns._Origin(("id", cell), execution)
            monkeypatch.setattr(cell_reruns, "_current_origin", lambda: origin)

        yield execute
        cell_reruns._replaced.clear()
        cell_reruns._origins.clear()

    def test_runs_move_to_the_new_widget_of_the_cell(self, make: Make, execute: Callable[..., None]) -> None:
        execute("1")
        first, second = make(), make("late:2")
        for widget in (first, second):
            widget.run()
            assert widget.wait(120) == "done"
        execute("1", cell="b")
        assert make().runs == []
        execute("2")
        again, other = make("late:5"), make("late:2")
        assert [run["expression"] for run in again.runs] == ['channel("late", 1)']
        assert [run["expression"] for run in other.runs] == ['channel("late", 2)']
        assert (first.runs, second.runs) == ([], [])
        again.run()
        assert again.wait(120) == "done"
        assert [run["id"] for run in again.runs] == [1, 2]
        again.restore(1)
        assert again.wait(120) == "done"
        np.testing.assert_array_equal(again.image, first.image)
        assert (again.channel, make().runs) == (1, [])

    def test_a_run_that_was_moving_is_kept(self, make: Make, execute: Callable[..., None]) -> None:
        execute("1")
        widget = make(steps=100_000)
        widget.step(2)
        assert widget.wait(120) == "paused"
        execute("2")
        again = make()
        assert widget.status == "stopped"
        assert [run["step"] for run in again.runs] == [2]

    def test_a_run_that_still_has_to_stop_ends_in_the_newest_widget(
        self, make: Make, execute: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        execute("1")
        widget = make(steps=100_000)
        widget.run()
        until(lambda: widget.current_step > 20)
        with monkeypatch.context() as patch:
            patch.setattr(LucidWidget, "stop", lambda _: None)
            patch.setattr(LucidWidget, "_is_shown", True)  # so it stays open
            execute("2")
            between = make()
            execute("3")
            newest = make()
        widget.stop()
        assert widget.wait(120) == "stopped"
        settled()
        assert [run["step"] for run in newest.runs] == [widget.current_step]
        assert (widget.runs, between.runs) == ([], [])  # they would keep its frames as long as IPython keeps them
        newest.run()
        assert newest.wait(120) == "done"
        assert [run["id"] for run in newest.runs] == [1, 2]
        np.testing.assert_array_equal(newest.run_image(1), widget.image)

    def test_a_run_that_is_begun_later_is_kept_where_it_is(self, make: Make, execute: Callable[..., None]) -> None:
        execute("1")
        widget = make()
        widget.run()
        assert widget.wait(120) == "done"
        execute("2")
        again = make()
        widget.run()  # in the view that another cell shows
        assert widget.wait(120) == "done"
        settled()
        assert [run["id"] for run in widget.runs] == [2]
        assert [run["id"] for run in again.runs] == [1]
