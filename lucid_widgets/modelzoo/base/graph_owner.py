"""`GraphOwner`: a model whose network may be a frozen graph, which can be edited, copied, pickled and compared."""

from __future__ import annotations

import os
import zlib
from collections.abc import Hashable, Mapping
from copy import copy
from typing import Any

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.base.image_input import InputLayout
from lucid_widgets.modelzoo.base.model_base import ModelBase
from lucid_widgets.modelzoo.base.network import Network
from lucid_widgets.modelzoo.base.readout import AttachedReadout, as_readout, check_readout_name
from lucid_widgets.modelzoo.base.readout_network import ReadoutNetwork
from lucid_widgets.modelzoo.files.weights import PathLike
from lucid_widgets.modelzoo.graphdef.graph import FrozenGraph
from lucid_widgets.modelzoo.saving.freeze import FrozenCopy, frozen_model
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["GraphOwner"]


class GraphOwner(ModelBase):
    """Base class of `Model`: access to the graph of the network, and what depends on it."""

    model_path: PathLike | None = None
    constants: Mapping[str, Any] | None = None

    _network: Network | None = None
    _layout: InputLayout
    # Checksums of the graph when it was handed out, since when it may have been edited, and when it was last looked at.
    _handed_out: tuple[int, int] | None = None

    def _read_graph(self) -> Any:
        """Return the graph in the file `model_path`, ready to be used."""
        raise NotImplementedError

    def _take_graph(self, graph_def: Any) -> None:
        self._network = FrozenGraph(graph_def, self.input_name or "", self.image_shape, self.name, self._layout)

    @property
    def network(self) -> Network:
        """The layers, and how to build them."""
        if self._network is None:
            self._open()
        if self._handed_out is not None and isinstance(self._network, FrozenGraph):
            now = _checksum(self._network.graph_def)
            first, last = self._handed_out
            if now != last:
                self._handed_out = first, now
                self._take_graph(self._network.graph_def)
                for derived in ("layers", "browsable_layers", "kept"):
                    vars(self).pop(derived, None)
        assert self._network is not None
        return self._read_out(self._network) if self.readouts else self._network

    @network.setter
    def network(self, network: Network) -> None:
        self._network = network

    def _read_out(self, network: Network) -> Network:
        made = self.kept.get("readouts")
        if made is None or made.original is not network:
            made = self.kept["readouts"] = ReadoutNetwork(network, self.readouts)
        return made

    def with_readout(self, name: str, readout: Any, *, after: str | Layer | None = None) -> Any:
        """Return this model with one more layer, whose channels are directions in an existing layer.

        The layer is like any other: it is listed, and objectives (`"curve:0"`), `ActivationIndex`, `FeatureGrid` and
        attributions accept it. A sparse autoencoder adds a second layer, `<name>:codes`, which holds its features
        after the activation function. This model is unchanged, and both share the weights of the network.

        Args:
            name: Name of the layer: letters, digits and any of `_ . / @`.
            readout: What `lucid_widgets.readouts` returns, or directions `[units, channels]` or `[channels]`.
            after: The layer that is read, which may be an earlier readout. Default: the layer that the readout was
                fitted on.

        Returns:
            A model of the same class.

        Raises:
            ArgumentError: If the name cannot be used, the readout has another number of channels than the layer, or
                `after` is missing.
            UnknownNameError: If the model has no layer `after`.

        Example:
            >>> curve = model.with_readout("curve", np.ones(104), after="mixed3a")
            >>> curve.get_layer("curve").channels
            1
        """
        check_readout_name(name, self.network.has, self.name)
        made = as_readout(readout)
        below = after.name if isinstance(after, Layer) else after or made.layer
        if below is None:
            raise ArgumentError("The readout does not say which layer it reads.", 'Pass after="<name of a layer>".')
        channels = self.get_layer(below).channels
        if channels != made.channels:
            raise ArgumentError(
                f"The readout reads {made.channels} channels, but layer {below!r} has {channels}.",
                "Pass after= the layer that it belongs to.",
            )
        extended = copy(self)
        extended.readouts = (*self.readouts, AttachedReadout(name, below, made))
        for derived in ("layers", "browsable_layers"):
            vars(extended).pop(derived, None)
        return extended

    def _open(self) -> None:
        """Set `network`, if the constructor did not; subclasses that load their file later override it."""
        raise ModelError(f"{type(self).__name__} has no network.", "Set self.network in its constructor.")

    @property
    def graph_def(self) -> Any:
        """The frozen graph. Edits of it count: the next image is that of the edited network.

        For models that are not read from a graph, such as Keras models, it is a copy, whose edits change nothing.

        Raises:
            ModelError: If the network cannot be frozen.
        """
        network = self.network
        if not isinstance(network, FrozenGraph):
            return frozen_model(self, None, None).graph_def
        if self._handed_out is None:
            self._handed_out = (_checksum(network.graph_def),) * 2
        return network.graph_def

    def _in_session(self) -> Network:
        network = self.network
        if isinstance(network, FrozenGraph) or type(network).__module__.partition(".")[0] != "lucid_widgets":
            return network  # a network of the user's may build itself in any graph
        return FrozenCopy(self)

    def _identity(self) -> Hashable:
        """What makes two models equal; None for models without a file, which equal only themselves."""
        if self.readouts or self.model_path is None or not isinstance(self._network, FrozenGraph | None):
            return None
        edited = self._checksum_if_edited()
        settings = (self.input_name, repr(self.image_value_range), self.is_BGR, self.image_shape, repr(self.constants))
        return type(self), os.fspath(self.model_path), settings, edited

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GraphOwner):
            return NotImplemented
        return self is other or (self._identity() is not None and self._identity() == other._identity())

    def __hash__(self) -> int:
        # Of what does not change while the model is in a table. The path may become known later.
        return id(self) if self._identity() is None else hash(type(self))

    def __str__(self) -> str:
        return self.name

    def to_json(self) -> str:
        """Return the name of the model, which is what `save` writes to a JSON file.

        Source: Lucid's `Model.to_json`.
        """
        return self.name

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: the file's path in place of the graph, unless the graph has been edited."""
        state = super().__getstate__()
        if isinstance(self._network, FrozenGraph):
            edited = self._checksum_if_edited() is not None
            del state["_network"]
            if edited or not self._is_file():
                state["_graph_def"] = self._network.graph_def
        return {name: value for name, value in state.items() if name not in ("layers", "browsable_layers")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        graph_def = state.pop("_graph_def", None)
        vars(self).update(state)
        if "_layout" not in vars(self):
            return  # its file had not been opened
        if self._network is None and (graph_def is not None or self._is_file()):
            self._take_graph(self._read_graph() if graph_def is None else graph_def)

    def _checksum_if_edited(self) -> int | None:
        network = self._network
        if self._handed_out is None or not isinstance(network, FrozenGraph):
            return None
        now = _checksum(network.graph_def)
        return None if now == self._handed_out[0] else now

    def _is_file(self) -> bool:
        """Whether the graph can be read again from `model_path`."""
        return self.model_path is not None and os.path.isfile(self.model_path)


def _checksum(graph_def: Any) -> int:
    return zlib.crc32(graph_def.SerializeToString())
