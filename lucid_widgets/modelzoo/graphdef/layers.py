"""`GraphSurvey`: kinds, channels and cost of a GraphDef's tensors, found by importing it into a scratch graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.base.image_input import InputLayout
from lucid_widgets.modelzoo.graphdef.lazy_import import LazyImport
from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.flops import Compute
from lucid_widgets.modelzoo.survey.layer import DEFAULT_SIZE, Layer
from lucid_widgets.modelzoo.survey.receptive_field import ReceptiveFields

__all__ = ["GraphSurvey"]

_RELUS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu")
_BIASES = ("BiasAdd", "Add", "AddV2")
_KINDS = {
    "Conv2D": "conv",
    "DepthwiseConv2dNative": "conv",
    "Conv2DBackpropInput": "conv",
    "MatMul": "dense",
    **dict.fromkeys(_RELUS, "relu"),
    **dict.fromkeys(("Sigmoid", "Tanh", "Softplus", "Softsign"), "activation"),
    **dict.fromkeys(("Concat", "ConcatV2"), "concat"),
    **dict.fromkeys(("MaxPool", "MaxPoolV2", "AvgPool", "Mean"), "pool"),
    **dict.fromkeys(("LRN", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), "norm"),
    "Softmax": "softmax",
}


class GraphSurvey:
    """The layers of a whole GraphDef.

    Args:
        graph_def: The GraphDef.
        nodes: Its nodes by name.
        input_name: The node that takes the image.
        image_shape: `(height, width, channels)`. Multiply-adds are counted with 224 for a side that is None.
        owner: The model's name, for error messages.
        layout: Layout and type of the images at the input node.
    """

    def __init__(
        self,
        graph_def: Any,
        nodes: dict[str, Any],
        input_name: str,
        image_shape: tuple[int | None, int | None, int | None],
        owner: str,
        layout: InputLayout,
    ) -> None:
        self._layout = layout
        self._nodes = nodes
        self._imports = self._import_all(graph_def, input_name, image_shape, owner)
        self._compute = Compute(self._graph, self._image)
        self._fields = ReceptiveFields(self._graph, self._image)
        self._users: dict[str, list[str]] = defaultdict(list)
        for op in self._graph.get_operations():
            for tensor in op.inputs:
                self._users[tensor.op.name].append(op.type)

    def layers(self) -> list[Layer]:
        """Return the layers of a known kind, with channels, that depend on the image, in graph order."""
        tensors = ((name, self._output(name)) for name in self._nodes)
        described = (self._as_layer(name, tensor) for name, tensor in tensors if self._is_interesting(tensor))
        return [layer for layer in described if layer.channels is not None]

    def describe(self, name: str, port: int) -> Layer | None:
        """Return a record of the tensor `name:port`, of whatever kind; None if there is no such tensor."""
        tensor = self._output(name, port) if name in self._nodes else None
        return None if tensor is None else self._as_layer(name if port == 0 else f"{name}:{port}", tensor)

    def whole_graph(self, places: Mapping[str, tuple[str, int]]) -> WholeGraph:
        """Return the graph with the tensors at these nodes and ports, by name."""
        tensors = {name: self._output(*place) for name, place in places.items()}
        known = {name: tensor for name, tensor in tensors.items() if tensor is not None}
        return WholeGraph(self._graph, self._image, known)

    def _import_all(
        self, graph_def: Any, input_name: str, image_shape: tuple[int | None, int | None, int | None], owner: str
    ) -> LazyImport:
        height, width, channels = image_shape
        sized = (1, height or DEFAULT_SIZE, width or DEFAULT_SIZE, channels)
        # If a reshape rejects this size, an open size still shows the other layers.
        for shape in (sized, (1, None, None, channels)):
            self._graph = tf.Graph()
            with self._graph.as_default():
                self._image = tf.compat.v1.placeholder(tf.float32, shape)
                given = {f"{input_name}:0": self._layout.applied(self._image)}
                imports = LazyImport(graph_def, self._nodes, None, "layers/", given, _unchanged, owner)
                if _import_each(imports, self._nodes):
                    break
        return imports

    def _output(self, name: str, port: int = 0) -> tf.Tensor | None:
        with self._graph.as_default():
            try:
                return self._imports.tensor(name, port)
            except (ValueError, IndexError, tf.errors.OpError):
                return None

    def _is_interesting(self, tensor: tf.Tensor | None) -> bool:
        return (
            tensor is not None
            and tensor.dtype.is_floating
            and _has_channels(tensor)
            and tensor is not self._image
            and self._compute.sees_image(tensor)
            and self._kind(tensor.op) != ""
        )

    def _as_layer(self, name: str, tensor: tf.Tensor) -> Layer:
        channels = tensor.shape[-1] if _has_channels(tensor) else None
        sees = self._compute.sees_image(tensor)
        kind = "input" if tensor is self._image else (self._kind(tensor.op) or "other")
        share = self._compute.share(tensor) if sees else 0.0
        shape = None if tensor.shape.rank is None else tuple(tensor.shape[1:])
        return Layer(name, kind, channels, share, shape, self._fields.size(tensor))

    def _kind(self, op: tf.Operation) -> str:
        """Return the kind of an operation, or an empty string for one that is not a layer."""
        if op.type in _BIASES:
            seen = [tensor for tensor in op.inputs if self._compute.sees_image(tensor)]
            # With one input that depends on the image, it adds a bias, or is the end of a decomposed normalization.
            kind = "add" if len(seen) != 1 else self._kind(_unfolded(seen[0].op)) or "norm"
        else:
            kind = _KINDS.get(op.type, "")
        before_relu = any(user in _RELUS for user in self._users[op.name])
        if kind in ("conv", "dense", "norm", "add") and before_relu:
            return "pre_relu"
        if kind == "concat":
            parts = [self._kind(tensor.op) for tensor in op.inputs if self._compute.sees_image(tensor)]
            return "pre_relu" if parts and all(part == "pre_relu" for part in parts) else kind
        return kind


def _has_channels(tensor: tf.Tensor) -> bool:
    """Whether a tensor is `[batch, ..., channels]`. Rows that several positions of one image share are no batch."""
    return tensor.shape.rank is not None and tensor.shape.rank >= 2 and tensor.shape[0] in (None, 1)


def _unfolded(op: tf.Operation) -> tf.Operation:
    """The matrix product below a reshape, which is how Keras computes a dense layer on tokens; else the operation."""
    below = op.inputs[0].op if op.type == "Reshape" else op
    return below if below.type == "MatMul" else op


def _import_each(imports: LazyImport, nodes: dict[str, Any]) -> bool:
    """Import the whole network and return True; if a part of it fails, import the rest and return False."""
    used = {edge.lstrip("^").partition(":")[0] for node in nodes.values() for edge in node.input}
    outputs = [name for name in nodes if name not in used]
    if all([_imports_well(imports, name) for name in outputs]):  # noqa: C419 (imports all of them)
        return True
    for name in nodes:
        _imports_well(imports, name)
    return False


def _imports_well(imports: LazyImport, name: str) -> bool:
    try:
        imports.tensor(name)
    except IndexError:  # an operation without output
        return True
    except (ValueError, tf.errors.OpError):
        return False
    return True


def _unchanged(_: str, error: Exception) -> Exception:
    return error
