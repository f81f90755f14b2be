"""A widget whose cell was run again lets go of its model, whose weights and programs nothing else may hold."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from waiting import until

from lucid_widgets import FeatureGrid, ImageExplorer, LucidWidget, ObjectiveBuilder, models
from lucid_widgets.errors import ArgumentError
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._workbench.kept_runs import MAX_RUNS
from lucid_widgets.widgets.network_graph import NetworkGraph

WIDGETS: dict[str, Callable[[Any], Any]] = {
    "LucidWidget": lambda model: LucidWidget(model, "mixed3a:1", steps=2, image_size=32),
    "FeatureGrid": lambda model: FeatureGrid(
        model, "mixed3a", channels=[1], image_size=32, steps=2, run=False, cache=False
    ),
    "ObjectiveBuilder": ObjectiveBuilder,
    "ImageExplorer": lambda model: ImageExplorer(model, cache=False),
    "NetworkGraph": NetworkGraph,
}


@pytest.fixture
def execute(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Call a function as a new execution of the same cell."""
    executions = iter(range(100))

    def execute(make: Callable[[], Any]) -> Any:
        origin = cell_reruns._Origin(("id", "cell"), str(next(executions)))
        monkeypatch.setattr(cell_reruns, "_current_origin", lambda: origin)
        made = make()
        made._offered, made._pages = True, set()  # a page has shown it, and shows it no more
        return made

    yield execute
    for record in (cell_reruns._replaced, cell_reruns._origins, cell_reruns._stopped):
        record.clear()


def is_released(reference: weakref.ref[Any]) -> bool:
    gc.collect()
    return reference() is None


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_a_model_is_released_once_its_cell_has_run_again(make: Callable[[Any], Any], execute: Any) -> None:
    model = models.EmojiNet()
    gone = weakref.ref(model.network)
    widget = execute(partial(make, model))
    if isinstance(widget, (LucidWidget, FeatureGrid)):
        widget.run()
        assert widget.wait(120) == "done"
    newer = [execute(lambda: make(models.EmojiNet())) for _ in range(2)]
    assert widget._closed
    if not isinstance(widget, NetworkGraph):
        assert widget.model is model  # as long as the user's code has it
    del model
    until(lambda: is_released(gone))  # the worker ends what it is doing
    repr(widget)
    if not isinstance(widget, NetworkGraph):
        with pytest.raises(ArgumentError, match="has given back its model, because its cell was run again"):
            _ = widget.model
    for each in newer:
        each.close()


def test_results_outlive_the_model(execute: Any) -> None:
    widget = execute(lambda: WIDGETS["LucidWidget"](models.EmojiNet()))
    widget.run()
    assert widget.wait(120) == "done"
    image = widget.image
    for _ in range(2):
        execute(lambda: WIDGETS["LucidWidget"](models.EmojiNet()))
    gc.collect()
    np.testing.assert_array_equal(widget.image, image)
    assert "EmojiNet" in repr(widget)


def test_a_kept_run_of_another_model_keeps_that_model(execute: Any) -> None:
    def other() -> Any:
        model = models.EmojiNet()
        model.name = "Other"
        return LucidWidget(model, "mixed3a:1", steps=2, image_size=32)

    widget = execute(other)
    widget.run()
    assert widget.wait(120) == "done"
    latest = [execute(lambda: WIDGETS["LucidWidget"](models.EmojiNet())) for _ in range(3)][-1]
    assert widget._closed
    del widget
    gc.collect()
    assert [run["model"] for run in latest.runs] == ["Other"]
    latest.restore(latest.runs[0]["id"])
    assert latest.model.name == "Other"
    latest.close()


def test_closed_widgets_keep_no_state_of_their_runs(execute: Any) -> None:
    model, shown, states = models.EmojiNet(), [], []
    for _ in range(MAX_RUNS + 6):
        widget = execute(partial(WIDGETS["LucidWidget"], model))
        widget.run()
        assert widget.wait(120) == "done"
        states.append(weakref.ref(widget._run_of_model._newest[1]))
        shown.append(widget)  # as IPython does
    assert sum(each._closed for each in shown) >= MAX_RUNS
    gc.collect()
    assert sum(state() is not None for state in states) == len(widget.runs) == MAX_RUNS
    assert all(each.image.shape == (1, 32, 32, 3) for each in shown)
