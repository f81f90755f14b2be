"""How the widgets are built: few classes, and documented traits."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import pytest

from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets.atlas_map import AtlasMap
from lucid_widgets.widgets.evidence_panel import EvidencePanel
from lucid_widgets.widgets.feature_grid import FeatureGrid
from lucid_widgets.widgets.image_explorer import ImageExplorer
from lucid_widgets.widgets.lucid_widget import LucidWidget
from lucid_widgets.widgets.mesh_view import MeshView
from lucid_widgets.widgets.network_graph import NetworkGraph
from lucid_widgets.widgets.objective_builder import ObjectiveBuilder
from lucid_widgets.widgets.optimization_canvas import OptimizationCanvas
from lucid_widgets.widgets.sprite_player import SpritePlayer

WIDGETS = [
    AtlasMap,
    EvidencePanel,
    FeatureGrid,
    ImageExplorer,
    LucidWidget,
    MeshView,
    NetworkGraph,
    ObjectiveBuilder,
    OptimizationCanvas,
    SpritePlayer,
]
MAX_CLASSES = 4  # AnyWidget itself, and three over it


@pytest.mark.parametrize("widget", WIDGETS)
def test_is_at_most_three_classes_over_anywidget(widget: type) -> None:
    assert len([each for each in widget.__mro__ if issubclass(each, anywidget.AnyWidget)]) <= MAX_CLASSES


@pytest.mark.parametrize("widget", WIDGETS)
def test_each_trait_is_shared_and_documented(widget: Any) -> None:
    inherited = ipywidgets.DOMWidget.class_traits()
    own = {name: trait for name, trait in widget.class_traits().items() if name not in inherited}
    assert own
    for name, trait in own.items():
        if name == "_anywidget_id":
            continue
        assert trait.metadata.get("sync"), name
        assert trait.help.endswith("."), name


@pytest.mark.parametrize("widget", WIDGETS)
def test_has_something_to_show_to_readers_without_widgets(widget: type[LucidBase]) -> None:
    assert widget._png is not LucidBase._png or widget._html is not LucidBase._html
