"""`Connections`: the connections between groups of layers, read from a traced graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

__all__ = ["Connections", "WholeGraph"]

_JOINS = ("Concat", "ConcatV2")
_SUMS = ("Add", "AddV2", "AddN")
# Most operations between a join and the layer that it belongs to.
_AFTER_JOIN = 4


@dataclass(frozen=True)
class WholeGraph:
    """A network that was built in a scratch graph to be examined. It never runs.

    Attributes:
        graph: The graph, whose operations are listed after their inputs.
        image: The network's input, `[1, height, width, channels]`.
        tensors: Tensors of layers, by name. Layers that could not be built are missing.
    """

    graph: tf.Graph
    image: tf.Tensor
    tensors: Mapping[str, tf.Tensor]

    def size(self, name: str) -> tuple[int, int] | None:
        """Return height and width of a layer in this graph; None if they are unknown or it has none."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape.rank != 4 or None in tensor.shape[1:3]:
            return None
        return tensor.shape[1], tensor.shape[2]

    def reduction(self, name: str) -> int | None:
        """Return the height of the image divided by that of a layer, rounded; None if unknown."""
        size, image = self.size(name), self.image.shape[1:3]
        return None if size is None or None in image else max(1, round(image[0] / size[0]))


class Connections:
    """How groups of layers are connected.

    One pass over the graph carries along, for each operation, the groups whose layers it reads without another layer
    in between, as the bits of one integer.

    Args:
        whole: The network's graph.
        places: Index of the group of each layer, from 0.

    Attributes:
        links: Pairs of indices `(from, to)` of different groups that are connected; -1 is the image.
        branches: The most branches that one operation of a group joins, where it joins any.
        residual: Groups in which a sum has more than one summand that depends on the image.
    """

    def __init__(self, whole: WholeGraph, places: Mapping[str, int]) -> None:
        self.links: set[tuple[int, int]] = set()
        self.branches: dict[int, int] = {}
        self.residual: set[int] = set()
        owners = {whole.tensors[name].op.name: place for name, place in places.items() if name in whole.tensors}
        # Bit 0 is the image, and bit i + 1 is group i.
        carried = {whole.image.op.name: 1}
        for op in whole.graph.get_operations():
            if op.name in carried:
                continue
            inputs = {tensor.op.name: carried[tensor.op.name] for tensor in op.inputs if carried.get(tensor.op.name)}
            if not inputs:
                continue
            read = 0
            for each in inputs.values():
                read |= each
            place = owners.get(op.name)
            if place is None:
                carried[op.name] = read
                continue
            carried[op.name] = 1 << (place + 1)
            self.links.update((source - 1, place) for source in _bits(read) if source != place + 1)
            self._note_joins(op, place, owners, carried)

    def _note_joins(self, op: tf.Operation, place: int, owners: Mapping[str, int], carried: Mapping[str, int]) -> None:
        """Look for the join that makes a layer: the operation itself, or one just below it."""
        for _ in range(_AFTER_JOIN):
            inputs = {tensor.op.name: tensor.op for tensor in op.inputs if carried.get(tensor.op.name)}
            if op.type in _JOINS and len(inputs) > 1:
                self.branches[place] = max(self.branches.get(place, 1), len(inputs))
            if op.type in _SUMS and len(inputs) > 1:
                self.residual.add(place)
            if len(inputs) != 1:
                return
            (op,) = inputs.values()
            if op.name in owners:
                return


def _bits(number: int) -> list[int]:
    """Positions of the bits that are set."""
    return [position for position in range(number.bit_length()) if number >> position & 1]
