"""Jupyter widgets. `OptimizationCanvas` shows any stream of frames; `LucidWidget` makes one from a model, and
`ObjectiveBuilder` says what of; `SpritePlayer` plays what is finished; `FeatureGrid` shows all channels of a layer.

Where to look: `_traits` (what is shared with the page), `_base` (the fiddly part of being a widget),
`_flow` (which picture goes to which page, and when), `_interrupts` (what ends a run from outside),
`_exports` (files that a page asks for), `optimization_canvas`, `lucid_widget`, `sprite_player`,
`feature_grid`. This module loads none of them until asked, so that the canvas comes without TensorFlow.
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
