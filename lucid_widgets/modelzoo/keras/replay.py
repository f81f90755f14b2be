"""A functional Keras model, flattened to a list of nodes that can be run again on another tensor.

Keras records the calls in a functional model. `Replay` puts the calls of a model, and of the models nested in it, into
one list in the order of computation, and numbers the symbolic tensors as slots. Running the nodes below a slot computes
that tensor with the model's own weights, in any graph and at any image size.

Batch normalization stays a separate node. Folding it into the preceding convolution (in the graph, so that the weights
stay the model's) saved too little: on two CPU cores, at 128 pixels, a step took 6 % less time for MobileNetV2, 2 % less
for ResNet50 and 2 % more for DenseNet121; with every layer folded, ResNet50 took 11 % more.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from lucid_widgets.modelzoo.base.private_names import recorded_call, repeated_arguments

__all__ = ["IMAGE_SLOT", "Node", "Replay", "is_graph", "run"]

IMAGE_SLOT = 0
"""Slot of the model's input."""


@dataclass(frozen=True)
class Node:
    """One call of a layer or operation.

    Attributes:
        name: Its address: `"conv1"`, `"backbone/conv1"`, or `"conv1@2"` for the second use of a shared layer.
        operation: The Keras layer or operation.
        record: Keras's record of the call.
        inputs: The slot of each symbolic tensor among the call's arguments, by the tensor's id.
        outputs: The slots of its outputs.
    """

    name: str
    operation: Any
    record: Any
    inputs: Mapping[int, int]
    outputs: Sequence[int]


@dataclass
class Replay:
    """The nodes of a model.

    Attributes:
        nodes: In an order in which they can be run.
        specs: The symbolic tensor of each slot, with the shape and dtype from when the model was built.
        addresses: The slot of each address. Second and further outputs of a node end in `:1`, `:2`, ...
    """

    nodes: list[Node] = field(default_factory=list)
    specs: list[Any] = field(default_factory=list)
    addresses: dict[str, int] = field(default_factory=dict)
    _producer: dict[int, int] = field(default_factory=dict)  # from a slot to the index of the node that outputs it

    @classmethod
    def of(cls, model: Any) -> Replay:
        """Flatten a functional or Sequential model with one input."""
        replay = cls()
        image = model.inputs[0]
        replay.specs.append(image)
        replay.addresses[recorded_call(image).operation.name] = IMAGE_SLOT
        replay._add_model(model, [IMAGE_SLOT], "")
        return replay

    def slot(self, name: str) -> int | None:
        """Slot of an address, or of an inner name (`conv1` of `backbone/conv1`) if it is unique."""
        if name in self.addresses:
            return self.addresses[name]
        inner = {slot for address, slot in self.addresses.items() if address.endswith(f"/{name}")}
        return inner.pop() if len(inner) == 1 else None

    def nodes_below(self, slot: int, done: Mapping[int, Any]) -> list[Node]:
        """Nodes that must be run to compute a slot, in order, given the slots that are already in `done`."""
        needed: set[int] = set()
        waiting = [slot]
        while waiting:
            current = waiting.pop()
            if current in done or current == IMAGE_SLOT or self._producer[current] in needed:
                continue
            needed.add(self._producer[current])
            waiting.extend(self.nodes[self._producer[current]].inputs.values())
        return [self.nodes[index] for index in sorted(needed)]

    def _add_model(self, model: Any, inputs: Sequence[int], path: str) -> list[int]:
        """Add the nodes of a model whose inputs are these slots, and return the slots of its outputs."""
        slots = {id(tensor): slot for tensor, slot in zip(model.inputs, inputs, strict=True)}
        uses: dict[int, int] = {}
        for record in _records_in_order(model):
            operation = record.operation
            uses[id(operation)] = uses.get(id(operation), 0) + 1
            again = f"@{uses[id(operation)]}" if uses[id(operation)] > 1 else ""
            name = f"{path}{operation.name}{again}"
            sources = {id(tensor): slots[id(tensor)] for tensor in record.input_tensors}
            if _can_flatten(operation, record):
                outputs = self._add_model(operation, [slots[id(t)] for t in record.input_tensors], f"{name}/")
            else:
                outputs = self._add_node(name, record, sources)
            for port, (tensor, slot) in enumerate(zip(record.outputs, outputs, strict=True)):
                slots[id(tensor)] = slot
                self.addresses.setdefault(name if port == 0 else f"{name}:{port}", slot)
        return [slots[id(tensor)] for tensor in model.outputs]

    def _add_node(self, name: str, record: Any, sources: Mapping[int, int]) -> list[int]:
        outputs = list(range(len(self.specs), len(self.specs) + len(record.outputs)))
        self._producer.update(dict.fromkeys(outputs, len(self.nodes)))
        self.specs.extend(record.outputs)
        self.nodes.append(Node(name, record.operation, record, sources, outputs))
        return outputs


def run(node: Node, tensors: MutableMapping[int, Any]) -> None:
    """Run a node in inference mode: read its inputs from `tensors`, and write its outputs there."""
    args, kwargs = repeated_arguments(node.record, {key: tensors[slot] for key, slot in node.inputs.items()})
    # Overrides a recorded training=True, with which dropout would be random.
    if "training" in kwargs or "training" in inspect.signature(node.operation.call).parameters:
        kwargs = {**kwargs, "training": False}
    outputs = keras.tree.flatten(node.operation(*args, **kwargs))
    tensors.update(zip(node.outputs, outputs, strict=True))


def is_graph(model: Any) -> bool:
    """Whether Keras has recorded the calls inside a model: it is functional, or Sequential and built.

    A subclass with its own `call` is not a graph, because its `call` may differ from what was recorded.
    """
    return (
        isinstance(model, (keras.Function, keras.Sequential))
        and type(model).call.__module__.partition(".")[0] == "keras"
        and bool(getattr(model, "inputs", None))
    )


def _can_flatten(operation: Any, record: Any) -> bool:
    """Whether a nested model can be replaced by its nodes."""
    return is_graph(operation) and len(operation.inputs) == len(record.input_tensors)


def _records_in_order(model: Any) -> Iterator[Any]:
    """Yield the recorded calls between a model's inputs and outputs, each after the calls that it depends on."""
    known = {id(tensor) for tensor in model.inputs}
    waiting = [(tensor, False) for tensor in reversed(model.outputs)]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in known:
            continue
        record = recorded_call(tensor).node
        if ready:
            known.update(id(output) for output in record.outputs)
            yield record
        else:
            waiting.append((tensor, True))
            waiting.extend((source, False) for source in reversed(record.input_tensors))
