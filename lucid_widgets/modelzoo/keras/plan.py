"""A Keras model flattened to a list of steps, so that any part of it can be run again on another tensor.

A Keras model records its calls as nodes. Here the nodes of a model, and of the models nested in it, become one
list of steps in the order of computation, and the symbolic tensors become numbered slots. Running the steps below
a slot computes it with the model's own weights, in whatever graph and at whatever image size.

Batch normalization stays a step of its own. Multiplied into the convolution before it (in the graph, so that the
weights stay the model's), it saved too little: on two CPU cores, at 128 pixels, a step of MobileNetV2 took 6 % less,
one of ResNet50 2 % less and one of DenseNet121 2 % more; with every layer folded, ResNet50 took 11 % more.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

IMAGE_SLOT = 0


@dataclass(frozen=True)
class Step:
    """One call of an operation.

    Attributes:
        name: Its address, such as `"conv1"`, `"backbone/conv1"`, or `"conv1@2"` for the second use of a layer.
        operation: The Keras layer or operation.
        node: The recorded call.
        inputs: The slot of each symbolic tensor among the call's arguments, by the tensor's id.
        outputs: The slots of its outputs.
    """

    name: str
    operation: Any
    node: Any
    inputs: Mapping[int, int]
    outputs: Sequence[int]


@dataclass
class Plan:
    """The steps of a model.

    Attributes:
        steps: In an order in which they can be run.
        specs: The symbolic tensor of each slot, with shape and dtype as the model was built. Slot 0 is the image.
        addresses: The slot of each full address; further outputs of a step end in `:1`, `:2`, ...
    """

    steps: list[Step] = field(default_factory=list)
    specs: list[Any] = field(default_factory=list)
    addresses: dict[str, int] = field(default_factory=dict)
    _maker: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Any) -> Plan:
        """The plan of a functional or Sequential model with one input."""
        plan = cls()
        plan.specs.append(model.inputs[0])
        plan.addresses[model.inputs[0]._keras_history.operation.name] = IMAGE_SLOT
        plan._add_model(model, [IMAGE_SLOT], "")
        return plan

    def slot(self, name: str) -> int | None:
        """The slot of a full address, or of an inner name (`conv1` of `backbone/conv1`) that is unique."""
        if name in self.addresses:
            return self.addresses[name]
        inner = {slot for address, slot in self.addresses.items() if address.endswith(f"/{name}")}
        return inner.pop() if len(inner) == 1 else None

    def steps_below(self, slot: int, done: Mapping[int, Any]) -> list[Step]:
        """The steps that still have to be run for a slot, in order, where the slots in `done` are computed."""
        needed: set[int] = set()
        waiting = [slot]
        while waiting:
            current = waiting.pop()
            if current in done or current == IMAGE_SLOT or self._maker[current] in needed:
                continue
            needed.add(self._maker[current])
            waiting.extend(self.steps[self._maker[current]].inputs.values())
        return [self.steps[index] for index in sorted(needed)]

    def _add_model(self, model: Any, inputs: Sequence[int], path: str) -> list[int]:
        """Adds the steps of a model whose inputs are these slots. Returns the slots of its outputs."""
        slots = {id(tensor): slot for tensor, slot in zip(model.inputs, inputs, strict=True)}
        uses: dict[int, int] = {}
        for node in _nodes_in_order(model):
            operation = node.operation
            uses[id(operation)] = uses.get(id(operation), 0) + 1
            again = f"@{uses[id(operation)]}" if uses[id(operation)] > 1 else ""
            name = f"{path}{operation.name}{again}"
            sources = {id(tensor): slots[id(tensor)] for tensor in node.input_tensors}
            if _opens(operation, node):
                outputs = self._add_model(operation, [slots[id(t)] for t in node.input_tensors], f"{name}/")
            else:
                outputs = self._add_step(name, node, sources)
            for port, (tensor, slot) in enumerate(zip(node.outputs, outputs, strict=True)):
                slots[id(tensor)] = slot
                self.addresses.setdefault(name if port == 0 else f"{name}:{port}", slot)
        return [slots[id(tensor)] for tensor in model.outputs]

    def _add_step(self, name: str, node: Any, sources: Mapping[int, int]) -> list[int]:
        outputs = list(range(len(self.specs), len(self.specs) + len(node.outputs)))
        self._maker.update(dict.fromkeys(outputs, len(self.steps)))
        self.specs.extend(node.outputs)
        self.steps.append(Step(name, node.operation, node, sources, outputs))
        return outputs


def run(step: Step, tensors: MutableMapping[int, Any]) -> None:
    """Runs a step in inference mode; takes its inputs from `tensors` and puts its outputs there."""
    values = {tensor_id: tensors[slot] for tensor_id, slot in step.inputs.items()}
    args, kwargs = step.node.arguments.fill_in(values)
    # Also where the call was recorded with training=True, which would drop units at random.
    if "training" in kwargs or "training" in inspect.signature(step.operation.call).parameters:
        kwargs = {**kwargs, "training": False}
    outputs = keras.tree.flatten(step.operation(*args, **kwargs))
    tensors.update(zip(step.outputs, outputs, strict=True))


def is_graph(model: Any) -> bool:
    """Whether Keras has recorded the calls inside a model: a functional one, or a Sequential one that is built.

    A subclass with a `call` of its own may do something else than what was recorded, so it does not count.
    """
    return (
        isinstance(model, (keras.Function, keras.Sequential))
        and type(model).call.__module__.partition(".")[0] == "keras"
        and bool(getattr(model, "inputs", None))
    )


def _opens(operation: Any, node: Any) -> bool:
    """Whether a nested model can be replaced by its own steps."""
    return is_graph(operation) and len(operation.inputs) == len(node.input_tensors)


def _nodes_in_order(model: Any) -> Iterator[Any]:
    """The recorded calls between a model's inputs and its outputs, each after those that it needs."""
    known = {id(tensor) for tensor in model.inputs}
    waiting = [(tensor, False) for tensor in reversed(model.outputs)]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in known:
            continue
        operation, node_index, _ = tensor._keras_history
        node = operation._inbound_nodes[node_index]
        if ready:
            known.update(id(output) for output in node.outputs)
            yield node
        else:
            waiting.append((tensor, True))
            waiting.extend((source, False) for source in reversed(node.input_tensors))
