"""Jupyter widgets.

`OptimizationCanvas` shows any stream of frames, `LucidWidget` optimizes images for a model, `ObjectiveBuilder` builds
objectives, `SpritePlayer` plays animations, and `FeatureGrid` shows all channels of a layer. The canvas and the player
need no TensorFlow, so this module imports each widget only when it is first used.

A widget is a class with traits and fields. Its behavior is in the parts that it owns; `_core/part.py` describes their
protocol. `_core` holds the parts that several widgets share, `_canvas` live images, `_grid` grids, `_terms` lists of
terms, and `_workbench` the settings and runs of `LucidWidget`.

From a click on Run to the first frame on the page:

1. `_core/base.py`: `_handle_msg` receives the page's command, and `_run_command` finds it among the commands of the
   parts.
2. `_core/background.py`: `BackgroundRun.run` decides whether to continue or to start.
3. `_canvas/live_run.py`: `LiveRun.start` asks its source for the stream, and gives it to the runner.
4. `_workbench/model_run.py`: `ModelRun._make_frames` makes the stream, an `iter_vis` iterator, on the worker thread.
5. `runner.py`: the worker asks the stream for a frame, and `end_turn` calls the runner's `on_frame`. Back in
   `_canvas/live_run.py`, `catch_up` takes the frame, and `_publish_image` sends it to the pages that wait for one.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import did_you_mean

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid
    from lucid_widgets.widgets.lucid_widget import LucidWidget
    from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
    from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
    from lucid_widgets.widgets.sprite_player import SpritePlayer

_HOMES = {
    "FeatureGrid": "lucid_widgets.widgets.feature_grid",
    "LucidWidget": "lucid_widgets.widgets.lucid_widget",
    "ObjectiveBuilder": "lucid_widgets.widgets.objective_builder",
    "OptimizationCanvas": "lucid_widgets.widgets.optimization_canvas",
    "SpritePlayer": "lucid_widgets.widgets.sprite_player",
}

__all__ = ["FeatureGrid", "LucidWidget", "ObjectiveBuilder", "OptimizationCanvas", "SpritePlayer"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {did_you_mean(name, __all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
