"""The seam between models and everything else: `Model.import_graph(image) -> T`.

Objectives, transforms and the engine know no model. They are given `T`, a function from a layer's name to its
tensor, and the first call with a name is what builds that layer, and only what lies below it.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError, unknown_name
from lucid_widgets.misc.io import showing
from lucid_widgets.modelzoo.files.weights import existing_file, read_synset_ids
from lucid_widgets.modelzoo.saving.save import OnClassOrInstance, save
from lucid_widgets.modelzoo.saving.suggest import suggest_save_args
from lucid_widgets.modelzoo.survey.layer import Layer, LayerList
from lucid_widgets.modelzoo.survey.layer_errors import folded_batch

__all__ = ["Layer", "LayerList", "Model", "T"]

T = Callable[[str], Any]
"""A function from a layer's name to its tensor, as `Model.import_graph` returns it."""


class Model:
    """A network that can be looked into. The adapters subclass it: one for each kind of file or library.

    A subclass in Lucid's style, which says no more than where a frozen graph is and how it is fed, is one as well:

        class MyNet(Model):
            model_path = "my_net.pb"
            image_value_range = (0, 1)

    Attributes:
        name: What messages and the widgets call it; `model_name`, or the class's name, for such a subclass.
        model_path: The file of the network, where it has one.
        labels_path: A text file with the name of a class on each line.
        synsets_path: A text file with the WordNet id of a class at the start of each line.
        dataset: What the network was trained on, where that is known.
        image_value_range: `(low, high)`, what the network expects for black and for white; numbers, or one for
            each channel. In the network's channel order, so for BGR networks in BGR order, as in Lucid.
        is_BGR: Whether the network expects blue first.
        image_shape: `(height, width, channels)` that the network was made for; None for sides that may vary.
        input_name: The name of the network's own input.
        labels: The names of its classes in output order, or None.
        first_look: `(layer, channel)` that a widget shows where nobody says what to show, or None.
    """

    name: str = ""
    model_name: str | None = None
    model_path: str | os.PathLike[str] | None = None
    labels_path: str | os.PathLike[str] | None = None
    synsets_path: str | os.PathLike[str] | None = None
    dataset: str | None = None
    image_value_range: tuple[Any, Any] = (-1, 1)
    is_BGR: bool = False
    image_shape: tuple[int | None, int | None, int | None] = (None, None, 3)
    input_name: str | None = None
    labels: tuple[str, ...] | None = None
    first_look: tuple[str, int] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "post_import" in vars(cls):
            raise ModelError(
                f"{cls.__name__} defines post_import, which nothing calls.",
                "Define edit_graph(self, graph_def), which returns the GraphDef as it is to be imported.",
            )

    def __new__(cls, *_: Any, **__: Any) -> Any:
        if cls._evaluator is not Model._evaluator:
            return super().__new__(cls)
        if cls.model_path is None:
            raise ModelError(
                f"{cls.__name__} does not say where its network is.",
                'Set model_path = ".../frozen_graph.pb" in the class, or use models.from_keras, models.from_graphdef '
                "or models.from_saved_model.",
            )
        graphdef_model = _zoo("graphdef.model").GraphDefModel
        made = type(cls.__name__, (cls, graphdef_model), {"__doc__": cls.__doc__, "__module__": cls.__module__})
        return object.__new__(made)

    # What an adapter provides.

    def _list_layers(self) -> Sequence[Layer]:
        """The layers worth listing, in the order of the network."""
        raise NotImplementedError

    def _describe(self, name: str) -> Layer | None:
        """Any tensor that `T` can name, listed or not; None where there is none."""
        raise NotImplementedError

    def _has(self, name: str) -> bool:
        """Whether `T` can name it; cheap."""
        raise NotImplementedError

    def _unlisted_names(self) -> Sequence[str]:
        """Names that `T` knows beside those of `layers`, for suggestions."""
        raise NotImplementedError

    def _evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        """A function that builds a layer of that name (which exists) in the current graph, memoised."""
        raise NotImplementedError

    # What everybody uses.

    @cached_property
    def layers(self) -> LayerList:
        """The model's layers, in the order of the network: `model.layers["mixed4a"].channels`."""
        return LayerList(self._list_layers(), owner=self.name)

    def get_layer(self, name: str) -> Layer:
        """The layer of that name, listed in `layers` or not; `"input"` is the image itself.

        Raises:
            UnknownNameError: No tensor has that name; the message suggests the nearest.
        """
        if name == "input":
            return Layer("input", "input", self.image_shape[-1], 0.0)
        layer = self._describe(name) if isinstance(name, str) else None
        if layer is None:
            raise self._unknown(name)
        return layer

    def create_input(self, t_input: Any = None, forget_xy_shape: bool = True) -> tuple[Any, tf.Tensor]:
        """Scales images in [0, 1] to what the network expects.

        Channels are reversed first if `is_BGR`, then `low + image * (high - low)`.

        Args:
            t_input: float images `[batch, height, width, channels]` or one image `[height, width, channels]`; in a
                graph of TensorFlow 1, a placeholder for one image is made where it is None.
            forget_xy_shape: Lucid hid the image size here from layers nobody asked for. Those are never
                built now, so nothing needs hiding, and the size stays known whatever is passed.

        Returns:
            The images as they were given, and as float32 images `[batch, height, width, channels]` for the network.

        Raises:
            ArgumentError: It is not images.
        """
        if t_input is None:
            t_input = _placeholder(self.image_shape)
        image = _as_images(t_input, self.image_shape[-1], self.name)
        if self.is_BGR:
            image = tf.reverse(image, [-1])
        low, high = (np.asarray(bound, np.float32) for bound in self.image_value_range)
        return t_input, low + image * (high - low)

    def import_graph(
        self,
        t_input: Any = None,
        scope: str = "import",
        forget_xy_shape: bool = True,
        input_map: Mapping[str, Any] | None = None,
    ) -> T:
        """Puts the network on top of an image, inside the graph that is being built.

        Nothing is built yet. `T(name)` builds the layer `name` and what lies below it, once, in the graph in which
        `import_graph` was called (also where `T` is called in a loop or branch inside that graph).

        Args:
            t_input: float images in [0, 1], `[batch, height, width, channels]`, or one image without batch axis; as
                for `create_input` where it is None.
            scope: Name scope of the network's operations; made unique where it is taken.
            forget_xy_shape: As for `create_input`.
            input_map: Tensors to take in place of the network's own, by name.

        Returns:
            `T`, a function from a layer's name to its tensor. `T("input")` is `t_input` as it was given, and
            `T("labels")` the list of the model's labels.

        Raises:
            ArgumentError: There is no graph to build in, or `t_input` is not images.
            UnknownNameError: From `T`: no layer has that name.
            ModelError: From `T`: the layer cannot be computed, for example because a dense layer below it needs
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
            if not self._has(name):
                raise self._unknown(name)
        # A scope for the network alone, so that its nodes can have the names they have in its file.
        with tf.name_scope(scope) as prefix:
            pass
        with tf.name_scope(f"{scope}_input"):
            t_input, image = self.create_input(t_input, forget_xy_shape)
            # An identity brings a tensor of an outer graph into this one.
            replaced = {_with_port(name): tf.identity(value) for name, value in (input_map or {}).items()}
        evaluate = self._evaluator(image, prefix, replaced)

        def tensor_of(name: str) -> Any:
            if name == "input":
                return t_input
            if name == "labels":
                return self._label_list()
            if not isinstance(name, str) or not self._has(name):
                raise self._unknown(name)
            with graph.as_default():
                tensor = evaluate(name)
            self._refuse_folded_batch(name, tensor, image)
            return tensor

        return tensor_of

    def load_graphdef(self) -> None:
        """Does nothing: models load themselves. Kept because Lucid's notebooks call it."""

    def show_graph(self) -> NoReturn:
        """Always raises an `ArgumentError`, which says what shows the layers now."""
        showing.graph(self)

    @cached_property
    def synset_ids(self) -> list[str]:
        """The WordNet ids of the classes in output order, such as "n02099601".

        Raises:
            ModelError: There is no `synsets_path`, or the file is missing or something else.
        """
        if self.synsets_path is None:
            raise ModelError(
                f"{self.name} has no list of synsets.",
                "Set synsets_path to a text file with the WordNet id of a class at the start of each line.",
            )
        return read_synset_ids(existing_file(self.synsets_path, "a text file with a WordNet id on each line"))

    @cached_property
    def synsets(self) -> list[Any]:
        """NLTK's synsets of the classes in output order; see `modelzoo.wordnet`."""
        return [_zoo("wordnet").synset_from_id(each) for each in self.synset_ids]

    save = OnClassOrInstance(save)
    suggest_save_args = staticmethod(suggest_save_args)

    def get_activations(
        self,
        layer: str | Layer,
        examples: Any,
        batch_size: int = 64,
        dtype: Any = None,
        ind_shape: Sequence[int] | None = None,
        center_only: bool = False,
    ) -> Any:
        """A layer's activations for an n-dimensional array of images; see `modelzoo.get_activations`."""
        found = _zoo("get_activations").get_activations
        return found(self, layer, examples, batch_size, dtype, ind_shape, center_only)

    @staticmethod
    def load(url: str | os.PathLike[str]) -> Model:
        """A model from a file that `save` wrote, here or in Lucid (`.pb`), or from a manifest (`.json`).

        Raises:
            ModelError: The file is none of these; the message says what is missing.

        Example:
            >>> model = Model.load("my_model.pb")
        """
        return _zoo("saving.load").load(url)

    @staticmethod
    def load_from_metadata(model_url: str | os.PathLike[str], metadata: Mapping[str, Any]) -> Model:
        """A model from a frozen graph (`.pb`) and what is known about it: `input_name`, `image_shape`, ..."""
        return _zoo("saving.load").load_from_metadata(model_url, metadata)

    @staticmethod
    def load_from_graphdef(graphdef_url: str | os.PathLike[str]) -> Model:
        """A model from a graph that `save` wrote."""
        return _zoo("saving.load").load_from_graphdef(graphdef_url)

    @staticmethod
    def load_from_manifest(manifest_url: str | os.PathLike[str]) -> Model:
        """A model from a JSON file that names a frozen graph and says how to feed it."""
        return _zoo("saving.load").load_from_manifest(manifest_url)

    def __repr__(self) -> str:
        order = "BGR" if self.is_BGR else "RGB"
        return f"<{type(self).__name__} {self.name!r}, {order} in {self.image_value_range}>"

    def _unknown(self, name: object) -> UnknownNameError:
        return unknown_name("layer", str(name), self.name, [*self.layers.names, *self._unlisted_names()])

    def _label_list(self) -> list[str]:
        if self.labels is None:
            raise ModelError(f"{self.name} has no labels.", "Pass labels=[...] where the model is made.")
        return list(self.labels)

    def _refuse_folded_batch(self, name: str, tensor: tf.Tensor, image: tf.Tensor) -> None:
        # A reshape to [-1, features] behind a fixed-size pool reads a larger image as several images.
        if tensor.shape.rank != 2 or tensor.op.type == "Const":
            return
        batch, rows = image.shape[0], tensor.shape[0]
        if batch is not None and rows is not None and batch != rows:
            raise folded_batch(
                self.name, name, batch=batch, rows=rows, received=image.shape[1:3], expected=self.image_shape[:2]
            )


