"""Turning a model, or the graph of a TensorFlow 1 session, into one frozen GraphDef."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, unknown_name
from lucid_widgets.modelzoo.base.image_input import InputLayout
from lucid_widgets.modelzoo.base.network import Network, T
from lucid_widgets.modelzoo.base.private_names import frozen_graph_def, outside_graphs
from lucid_widgets.modelzoo.graphdef.edits import renamed
from lucid_widgets.modelzoo.graphdef.graph import FrozenGraph
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Frozen", "FrozenCopy", "frozen_model", "frozen_session"]

v1 = tf.compat.v1

_LAYER = "lucid_layer_"


@dataclass(frozen=True)
class Frozen:
    """A network without variables.

    Attributes:
        graph_def: The frozen graph.
        input_name: The node that takes the image.
        layers: The layers worth listing, under their names in the graph.
        nodes: Names in the graph by the names of the model's layers, where they may differ.
    """

    graph_def: Any
    input_name: str
    layers: Sequence[Layer]
    nodes: Mapping[str, str] = field(default_factory=dict)


def frozen_model(model: Any, input_name: str | None, output_names: Sequence[str] | None) -> Frozen:
    """Freeze a model.

    Args:
        model: A `Model`. A model with a GraphDef keeps its nodes; for others, each layer becomes a node.
        input_name: Name for the node that takes the image; default: the model's own.
        output_names: The layers to keep, with those below them; default: all.
    """
    graph_def = model.network.graph_def if isinstance(model.network, FrozenGraph) else None
    if graph_def is None:
        return _traced(model, _op_name(input_name or model.input_name or "input"), output_names)
    if input_name is not None and input_name.removesuffix(":0") != model.input_name:
        graph_def = renamed(graph_def, {model.input_name: input_name})
    layers = model.browsable_layers
    if output_names is not None:
        for name in output_names:
            model.get_layer(name)
        graph_def = v1.graph_util.extract_sub_graph(graph_def, [name.partition(":")[0] for name in output_names])
        kept = {node.name for node in graph_def.node}
        layers = [layer for layer in layers if layer.name.partition(":")[0] in kept]
    return Frozen(graph_def, input_name or model.input_name, layers)


def frozen_session(output_names: Sequence[str]) -> Any:
    """Freeze the graph of TensorFlow 1's default session, without nodes that only training needs.

    Raises:
        ModelError: If there is no default session, or it has no values for the graph's variables.
        UnknownNameError: If the graph has no node of that name.

    Source: Lucid's `modelzoo.util.frozen_default_graph_def`.
    """
    session = v1.get_default_session()
    if session is None:
        raise ModelError(
            "Model.save, called on the class, saves the graph of the default TensorFlow 1 session, and there is none.",
            "Save a model instead: as_model(keras_model).save(path).",
        )
    graph_def = session.graph.as_graph_def()
    names = [name.partition(":")[0] for name in output_names]
    known = [node.name for node in graph_def.node]
    for name in names:
        if name not in known:
            raise unknown_name("node", name, "The graph", known)
    try:
        frozen = v1.graph_util.convert_variables_to_constants(session, graph_def, names)
    except tf.errors.FailedPreconditionError as error:
        raise ModelError(
            "The variables of the session have no values.", "Restore the trained weights before calling Model.save."
        ) from error
    return v1.graph_util.remove_training_nodes(frozen, protected_nodes=names)


class FrozenCopy(Network):
    """A network with its weights as constants, for a graph of TensorFlow 1, where it needs no variables.

    Args:
        model: A `Model`. Later changes of its weights do not reach the copy.
    """

    def __init__(self, model: Any) -> None:
        self._original = model.network
        names = [*model.browsable_layers.names, *self._original.names()]
        described = [layer for name in dict.fromkeys(names) if (layer := self._original.describe(name))]
        frozen = _traced(model, _op_name(model.input_name or "input"), None, described)
        self._nodes = frozen.nodes
        self._frozen = FrozenGraph(frozen.graph_def, frozen.input_name, model.image_shape, model.name, InputLayout())

    def layers(self) -> Sequence[Layer]:
        return self._original.layers()

    def describe(self, name: str) -> Layer | None:
        return self._original.describe(name)

    def has(self, name: str) -> bool:
        return self._node(name) is not None

    def names(self) -> Sequence[str]:
        return list(self._nodes)

    def evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        given = {f"{self._node(name) or name.removesuffix(':0')}:0": value for name, value in input_map.items()}
        # Not under the names of the layers, which `import_graph` gives to their tensors.
        evaluate = self._frozen.evaluator(image, f"{prefix}network/", given)
        return lambda name: evaluate(self._node(name) or name)

    def _node(self, name: str) -> str | None:
        return self._nodes.get(name) or self._nodes.get(name.removesuffix(":0"))


def _traced(
    model: Any, input_name: str, output_names: Sequence[str] | None, chosen: Sequence[Layer] | None = None
) -> Frozen:
    layers: Sequence[Layer] = chosen or ()
    if model.volume_sheet is not None:
        raise ModelError(
            f"{model.name} takes volumes, which Lucid's format cannot hold.",
            "Save the Keras model instead: model.keras_model.save('volumes.keras').",
        )
    if chosen is None:
        layers = model.browsable_layers if output_names is None else [model.get_layer(name) for name in output_names]
    failed: list[ModelError] = []
    # An open image size if all layers allow it; else (after a Flatten, for example) the size of the model's input.
    for height, width in ((None, None), model.image_shape[:2]):
        failed.clear()
        specification = tf.TensorSpec((None, height, width, model.image_shape[-1]), tf.float32)
        graph_def, built = _trace(model, layers, specification, failed)
        if not failed:
            break
    if failed and output_names is not None:
        raise failed[0]
    names: dict[str, str] = {}
    taken = {input_name, *(node.name for node in graph_def.node)}
    for index, layer in built.items():
        name = _op_name(layer.name)
        while name in taken:
            name += "_"
        taken.add(name)
        names[f"{_LAYER}{index}"] = name
    graph_def = renamed(graph_def, {**names, "image": input_name})
    saved = [Layer(names[f"{_LAYER}{i}"], layer.kind, layer.channels, layer.share) for i, layer in built.items()]
    return Frozen(graph_def, input_name, saved, {layer.name: names[f"{_LAYER}{i}"] for i, layer in built.items()})


def _trace(
    model: Any, layers: Sequence[Layer], specification: tf.TensorSpec, failed: list[ModelError]
) -> tuple[Any, dict[int, Layer]]:
    built: dict[int, Layer] = {}

    def network(image: tf.Tensor) -> list[tf.Tensor]:
        evaluate = model.network.evaluator(image, "network/", {})
        outputs = []
        for index, layer in enumerate(layers):
            try:
                tensor = evaluate(layer.name)
            except ModelError as error:
                failed.append(error)
                continue
            outputs.append(tf.identity(tensor, name=f"{_LAYER}{index}"))
            built[index] = layer
        return outputs

    with outside_graphs(), tf.init_scope():
        function = tf.function(network, autograph=False).get_concrete_function(
            tf.TensorSpec(specification.shape, specification.dtype, name="image")
        )
        return frozen_graph_def(function), built


def _op_name(name: str) -> str:
    """Replace the characters that a TensorFlow operation may not have in its name, such as `@` and `:`."""
    return re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", re.sub(r"^[^A-Za-z0-9.]", ".", name))
