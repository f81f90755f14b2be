"""`KerasNetwork`: the layers of a functional Keras model, built one at a time with the model's own weights."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.errors import ModelError, unknown_name
from lucid_widgets.modelzoo.base.image_input import InputLayout
from lucid_widgets.modelzoo.base.network import SCORES, Network, T
from lucid_widgets.modelzoo.base.private_names import is_function_graph
from lucid_widgets.modelzoo.keras.attention_scores import attention_scores, has_scores
from lucid_widgets.modelzoo.keras.fused import (
    PRE,
    activation_of,
    before_activation,
    dips,
    post_name,
    raised,
    raises_units,
    separate_activation,
)
from lucid_widgets.modelzoo.keras.kinds import kind_of
from lucid_widgets.modelzoo.keras.replay import IMAGE_SLOT, Node, Replay, run
from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.flops import Compute
from lucid_widgets.modelzoo.survey.layer import DEFAULT_SIZE, Layer
from lucid_widgets.modelzoo.survey.layer_errors import cannot_compute, first_line
from lucid_widgets.modelzoo.survey.receptive_field import ReceptiveFields

__all__ = ["KerasNetwork"]

_FAILURES = (ValueError, TypeError, tf.errors.OpError)

# Side in voxels at which a network that accepts volumes of any size is surveyed.
_USUAL_DEPTH = 32


class KerasNetwork(Network):
    """The network in a functional Keras model.

    Args:
        replay: The model's nodes.
        owner: The model's name, for error messages.
        signal: Whether the network takes signals, `[batch, length, channels]`.
    """

    def __init__(self, replay: Replay, owner: str, signal: bool = False) -> None:
        self._replay = replay
        self._owner = owner
        self._layout = InputLayout.of(replay.specs[IMAGE_SLOT].shape[1:], signal)

    def layers(self) -> Sequence[Layer]:
        seeing = self._replay.seeing_the_image()
        names = (
            (_port_name(node, port), slot) for node in self._replay.nodes for port, slot in enumerate(node.outputs)
        )
        layers = (
            self.describe(name) for name, slot in names if slot in seeing and _is_listed(self._replay.specs[slot])
        )
        return [layer for layer in layers if layer is not None and layer.channels is not None]

    def describe(self, name: str) -> Layer | None:
        slot = self._slot(name)
        attention = self._attention(name)
        if attention is not None:
            whole = self._describe_slot(attention.name, attention.outputs[0])
            tokens = whole.shape[0] if whole.shape else None
            # No channels: a channel is a head here, and its values are weights of tokens.
            return replace(whole, name=name, channels=None, shape=(attention.operation.num_heads, tokens, tokens))
        if slot is None:
            fused = self._fused(name)
            if fused is None:
                return None
            layer = self.describe(fused.name)
            relu = activation_of(fused.operation) == "relu"
            return None if layer is None else replace(layer, name=name, kind="pre_relu" if relu else layer.kind)
        return self._describe_slot(name, slot)

    def _describe_slot(self, name: str, slot: int) -> Layer:
        spec = self._replay.specs[slot]
        channels = spec.shape[-1] if _is_listed(spec) else None
        shape = tuple(spec.shape[1:]) if spec.shape is not None else None
        kind = self._kinds.get(slot, "input")
        # Both need the whole network in a graph, and most layers are only looked up by name.
        return Layer.surveyed_later(name, kind, channels, shape, lambda: (self._shares[slot], self._fields.get(slot)))

    def has(self, name: str) -> bool:
        return self._slot(name) is not None or self._fused(name) is not None or self._attention(name) is not None

    def names(self) -> Sequence[str]:
        return list(self._replay.addresses)

    def whole_graph(self, names: Sequence[str]) -> WholeGraph:
        tensors, graph = self._whole
        slots = {name: slot for name in names if (slot := self._slot(name)) in tensors}
        return WholeGraph(graph, tensors[IMAGE_SLOT], {name: tensors[slot] for name, slot in slots.items()})

    def before_activation(self, name: str) -> tuple[str, str] | None:
        slot = self._slot(name)
        node = None if slot is None else self._producers.get(slot)
        if node is None or slot != node.outputs[0]:
            return None
        alone = separate_activation(node.operation)
        if alone is not None:
            before = next(iter(node.inputs.values()))
            return next(each for each, known in self._replay.addresses.items() if known == before), alone
        activation = activation_of(node.operation)
        return None if activation is None else (f"{node.name}{PRE}", activation)

    def evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        if not is_function_graph(tf.compat.v1.get_default_graph()):
            raise ModelError(
                f"{self._owner} is a Keras model, whose weights a plain tf.Graph cannot read.",
                "Call import_graph in a function decorated with tf.function.",
            )
        tensors = self._replay.given(self._layout.applied(image))
        tensors.update((self._known_slot(name), value) for name, value in input_map.items())
        before: dict[str, tf.Tensor] = {}  # what fused activations are applied to, by the name of the node
        risen: dict[str, tf.Tensor] = {}  # layers whose gradients raise units

        def build(name: str, nodes: Sequence[Node], results: MutableMapping[int, tf.Tensor]) -> None:
            for node in nodes:
                try:
                    run(node, results)
                except _FAILURES as error:
                    raise self._failure(name, node, image, error) from error

        def computed(name: str) -> tf.Tensor:
            attention = self._attention(name)
            if attention is not None:
                for slot in attention.inputs.values():
                    build(name, self._replay.nodes_below(slot, tensors), tensors)
                return attention_scores(attention, tensors)
            fused = None if self._slot(name) is not None else self._fused(name)
            if fused is None:
                slot = self._known_slot(name)
                build(name, self._replay.nodes_below(slot, tensors), tensors)
                return tensors[slot]
            if fused.name not in before:
                for slot in fused.inputs.values():
                    build(name, self._replay.nodes_below(slot, tensors), tensors)
                results = dict(tensors)
                build(name, [before_activation(fused)], results)
                before[fused.name] = results[fused.outputs[0]]
            return before[fused.name]

        def tensor(name: str) -> tf.Tensor:
            with tf.name_scope(prefix):
                value = computed(name)
                before = self.before_activation(name) if raises_units() else None
                if before is not None and dips(before[1]):
                    if name not in risen:
                        risen[name] = raised(computed(before[0]), value)
                    value = risen[name]
            # Objectives compute in float32, also on the layers of a mixed precision model.
            return tf.cast(value, tf.float32) if value.dtype.is_floating else value

        return tensor

    @property
    def _given_shape(self) -> tuple[int | None, ...]:
        """`(height, width, channels)` of an image, or `(depth, height, width, channels)` of a volume."""
        sides = tuple(self._replay.specs[IMAGE_SLOT].shape[1:])
        return sides if self._layout.volume else self._layout.image_shape(sides)

    def _slot(self, name: str) -> int | None:
        slot = self._replay.slot(name)
        return self._replay.slot(name.removesuffix(":0")) if slot is None else slot

    def _fused(self, name: str) -> Node | None:
        """The node whose activation the layer `name` leaves out."""
        post = post_name(name.removesuffix(":0"))
        slot = None if post is None else self._slot(post)
        node = None if slot is None else self._producers.get(slot)
        return node if node is not None and activation_of(node.operation) is not None else None

    def _attention(self, name: str) -> Node | None:
        """The node whose attention weights the layer `name` holds."""
        slot = self._slot(name.removesuffix(SCORES)) if name.endswith(SCORES) else None
        node = None if slot is None else self._producers.get(slot)
        return node if node is not None and has_scores(node.operation) else None

    @cached_property
    def _producers(self) -> dict[int, Node]:
        return {slot: node for node in self._replay.nodes for slot in node.outputs}

    def _known_slot(self, name: str) -> int:
        slot = self._slot(name)
        if slot is None:
            raise unknown_name("layer", name, self._owner, self.names())
        return slot

    @cached_property
    def _kinds(self) -> dict[int, str]:
        return {slot: kind_of(node.operation) for node in self._replay.nodes for slot in node.outputs}

    @cached_property
    def _shares(self) -> dict[int, float]:
        """Share of the multiply-adds below each slot; 1 if the slot could not be computed."""
        tensors, graph = self._whole
        compute = Compute(graph, tensors[IMAGE_SLOT])
        slots = range(len(self._replay.specs))
        shares = {slot: compute.share(tensors[slot]) if slot in tensors else 1.0 for slot in slots}
        return {**shares, IMAGE_SLOT: 0.0}

    @cached_property
    def _fields(self) -> dict[int, int | None]:
        """Receptive field of each slot that could be computed."""
        tensors, graph = self._whole
        fields = ReceptiveFields(graph, tensors[IMAGE_SLOT])
        return {slot: fields.size(tensor) for slot, tensor in tensors.items()}

    @cached_property
    def _whole(self) -> tuple[dict[int, tf.Tensor], tf.Graph]:
        """The whole network in a scratch graph, at its own image size, or at an open size if a part of it fails."""
        *sides, channels = self._given_shape
        usual = _USUAL_DEPTH if self._layout.volume else DEFAULT_SIZE
        traced = self._trace_all((1, *(side or usual for side in sides), channels))
        if len(traced[0]) == len(self._replay.specs):
            return traced
        return self._trace_all((1, *(None for _ in sides), channels))

    def _trace_all(self, shape: Sequence[int | None]) -> tuple[dict[int, tf.Tensor], tf.Graph]:
        """Trace the whole network in a scratch graph, and return the tensors by slot, and the graph."""
        tensors: dict[int, tf.Tensor] = {}

        def trace(image: tf.Tensor) -> None:
            tensors.update(self._replay.given(self._layout.applied(image)))
            for node in self._replay.nodes:
                if all(slot in tensors for slot in node.inputs.values()):
                    try:
                        run(node, tensors)
                    except _FAILURES:
                        continue

        specification = tf.TensorSpec(shape, tf.float32)
        with tf.init_scope():  # leaves the graph that the caller may be building
            return tensors, tf.function(trace, autograph=False).get_concrete_function(specification).graph

    def _failure(self, name: str, node: Node, image: tf.Tensor, error: Exception) -> Exception:
        return cannot_compute(
            self._owner,
            name,
            at=node.name,
            reason=first_line(error),
            received=image.shape[1:-1],
            expected=self._given_shape[:-1],
        )


def _port_name(node: Node, port: int) -> str:
    return node.name if port == 0 else f"{node.name}:{port}"


def _is_listed(spec: Any) -> bool:
    return "float" in keras.backend.standardize_dtype(spec.dtype) and len(spec.shape) >= 2
