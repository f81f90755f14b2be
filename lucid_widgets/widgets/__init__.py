"""Jupyter widgets.

`OptimizationCanvas` shows any stream of frames, `LucidWidget` optimizes images for a model, `ObjectiveBuilder` builds
objectives, `SpritePlayer` plays animations, `FeatureGrid` shows all channels of a layer, `ImageExplorer` what a network
sees in an image, `EvidencePanel` the real images that excite a unit, `AtlasMap` an activation atlas, `NetworkGraph`
draws a network, and `MeshView` a mesh; `explorer_pieces` has the parts of `ImageExplorer` as widgets. The canvas, the
player, the panel, the map and the mesh need no TensorFlow, so this module imports each widget only when it is first
used.

A widget is a class with traits and fields. Its behavior is in the parts that it owns; `_core/part.py` describes their
protocol. `_core` holds the parts that several widgets share, `_canvas` live images, `_grid` grids, `_explorer` the
analysis of an image, `_terms` lists of terms, and `_workbench` the settings and runs of `LucidWidget`.

`docs/internals/streaming.md` lists the five files from a click on Run to the first frame.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import did_you_mean

if TYPE_CHECKING:
    from lucid_widgets.widgets.atlas_map import AtlasMap
    from lucid_widgets.widgets.evidence_panel import EvidencePanel
    from lucid_widgets.widgets.explorer_pieces import (
        ActivationGrid,
        ChannelAttribution,
        NeuronGroups,
        SemanticDictionary,
        SpatialAttribution,
    )
    from lucid_widgets.widgets.feature_grid import FeatureGrid
    from lucid_widgets.widgets.image_explorer import ImageExplorer
    from lucid_widgets.widgets.lucid_widget import LucidWidget
    from lucid_widgets.widgets.mesh_view import MeshView
    from lucid_widgets.widgets.network_graph import NetworkGraph
    from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
    from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
    from lucid_widgets.widgets.sprite_player import SpritePlayer

_HOMES = {
    "AtlasMap": "lucid_widgets.widgets.atlas_map",
    "EvidencePanel": "lucid_widgets.widgets.evidence_panel",
    "ActivationGrid": "lucid_widgets.widgets.explorer_pieces",
    "ChannelAttribution": "lucid_widgets.widgets.explorer_pieces",
    "FeatureGrid": "lucid_widgets.widgets.feature_grid",
    "ImageExplorer": "lucid_widgets.widgets.image_explorer",
    "LucidWidget": "lucid_widgets.widgets.lucid_widget",
    "MeshView": "lucid_widgets.widgets.mesh_view",
    "NetworkGraph": "lucid_widgets.widgets.network_graph",
    "NeuronGroups": "lucid_widgets.widgets.explorer_pieces",
    "ObjectiveBuilder": "lucid_widgets.widgets.objective_builder",
    "OptimizationCanvas": "lucid_widgets.widgets.optimization_canvas",
    "SemanticDictionary": "lucid_widgets.widgets.explorer_pieces",
    "SpatialAttribution": "lucid_widgets.widgets.explorer_pieces",
    "SpritePlayer": "lucid_widgets.widgets.sprite_player",
}

__all__ = [
    "ActivationGrid",
    "AtlasMap",
    "ChannelAttribution",
    "EvidencePanel",
    "FeatureGrid",
    "ImageExplorer",
    "LucidWidget",
    "MeshView",
    "NetworkGraph",
    "NeuronGroups",
    "ObjectiveBuilder",
    "OptimizationCanvas",
    "SemanticDictionary",
    "SpatialAttribution",
    "SpritePlayer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {did_you_mean(name, __all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
