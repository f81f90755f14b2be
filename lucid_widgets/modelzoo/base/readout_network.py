"""`ReadoutNetwork`: a network with readouts as additional layers, whatever kind of network it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base.network import Network, T
from lucid_widgets.modelzoo.base.readout import READOUT, AttachedReadout, Readout
from lucid_widgets.modelzoo.survey.connections import WholeGraph
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["ReadoutNetwork", "with_readout_layers"]


class ReadoutNetwork(Network):
    """A network with readouts.

    Args:
        original: The network.
        readouts: The readouts, in order; each may read the layers of those before it.

    Attributes:
        original: As it was passed.
    """

    def __init__(self, original: Network, readouts: Sequence[AttachedReadout]) -> None:
        self.original = original
        self._readouts = tuple(readouts)
        self._by_layer = {name: each for each in readouts for name in each.layers}
        self._weights: dict[str, tuple[tf.Tensor, tf.Tensor]] = {}

    def layers(self) -> Sequence[Layer]:
        return with_readout_layers(self.original.layers(), self._readouts, self)

    def describe(self, name: str) -> Layer | None:
        attached = self._attached(name)
        if attached is None:
            return self.original.describe(name)
        below = self.describe(attached.after)
        if below is None:
            return None
        units = attached.readout.units
        shape = None if below.shape is None else (*below.shape[:-1], units)
        return replace(below, name=name, kind=READOUT, channels=units, shape=shape)

    def why_not(self, name: str) -> ModelError | None:
        return self.original.why_not(name)

    def has(self, name: str) -> bool:
        return self._attached(name) is not None or self.original.has(name)

    def names(self) -> Sequence[str]:
        return [*self._by_layer, *self.original.names()]

    def before_activation(self, name: str) -> tuple[str, str] | None:
        attached = self._attached(name)
        if attached is None:
            return self.original.before_activation(name)
        activation = attached.readout.activation
        return None if name == attached.name or activation is None else (attached.name, activation)

    def whole_graph(self, names: Sequence[str]) -> WholeGraph | None:
        return self.original.whole_graph([name for name in names if self._attached(name) is None])

    def evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        own = {name: value for name, value in input_map.items() if self._attached(name) is not None}
        below = self.original.evaluator(
            image, prefix, {name: value for name, value in input_map.items() if name not in own}
        )
        built = {name.removesuffix(":0"): value for name, value in own.items()}

        def tensor(name: str) -> tf.Tensor:
            attached = self._attached(name)
            if attached is None:
                return below(name)
            name = name.removesuffix(":0")
            if name not in built:
                given = tensor(attached.after if name == attached.name else attached.name)
                with tf.name_scope(f"{prefix}{attached.name}/"):
                    first = name == attached.name
                    built[name] = self._values(attached, given) if first else attached.readout.codes(given)
            return built[name]

        return tensor

    def _attached(self, name: str) -> AttachedReadout | None:
        return self._by_layer.get(name) or self._by_layer.get(name.removesuffix(":0"))

    def _values(self, attached: AttachedReadout, activations: tf.Tensor) -> tf.Tensor:
        if attached.name not in self._weights:
            # Eager tensors are shared by all graphs, each of which would hold a copy of a constant.
            with tf.init_scope():
                self._weights[attached.name] = _tensors(attached.readout)
        directions, bias = self._weights[attached.name]
        if activations.shape.rank == 4:
            # As a convolution, it is known to keep the receptive field.
            return tf.nn.bias_add(tf.nn.conv2d(activations, directions[None, None], 1, "VALID"), bias)
        return tf.matmul(activations, directions) + bias


def _tensors(readout: Readout) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(readout.directions.T), tf.constant(readout.bias)


def with_readout_layers(
    listed: Sequence[Layer], readouts: Sequence[AttachedReadout], network: Network
) -> Sequence[Layer]:
    """Return layers together with those of readouts, each after the layer that it reads.

    Args:
        listed: Layers of a network. Layers of readouts that are among them stay where they are.
        readouts: The readouts.
        network: The network that describes the layers.
    """
    found = list(listed)
    for attached in readouts:
        known = {layer.name for layer in found}
        added = [layer for name in attached.layers if name not in known and (layer := network.describe(name))]
        if not added:
            continue
        # A layer that is not listed, such as one inside a block, has a place by its share of the computation.
        after = [index for index, layer in enumerate(found) if layer.name == attached.after] or [
            index for index, layer in enumerate(found) if layer.share <= added[0].share and layer.kind != READOUT
        ]
        place = after[-1] + 1 if after else 0
        while place < len(found) and found[place].kind == READOUT:
            place += 1
        found[place:place] = added
    return found
