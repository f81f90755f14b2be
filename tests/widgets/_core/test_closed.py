"""Widgets after `close`: what starts or changes something is refused, and results can still be read."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

from lucid_widgets import FeatureGrid, ImageExplorer, LucidWidget, ObjectiveBuilder, OptimizationCanvas, SpritePlayer
from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.frames import Frame
from lucid_widgets.widgets._core.base import LucidBase

FRAME = Frame(1, 0.5, np.full((1, 8, 8, 3), 0.5, np.float32), 0.0)

WIDGETS: dict[str, Callable[[], LucidBase]] = {
    "LucidWidget": LucidWidget,
    "FeatureGrid": lambda: FeatureGrid(run=False, cache=False),
    "OptimizationCanvas": lambda: OptimizationCanvas([FRAME]),
    "SpritePlayer": lambda: SpritePlayer([FRAME, FRAME]),
    "ObjectiveBuilder": ObjectiveBuilder,
    "ImageExplorer": lambda: ImageExplorer(cache=False),
}

# What each method is called with; {} for none.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "step": {"n": 1},
    "restore": {"run": 1},
    "load_settings": {"settings": {"format": 1, "steps": 3}},
    "use_preset": {"name": "channel"},
    "open_unit": {"unit": 0},
    "set_state": {"sync_data": {}},
}
REFUSED = ("run", "resume", "step", "reset", "restore", "load_settings", "use_preset", "open_unit", "play")


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_a_closed_widget_refuses_to_start_or_change_anything(make: Callable[[], LucidBase]) -> None:
    widget = make()
    widget.close()
    refused = f"This {type(widget).__name__} is closed"
    for name in REFUSED:
        if hasattr(widget, name):
            with pytest.raises(ArgumentError, match=refused):
                getattr(widget, name)(**ARGUMENTS.get(name, {}))
    for name in widget._editable:
        if name not in ("terms", "channel"):
            with pytest.raises(ArgumentError, match=refused):
                setattr(widget, name, getattr(widget, name))
    assert getattr(widget, "status", "idle") == "idle"
    widget.close()


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_every_method_of_a_closed_widget_works_or_raises_an_error_of_the_package(
    make: Callable[[], LucidBase], tmp_path: Path
) -> None:
    widget = make()
    widget.close()
    classes = [each for each in type(widget).__mro__ if issubclass(each, LucidBase)]
    own = {name for each in classes for name, value in vars(each).items() if inspect.isfunction(value)}
    for name in sorted(name for name in own if not name.startswith("_")):
        arguments = dict(ARGUMENTS.get(name, {}))
        required = inspect.signature(getattr(widget, name)).parameters.values()
        for each in required:
            if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD and each.name not in arguments:
                arguments[each.name] = str(tmp_path / "file.json") if each.name == "path" else 1
        with contextlib.suppress(LucidError):  # no other error
            getattr(widget, name)(**arguments)


def test_a_finished_image_outlives_the_widget(tmp_path: Path) -> None:
    widget = OptimizationCanvas([FRAME])
    widget.run()
    assert widget.wait() == "done"
    widget.close()
    assert widget.wait() == "done"
    assert widget.image is not None
    widget.save(tmp_path / "image.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "image.npy"), FRAME.images)


def test_displaying_a_closed_widget_shows_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    widget = OptimizationCanvas([FRAME], title="panda")
    widget.close()
    # ipywidgets 7 removes the method when it closes a widget, and IPython shows the text.
    show = widget._ipython_display_ or (lambda: print(repr(widget)))
    show()
    assert "OptimizationCanvas" in capsys.readouterr().out


def test_states_for_embedding_keep_the_names_of_the_code() -> None:
    player = SpritePlayer(np.zeros((2, 4, 4, 3), np.uint8))
    state = dependency_state([player])[player.model_id]["state"]
    assert {"_view_name", "_view_module", "_model_name", "_model_module", "_esm"} <= set(state)
    player.close()
