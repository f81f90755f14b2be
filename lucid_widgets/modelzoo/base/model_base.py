"""`ModelBase`: layer access for any network, by `layers`, `get_layer` and `import_graph`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError, unknown_name
from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.base.class_facts import ClassFact
from lucid_widgets.modelzoo.base.image_input import as_images, image_placeholder, to_network_range
from lucid_widgets.modelzoo.base.input_probe import InputKnowledge
from lucid_widgets.modelzoo.base.network import Network, T
from lucid_widgets.modelzoo.base.private_names import is_function_graph
from lucid_widgets.modelzoo.base.readout import AttachedReadout
from lucid_widgets.modelzoo.base.readout_network import with_readout_layers
from lucid_widgets.modelzoo.base.token_grid import TokenGrid
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet, as_volumes
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList
from lucid_widgets.modelzoo.survey.layer_errors import folded_batch

__all__ = ["ModelBase"]


class ModelBase:
    """A network together with the format of its input.

    Attributes:
        network: The layers, and how to build them.
        name: Name of the model in messages and widgets.
        image_value_range: `(low, high)`, the values that the network expects for black and for white: numbers, or
            one number per channel. As in Lucid, values per channel are in the network's channel order.
        is_BGR: Whether the network expects blue first.
        image_shape: `(height, width, channels)` that the network was made for, with None for a side that may vary.
        usual_size: Width and height of the images that it was trained on, in pixels, if it accepts any size; None if
            unknown.
        input_name: Name of the network's own input.
        labels: Class names in output order, or None.
        first_look: `(layer, channel)` that a widget shows by default, or None.
        token_grid: Which tokens of a transformer are patches of the image, and where; None if the network has no tokens
            or this is unknown. It can be set.
        volume_sheet: The size of the volumes that the network takes, and how they are shown as images, whose size is
            then `image_shape`; None for a network of images.
        text_encoder: A function from a list of texts to their embeddings `[texts, channels]`, in the space of the
            embeddings that the network has of images; None for most networks. It can be set.
        readouts: The readouts that `with_readout` has added, in order.
    """

    network: Network
    name: str = ""
    image_value_range: tuple[Any, Any] = (-1, 1)
    is_BGR: bool = False
    image_shape: tuple[int | None, int | None, int | None] = (None, None, 3)
    usual_size: int | None = None
    input_name: str | None = None
    labels: list[str] | None = None
    first_look: tuple[str, int] | None = None
    token_grid: TokenGrid | None = None
    volume_sheet: VolumeSheet | None = None
    text_encoder: Callable[[Sequence[str]], Any] | None = None
    readouts: tuple[AttachedReadout, ...] = ()

    _range_found: tuple[InputKnowledge, Any] | None = None

    @property
    def input_range(self) -> InputKnowledge:
        """How `image_value_range` was found.

        "declared" by the class, the file or the caller; "measured" on what the network does to an image first; or
        "guessed", if nothing shows it. Setting `image_value_range` declares it.
        """
        how, found = self._range_found or ("declared", None)
        return how if found is self.image_value_range else "declared"

    def _take_range(self, how: InputKnowledge, value_range: tuple[Any, Any]) -> None:
        self.image_value_range = value_range
        self._range_found = how, value_range

    @property
    def revision(self) -> Hashable:
        """A value that changes whenever the network would compute something else for the same images.

        Subclasses add their own mutable state to it. The values of variables are not part of it: compiled programs read
        them at each call.
        """
        bounds = (np.asarray(bound).tolist() for bound in self.image_value_range)
        return self.network, repr(list(bounds)), self.is_BGR, self.token_grid

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """Objects that the package caches for this model, such as compiled programs. They are freed with it.

        A table elsewhere, even with weak keys, would keep a model alive that one of its values refers to.
        """
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes that are pickled: not `kept`, which belongs to this model alone."""
        return {name: value for name, value in vars(self).items() if name != "kept"}

    def example_images(self) -> ImageSet | None:
        """Return labeled images that come with the network; None for most networks."""
        return None

    def __copy__(self) -> Any:
        """Return a model that shares the network, but not `kept`."""
        copied = object.__new__(type(self))
        vars(copied).update({name: value for name, value in vars(self).items() if name != "kept"})
        return copied

    @classmethod
    def _known_layers(cls) -> LayerList:
        """Return what `layers` of the class lists; subclasses that know layers without a file override it."""
        return LayerList(owner=cls.__name__)

    def _own_layers(self) -> LayerList:
        """The model's layers, in the order of the network, by number or name: `model.layers["mixed4a"].channels`.

        Of a class of Lucid's zoo, it lists the layers of the original's file, without loading it.
        """
        found = with_readout_layers(self._list_layers(), self.readouts, self.network) if self.readouts else None
        listed = [layer.belonging_to(self.name, type(self)) for layer in found or self._list_layers()]
        names = {layer.name for layer in listed}
        variants = [layer for layer in self._browsable_layers(listed) if layer.name not in names]
        return LayerList(listed, owner=self.name, variants=variants)

    layers: Any = ClassFact(lambda cls: cls._known_layers(), _own_layers)

    @cached_property
    def browsable_layers(self) -> LayerList:
        """The layers that widgets and suggestions offer: `layers`, and variants such as `mixed4a_pre_relu`."""
        return LayerList(self._browsable_layers(self.layers), owner=self.name)

    def _list_layers(self) -> Sequence[Layer]:
        """Return what `layers` lists; subclasses override it to list other layers than the network does."""
        return self.network.layers()

    def _browsable_layers(self, listed: Sequence[Layer]) -> Sequence[Layer]:
        """Return what `browsable_layers` lists, given `layers`; subclasses override it to add variants of layers."""
        return listed

    def get_layer(self, name: str) -> Layer:
        """Return the layer of this name, whether or not `layers` lists it. `"input"` is the image itself.

        Raises:
            UnknownNameError: If no tensor has that name. The message suggests similar names.
            ModelError: If the tensor depends on another input of the network, which has no value.
        """
        if name == "input":
            return Layer("input", "input", self.image_shape[-1], 0.0)
        layer = self.network.describe(name) if isinstance(name, str) else None
        if layer is None:
            reason = self.network.why_not(name) if isinstance(name, str) else None
            raise reason or self._unknown(name)
        return layer.belonging_to(self.name, type(self))

    def create_input(self, t_input: Any = None, forget_xy_shape: bool = True) -> tuple[Any, tf.Tensor]:
        """Scale images in [0, 1] to what the network expects.

        The channels are reversed first if `is_BGR`; the result is `low + image * (high - low)`.

        Args:
            t_input: float images `[batch, height, width, channels]` or one image `[height, width, channels]`. In a
                graph of TensorFlow 1, None creates a placeholder for one image.
                A network of volumes takes sheets of slices, or volumes `[batch, depth, height, width, channels]`.
            forget_xy_shape: Accepted for Lucid's signature, and ignored. Lucid hid the image size here from layers
                that were imported but not needed; this package never builds those, so the size stays known.

        Returns:
            The images as they were given, and float32 images `[batch, height, width, channels]`, or volumes, for the
            network.

        Raises:
            ArgumentError: If `t_input` does not hold images.
        """
        if t_input is None:
            t_input = image_placeholder(self.image_shape)
        channels = self.image_shape[-1]
        if self.volume_sheet is None:
            image = as_images(t_input, channels, self.name)
        else:
            image = as_volumes(t_input, self.volume_sheet, channels, self.name)
        return t_input, to_network_range(image, self.image_value_range, self.is_BGR)

    def import_graph(
        self,
        t_input: Any = None,
        scope: str = "import",
        forget_xy_shape: bool = True,
        input_map: Mapping[str, Any] | None = None,
    ) -> T:
        """Apply the network to images, inside the graph that is being built.

        Nothing is built at first. `T(name)` builds the layer `name` and the layers below it, each once, in the graph
        in which `import_graph` was called. That also holds when `T` is called in a loop or branch inside that graph.

        In a graph of TensorFlow 1, all listed layers are built at once, and their tensors have the names of Lucid:
        `graph.get_tensor_by_name("import/mixed4a:0")`.

        Args:
            t_input: float images in [0, 1], `[batch, height, width, channels]`, or one image without batch axis; None
                as for `create_input`.
            scope: Name scope for the network's operations. It is made unique if the graph already has it.
            forget_xy_shape: As for `create_input`.
            input_map: Tensors that replace the network's own, by name.

        Returns:
            `T`, a function from a layer's name to its tensor. `T("input")` is `t_input` as it was given, and
            `T("labels")` the list of the model's labels.

        Raises:
            ArgumentError: If no graph is being built, or `t_input` does not hold images.
            UnknownNameError: From `T`, if no layer has that name.
            ModelError: From `T`, if the layer cannot be computed, for example because a dense layer below it needs
                another image size.

        Example:
            >>> @tf.function
            ... def mean_activation(image):
            ...     T = model.import_graph(image)
            ...     return tf.reduce_mean(T("mixed4a")[..., 152])
        """
        if tf.executing_eagerly():
            raise ArgumentError(
                "import_graph was called outside a graph.", "Call it in a function decorated with tf.function."
            )
        graph = tf.compat.v1.get_default_graph()
        for name in input_map or ():
            if not self.network.has(name):
                raise self._unknown(name)
        # A scope that holds nothing else, so that the network's nodes can keep the names that they have in its file.
        with tf.name_scope(scope) as prefix:
            pass
        with tf.name_scope(f"{scope}_input"):
            t_input, image = self.create_input(t_input, forget_xy_shape)
            # The identity captures a tensor of an outer graph in this one.
            replaced = {_with_port(name): tf.identity(value) for name, value in (input_map or {}).items()}
        network = self.network if is_function_graph(graph) else self._in_session()
        evaluate = network.evaluator(image, prefix, replaced)

        def tensor_of(name: str) -> Any:
            if name == "input":
                return t_input
            if name == "labels":
                return self._label_list()
            if not isinstance(name, str) or not self.network.has(name):
                raise self._unknown(name)
            with graph.as_default():
                tensor = evaluate(name)
            self._check_batch_size(name, tensor, image)
            return tensor

        tensor_of.token_grid = self.token_grid  # type: ignore[attr-defined]
        if not is_function_graph(graph):
            self._name_layers(tensor_of, prefix)
        return tensor_of

    def _in_session(self) -> Network:
        """Return the network for a graph of TensorFlow 1, which only constants can be a part of."""
        return self.network

    def _name_layers(self, T: T, prefix: str) -> None:
        """Build all listed layers, so that code of TensorFlow 1 finds them by name: `graph.get_tensor_by_name`."""
        graph = tf.compat.v1.get_default_graph()
        for layer in self.browsable_layers:
            try:
                tensor = T(layer.name)
            except ModelError:
                continue  # for example a dense layer that needs another image size; asking for it raises the error
            name = f"{prefix}{layer.name}"
            try:
                graph.get_operation_by_name(name)
            except (KeyError, ValueError):
                with graph.as_default(), tf.name_scope(""), suppress(ValueError):  # a layer's name may be no name there
                    tf.identity(tensor, name=name)

    def __repr__(self) -> str:
        order = "BGR" if self.is_BGR else "RGB"
        return f"<{type(self).__name__} {self.name!r}, {order} in {self.image_value_range}>"

    def _unknown(self, name: object) -> UnknownNameError:
        # The order decides which names are suggested: listed layers first.
        known = dict.fromkeys([*self.browsable_layers.names, *self.network.names()])
        return unknown_name("layer", str(name), self.name, list(known))

    def _label_list(self) -> list[str]:
        if self.labels is None:
            raise ModelError(f"{self.name} has no labels.", "Pass labels=[...] where the model is made.")
        return list(self.labels)

    def _check_batch_size(self, name: str, tensor: tf.Tensor, image: tf.Tensor) -> None:
        # A reshape to [-1, features] after a pool of fixed size reads one large image as several images.
        if tensor.shape.rank != 2 or tensor.op.type == "Const":
            return
        batch, rows = image.shape[0], tensor.shape[0]
        if batch is not None and rows is not None and batch != rows:
            raise folded_batch(
                self.name, name, batch=batch, rows=rows, received=image.shape[1:3], expected=self.image_shape[:2]
            )


def _with_port(name: str) -> str:
    return name if ":" in name else f"{name}:0"
