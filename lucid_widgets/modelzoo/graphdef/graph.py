"""`FrozenGraph`: the layers of a GraphDef, built one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base.image_input import InputLayout
from lucid_widgets.modelzoo.base.network import Network, T
from lucid_widgets.modelzoo.graphdef.constants import needs_value
from lucid_widgets.modelzoo.graphdef.layers import GraphSurvey
from lucid_widgets.modelzoo.graphdef.lazy_import import PLACEHOLDER_OPS, LazyImport, SharedWeights, split_port
from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.survey.layer_errors import cannot_compute, first_line

__all__ = ["FrozenGraph", "without_calls"]

# TensorFlow's prefixes for the nodes of a function whose call it has inlined.
_CALLS = ("StatefulPartitionedCall/", "PartitionedCall/")

_ACTIVATIONS = ("Softmax", "Relu", "Relu6", "Sigmoid", "Tanh", "Elu", "Selu")


def without_calls(name: str) -> str:
    """Return the name of a node without TensorFlow's prefixes for the functions that it has inlined."""
    while name.startswith(_CALLS):
        name = name.partition("/")[2]
    return name


class FrozenGraph(Network):
    """The network in a GraphDef. Its layers are the outputs of nodes, `"mixed4a"` or `"split:1"`.

    Args:
        graph_def: The GraphDef, without variables and with channels last.
        input_name: The node that takes the image.
        image_shape: `(height, width, channels)` that the network was made for, with None for a side that may vary.
        owner: The model's name, for error messages.
        layout: Layout and type of the images at the input node.

    Attributes:
        graph_def: The GraphDef.
    """

    def __init__(
        self,
        graph_def: Any,
        input_name: str,
        image_shape: tuple[int | None, int | None, int | None],
        owner: str,
        layout: InputLayout,
    ) -> None:
        self.graph_def = graph_def
        self._nodes = {node.name: node for node in graph_def.node}
        self._input_name = input_name
        self._image_shape = image_shape
        self._owner = owner
        self._layout = layout

    def layers(self) -> Sequence[Layer]:
        return self._survey.layers()

    def describe(self, name: str) -> Layer | None:
        place = self._place(name)
        return self._survey.describe(*place) if place else None

    def why_not(self, name: str) -> ModelError | None:
        place = self._place(name)
        if place is None or place[0] not in self._nodes:
            return None
        waiting, seen = [place[0]], {self._input_name}
        while waiting:
            node = self._nodes.get(waiting.pop())
            if node is None or node.name in seen:
                continue
            if node.op in PLACEHOLDER_OPS:
                return needs_value(name, node)
            seen.add(node.name)
            waiting.extend(edge.lstrip("^").partition(":")[0] for edge in node.input)
        return None

    def has(self, name: str) -> bool:
        place = self._place(name)
        if place is None or place[0] not in self._nodes:
            return False
        # Only the survey, which imports the whole graph, knows a node's outputs. All but a few nodes have the first.
        return (place[1] == 0 and self._nodes[place[0]].op != "NoOp") or self.describe(name) is not None

    def names(self) -> Sequence[str]:
        return [name for name, node in self._nodes.items() if node.op != "Const"]

    def whole_graph(self, names: Sequence[str]) -> WholeGraph:
        places = {name: place for name in names if (place := self._place(name)) and place[0] in self._nodes}
        return self._survey.whole_graph(places)

    def before_activation(self, name: str) -> tuple[str, str] | None:
        node = self._nodes.get(name.removesuffix(":0"))
        if node is None or node.op not in _ACTIVATIONS:
            return None
        return node.input[0].removesuffix(":0"), node.op.lower()

    def evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        requested = ""

        def failure(at: str, error: Exception) -> Exception:
            return cannot_compute(
                self._owner,
                requested,
                at=at,
                reason=first_line(error),
                received=image.shape[1:3],
                expected=self._image_shape[:2],
            )

        given = {f"{self._input_name}:0": self._layout.applied(image), **input_map}
        imports = LazyImport(self.graph_def, self._nodes, self._weights, prefix, given, failure, self._owner)

        def tensor(name: str) -> tf.Tensor:
            nonlocal requested
            requested = name
            value = imports.tensor(*(self._place(name) or (name, 0)))
            # Objectives compute in float32, also on layers of half precision.
            return tf.cast(value, tf.float32) if value.dtype.is_floating and value.dtype != tf.float32 else value

        return tensor

    def _place(self, name: str) -> tuple[str, int] | None:
        """Return the node and the port of a tensor.

        The name may begin with the functions that TensorFlow inlined, as other tools write the names of a SavedModel:
        `StatefulPartitionedCall/resnet50_1/conv1` is `conv1`, unless the graph has a folder `resnet50_1`.
        """
        place = split_port(name)
        if place is None or place[0] in self._nodes or not place[0].startswith(_CALLS):
            return place
        node = without_calls(place[0])
        while node not in self._nodes:
            folder, slash, node = node.partition("/")
            if not slash or any(each.startswith(f"{folder}/") for each in self._nodes):
                return place
        return node, place[1]

    @cached_property
    def _weights(self) -> SharedWeights:
        return SharedWeights(self._nodes)

    @cached_property
    def _survey(self) -> GraphSurvey:
        return GraphSurvey(
            self.graph_def,
            self._nodes,
            self._input_name,
            self._image_shape,
            self._owner,
            self._layout,
        )
