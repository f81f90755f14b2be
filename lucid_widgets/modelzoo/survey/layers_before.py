"""`layers_before`: the earlier layers through which everything passes that reaches a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["layers_before"]

_KEPT = "layers before"
_CONVOLUTIONS = ("Conv2D", "Conv3D", "DepthwiseConv2dNative", "XlaConvV2")
_PRODUCTS = ("MatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum")
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_WEIGHTED = frozenset((*_CONVOLUTIONS, *_PRODUCTS, *_CALLS))
_WEIGHTED_KINDS = ("conv", "dense", "attention")


def layers_before(model: Any, layer: str) -> tuple[str, ...]:
    """Return earlier layers from which weights lead to a layer, the nearest first.

    Only layers through which everything passes are among them, so a layer inside a block is not. Of layers without
    weights between them, such as a convolution and its activation function, the last one stands for all.

    Args:
        model: A `Model`.
        layer: Name of the layer.

    Returns:
        Names. The last one is `"input"`, the image.

    Example:
        >>> layers_before(models.EmojiNet(), "mixed3b")
        ('mixed3a', 'conv2d1', 'conv2d0', 'input')
    """
    kept: dict[str, tuple[str, ...]] = model.kept.setdefault(_KEPT, {})
    if layer not in kept:
        kept[layer] = _found(model, layer)
    return kept[layer]


def _found(model: Any, layer: str) -> tuple[str, ...]:
    for each in model.readouts:
        if layer in each.layers:
            return tuple(dict.fromkeys([each.after, *layers_before(model, each.after)]))
    layers = list(model.browsable_layers)
    names = list(dict.fromkeys([*(each.name for each in layers), layer]))
    whole = model.network.whole_graph(names)
    if whole is None or layer not in whole.tensors:
        return _by_order(layers, layer)
    return _by_graph(whole, names, layer)


def _by_graph(whole: WholeGraph, names: Sequence[str], layer: str) -> tuple[str, ...]:
    """The layers on all paths from the image to a layer, found in one pass.

    The pass carries along, for each operation, the layers on all paths to it as the bits of one integer (bit 0 is the
    image), and the most operations with weights on a path.
    """
    places = {whole.tensors[name].op.name: place for place, name in enumerate(names, 1) if name in whole.tensors}
    always, weights = {whole.image.op.name: 1}, {whole.image.op.name: 0}
    target = whole.tensors[layer].op.name
    order: list[tuple[int, str]] = []
    for op in whole.graph.get_operations():
        inputs = [tensor.op.name for tensor in op.inputs if tensor.op.name in always]
        if op.name in always or not inputs:
            continue
        shared = always[inputs[0]]
        for each in inputs:
            shared &= always[each]
        weights[op.name] = max(weights[each] for each in inputs) + (op.type in _WEIGHTED)
        place = places.get(op.name)
        always[op.name] = shared if place is None else shared | 1 << place
        if op.name == target:
            break
        if place is not None and _has_channels(whole.tensors[names[place - 1]]):
            order.append((place, op.name))
    count, passed = weights.get(target, 0), always.get(target, 1)
    last: dict[int, str] = {}
    for place, op_name in order:
        if passed >> place & 1 and 0 < weights[op_name] < count:
            last[weights[op_name]] = names[place - 1]
    return (*(last[number] for number in sorted(last, reverse=True)), "input")


def _has_channels(tensor: Any) -> bool:
    """Whether a tensor has channels, with or without rows and columns, and is not made of tokens."""
    return tensor.shape.rank in (2, 4)


def _by_order(layers: Sequence[Layer], layer: str) -> tuple[str, ...]:
    """The same where the connections are unknown: each layer follows the one before it."""
    last: dict[int, str] = {}
    count = 0
    for each in layers:
        count += each.kind in _WEIGHTED_KINDS
        if each.name == layer:
            break
        if count:
            last[count] = each.name
    return (*(last[number] for number in sorted(last, reverse=True) if number < count), "input")
