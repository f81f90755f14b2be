"""`network_diagram`: the layers of a network and how they are connected, for drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lucid_widgets.modelzoo.survey.connections import Connections, WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Diagram", "network_diagram"]

# A layer of one of the first kinds is drawn as one box with a layer of the others that alone follows it.
_LED_BY = frozenset({"conv", "dense", "pre_relu", "norm", "add"})
_FOLLOWED_BY = frozenset({"norm", "relu", "activation", "pre_relu", "softmax"})


@dataclass(frozen=True)
class Diagram:
    """The layers of a network and their connections.

    Attributes:
        layers: The layers, in the order of the network. A convolution with its normalization and activation is one of
            them: it has the name and the shape of the last and the kind of the first. Where the size of the image may
            vary, sizes are those for images of the network's usual size.
        links: Pairs of indices `(from, to)` of connected layers; -1 is the image. Sorted.
        inside: Index of the layer in `layers` that another layer is a part of, by the name of that other layer, such as
            a convolution without its activation.
    """

    layers: tuple[Layer, ...]
    links: tuple[tuple[int, int], ...]
    inside: Mapping[str, int]


def network_diagram(model: Any) -> Diagram:
    """Return the layers and connections of a network, each branch with its own layers.

    If the connections are unknown, each layer follows the one before it.

    Args:
        model: A `Model`.

    Example:
        >>> diagram = network_diagram(models.EmojiNet())
        >>> [diagram.layers[to].name for source, to in diagram.links if source == 0]
        ['conv2d0']
    """
    layers = list(model.network.layers())
    whole = model.network.whole_graph([layer.name for layer in layers])
    if whole is None:
        links = {(index - 1, index) for index in range(len(layers))}
    else:
        links = Connections(whole, {layer.name: index for index, layer in enumerate(layers)}).links
        layers = [_sized(layer, whole) for layer in layers]
        places = {layer.name: index for index, layer in enumerate(layers)}
        # Readouts are no part of the network's own graph.
        links |= {
            (places[each.after], places[name])
            for each in model.readouts
            for name in each.layers
            if each.after in places and name in places
        }
    return _merged(layers, links)


def _sized(layer: Layer, whole: WholeGraph) -> Layer:
    """The layer, with the size that it has in the graph that was built if its own is not fixed."""
    size = whole.size(layer.name)
    if layer.shape is None or size is None or None not in layer.shape[:-1]:
        return layer
    return replace(layer, shape=(*size, layer.shape[-1]))


def _merged(layers: list[Layer], links: set[tuple[int, int]]) -> Diagram:
    sources: dict[int, list[int]] = {}
    targets: dict[int, list[int]] = {}
    used = {source for source, _ in links}
    # Values before a ReLU that nothing uses, such as those that Lucid's Inception V1 adds, are no part of the network.
    gone = {index for index, layer in enumerate(layers) if layer.kind == "pre_relu" and index not in used}
    for source, to in links:
        if to in gone:
            continue
        sources.setdefault(to, []).append(source)
        targets.setdefault(source, []).append(to)
    kinds = {index: layer.kind for index, layer in enumerate(layers)}
    first = {index: index for index in kinds}
    part_of: dict[int, int] = {}
    for index in range(len(layers)):
        following = targets.get(index, [])
        if index in gone or layers[index].kind not in _LED_BY or len(following) != 1:
            continue
        (to,) = following
        if layers[to].kind in _FOLLOWED_BY and sources[to] == [index]:
            gone.add(index)
            kinds[to], first[to], part_of[index] = kinds[index], first[index], to
    kept = [index for index in range(len(layers)) if index not in gone]
    number = {index: place for place, index in enumerate(kept)} | {-1: -1}
    found = {(number[source], number[to]) for to in kept for source in sources.get(first[to], ()) if source in number}
    shown = [replace(layers[index], kind="conv" if kinds[index] == "pre_relu" else kinds[index]) for index in kept]
    places = {layers[index].name: index for index in kept}
    for index in gone - part_of.keys():
        after = layers[index].name.removesuffix("_pre_relu")
        if after in places:
            part_of[index] = places[after]
    inside: dict[str, int] = {}
    for index in part_of:
        whole = index
        while whole in part_of:
            whole = part_of[whole]
        inside[layers[index].name] = number[whole]
    return Diagram(tuple(shown), tuple(sorted(found)), inside)