def _zoo(module: str) -> Any:
    # What is loaded is a subclass of Model, so its module imports this one first.
    return importlib.import_module(f"lucid_widgets.modelzoo.{module}")


def check_value_range(value_range: Any) -> tuple[Any, Any]:
    """`value_range` as a pair of numbers or tuples, or an `ArgumentError`."""
    try:
        low, high = value_range
        bounds = [np.asarray(bound, np.float32) for bound in (low, high)]
        usable = all(np.all(np.isfinite(bound)) and bound.ndim <= 1 for bound in bounds)
    except (TypeError, ValueError):
        usable = False
    if not usable:
        raise ArgumentError(
            f"image_value_range is {value_range!r}.",
            "Expected a pair (low, high) of finite numbers, or of sequences with a number for each channel.",
        )
    return low, high


def _placeholder(shape: Sequence[int | None]) -> Any:
    if tf.executing_eagerly() or tf.compat.v1.get_default_graph().building_function:
        raise ArgumentError(
            "No images were given.",
            "Pass t_input; only in a graph of tensorflow.compat.v1 is a placeholder of any use.",
        )
    return tf.compat.v1.placeholder(tf.float32, shape, "input")


def _with_port(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _as_images(t_input: Any, channels: int | None, owner: str) -> tf.Tensor:
    image = tf.convert_to_tensor(t_input)
    if not image.dtype.is_floating:
        raise ArgumentError(
            f"{owner} was given images of type {image.dtype.name}.", "Expected floating point values in [0, 1]."
        )
    if image.shape.rank == 3:
        image = image[tf.newaxis]
    if image.shape.rank != 4 or (channels and image.shape[-1] not in (None, channels)):
        raise ArgumentError(
            f"{owner} was given images of shape {tuple(image.shape)}.",
            f"Expected (batch, height, width, {channels or 'channels'}).",
        )
    return tf.cast(image, tf.float32)
