"""`NetworkGraph`: a network as a diagram, with a box for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo.graphdef.files import usable_graphdef
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.traits import Records, Text
from lucid_widgets.widgets._network.diagram_record import diagram_record
from lucid_widgets.widgets._network.held import HeldModel
from lucid_widgets.widgets._network.layer_table import layer_table


class NetworkGraph(LucidBase):
    """Shows a network as a diagram, from the image down to the output, with the branches side by side.

    Each box is a layer, with its kind, its size and its number of channels. A click selects a layer; `selected` is its
    name, which can be observed and assigned.

    Args:
        model: Whatever `as_model` accepts, or a frozen GraphDef.
        selected: Name of the layer that is selected at first; default: none.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        UnknownNameError: If the diagram has no such layer.

    Example:
        >>> graph = NetworkGraph("EmojiNet")
        >>> graph.selected = "mixed4a"
        >>> graph.layer.channels
        256
    """

    _bundle: ClassVar[str] = "network_graph"
    _model = HeldModel()
    _editable: ClassVar[tuple[str, ...]] = ("selected",)

    model_name: str = Text("", output=True, help="Name of the model.")
    selected: str = Text("", help="Name of the selected layer; empty for none.")
    _graph_layers: list[list[Any]] = Records(
        output=True, help="For each layer of the diagram its name, kind, size in words, and number of channels."
    )
    _graph_links: list[list[int]] = Records(output=True, help="Pairs of indices of connected layers; -1 is the image.")

    def __init__(self, model: Any, selected: str = "", **kwargs: Any) -> None:
        self._model = GraphModel(model) if hasattr(model, "SerializeToString") else as_model(model)
        diagram = diagram_record(self._model)
        self._names = [name for name, *_ in diagram["layers"]]
        self._publish(model_name=self._model.name, _graph_layers=diagram["layers"], _graph_links=diagram["links"])
        self._change({"selected": selected})
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    @property
    def layer(self) -> Layer | None:
        """The selected layer, or None."""
        return self._model.get_layer(self.selected) if self.selected else None

    def __repr__(self) -> str:
        return f"<NetworkGraph {self.model_name}, {len(self._names)} layers>"

    def _html(self) -> str:
        return layer_table(self.model_name, self._graph_layers, self.selected)

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            checked = self._checked(values)
            name = checked.get("selected", self.selected)
            if name and name not in self._names:
                raise unknown_name("layer", str(name), self.model_name or "The diagram", self._names)
            self._commit(checked)
        self._keep_still()


class GraphModel(GraphDefModel):
    """A GraphDef that is only looked at.

    Args:
        graph_def: The graph. It is not changed.
    """

    def __init__(self, graph_def: Any) -> None:
        self._given = graph_def
        super().__init__("graph_def", name="Graph", image_value_range=(0, 1))

    def _read(self, file: Any) -> Any:
        copied = type(self._given)()
        copied.CopyFrom(self._given)
        return usable_graphdef(copied, Path(file))


__all__ = ["NetworkGraph"]
