"""Keras 3 models: functional, Sequential, and models nested in them; `from_keras` for these and for all others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.files.weights import read_labels
from lucid_widgets.modelzoo.keras.checks import check_model, check_plan, is_program
from lucid_widgets.modelzoo.keras.kinds import kind_of
from lucid_widgets.modelzoo.keras.plan import IMAGE_SLOT, Plan, Step, run
from lucid_widgets.modelzoo.keras.preprocessing import FEEDS, Feed, guessed_feed, named_feed
from lucid_widgets.modelzoo.keras.traced import TracedModel, scales_inside
from lucid_widgets.modelzoo.survey.flops import Compute
from lucid_widgets.modelzoo.survey.layer_errors import cannot_compute, first_line
from lucid_widgets.modelzoo.survey.receptive_field import ReceptiveFields
from lucid_widgets.modelzoo.vision_base import Layer, Model, T, check_value_range

_USUAL_SIZE = 224
_FAILURES = (ValueError, TypeError, tf.errors.OpError)


class KerasModel(Model):
    """A Keras model as a model to look into; made by `from_keras`.

    Layers go by their Keras names. Those of a nested model are `outer/inner`, and plain `inner` where that is
    unique; the second use of a shared layer is `name@2`, and the second output of a layer `name:1`.

    Attributes:
        keras_model: The Keras model. Its weights are shared, not copied.
    """

    def __init__(
        self,
        model: Any,
        image_value_range: tuple[Any, Any] | None = None,
        is_BGR: bool | None = None,
        labels: Sequence[str] | str | os.PathLike[str] | None = None,
        name: str | None = None,
        *,
        preprocess: str | Callable[[Any], Any] | None = None,
    ) -> None:
        check_model(model)
        self.keras_model = model
        self.name = name or model.name
        self._plan = Plan.of(model)
        check_plan(self._plan, self.name)
        feed = _feed(lambda: guessed_feed(self._plan), image_value_range, is_BGR, preprocess)
        self.image_value_range = (feed.low, feed.high)
        self.is_BGR = feed.is_BGR
        self.labels = read_labels(labels)
        image = model.inputs[0]
        self.input_name = image._keras_history.operation.name
        self.image_shape = tuple(image.shape[1:])

    def _list_layers(self) -> Sequence[Layer]:
        names = ((_port_name(step, port), slot) for step in self._plan.steps for port, slot in enumerate(step.outputs))
        layers = (self._describe(name) for name, slot in names if _is_listed(self._plan.specs[slot]))
        return [layer for layer in layers if layer is not None and layer.channels is not None]

    def _describe(self, name: str) -> Layer | None:
        slot = self._plan.slot(_without_port_zero(name))
        if slot is None:
            return None
        spec = self._plan.specs[slot]
        channels = spec.shape[-1] if _is_listed(spec) else None
        shape = tuple(spec.shape[1:]) if spec.shape is not None else None
        return Layer(name, self._kinds.get(slot, "input"), channels, self._shares[slot], shape, self._fields.get(slot))

    def _has(self, name: str) -> bool:
        return self._plan.slot(_without_port_zero(name)) is not None

    def _unlisted_names(self) -> Sequence[str]:
        listed = set(self.layers.names)
        return [name for name in self._plan.addresses if name not in listed]

    @cached_property
    def _kinds(self) -> dict[int, str]:
        return {slot: kind_of(step.operation) for step in self._plan.steps for slot in step.outputs}

    @cached_property
    def _shares(self) -> dict[int, float]:
        """The part of the multiply-adds below each slot; 1 for one that could not be computed."""
        tensors, graph = self._whole
        compute = Compute(graph, tensors[IMAGE_SLOT])
        shares = {slot: compute.share(tensors[slot]) if slot in tensors else 1.0 for slot in self._slots()}
        return {**shares, IMAGE_SLOT: 0.0}

    @cached_property
    def _fields(self) -> dict[int, int | None]:
        """The receptive field of each slot that could be computed."""
        tensors, graph = self._whole
        fields = ReceptiveFields(graph, tensors[IMAGE_SLOT])
        return {slot: fields.size(tensor) for slot, tensor in tensors.items()}

    @cached_property
    def _whole(self) -> tuple[dict[int, tf.Tensor], tf.Graph]:
        """A scratch graph of the network at its own size, or, where some part fails at that, at any."""
        height, width, channels = self.image_shape
        traced = self._trace_all((1, height or _USUAL_SIZE, width or _USUAL_SIZE, channels))
        if len(traced[0]) == len(self._plan.specs):
            return traced
        return self._trace_all((1, None, None, channels))

    def _slot(self, name: str) -> int:
        slot = self._plan.slot(_without_port_zero(name))
        if slot is None:
            raise self._unknown(name)
        return slot

    def _slots(self) -> range:
        return range(len(self._plan.specs))

    def _trace_all(self, shape: Sequence[int | None]) -> tuple[dict[int, tf.Tensor], tf.Graph]:
        """The tensors of a scratch graph of the whole network, and that graph."""
        tensors: dict[int, tf.Tensor] = {}

        def trace(image: tf.Tensor) -> None:
            tensors[IMAGE_SLOT] = image
            for step in self._plan.steps:
                if all(slot in tensors for slot in step.inputs.values()):
                    try:
                        run(step, tensors)
                    except _FAILURES:
                        continue

        specification = tf.TensorSpec(shape, tf.float32)
        with tf.init_scope():  # a scratch graph of its own, also where another graph is being built
            return tensors, tf.function(trace, autograph=False).get_concrete_function(specification).graph

    def _evaluator(self, image: tf.Tensor, prefix: str, input_map: Mapping[str, tf.Tensor]) -> T:
        if not tf.compat.v1.get_default_graph().building_function:
            raise ModelError(
                f"{self.name} is a Keras model, whose weights a plain tf.Graph cannot read.",
                "Call import_graph in a function decorated with tf.function.",
            )
        tensors = {IMAGE_SLOT: image}
        tensors.update((self._slot(name), value) for name, value in input_map.items())

        def tensor(name: str) -> tf.Tensor:
            slot = self._slot(name)
            with tf.name_scope(prefix):
                for step in self._plan.steps_below(slot, tensors):
                    try:
                        run(step, tensors)
                    except _FAILURES as error:
                        raise self._failure(name, step, image, error) from error
            # Mixed precision computes in half precision, objectives do not.
            return tf.cast(tensors[slot], tf.float32) if tensors[slot].dtype.is_floating else tensors[slot]

        return tensor

    def _failure(self, name: str, step: Step, image: tf.Tensor, error: Exception) -> Exception:
        return cannot_compute(
            self.name,
            name,
            at=step.name,
            reason=first_line(error),
            received=image.shape[1:3],
            expected=self.image_shape[:2],
        )


def from_keras(
    model: Any,
    image_value_range: tuple[Any, Any] | None = None,
    is_BGR: bool | None = None,
    labels: Sequence[str] | str | os.PathLike[str] | None = None,
    name: str | None = None,
    *,
    preprocess: str | Callable[[Any], Any] | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
) -> KerasModel | TracedModel:
    """A Keras 3 model as a model to look into.

    It is run layer by layer with its own weights, in inference mode, only as far as somebody asks, and therefore at
    any image size for layers below a Flatten or Reshape. A subclass of `keras.Model` with a `call` of its own is traced
    instead: its layers are the operations of its graph, and its weights those it has now.

    Args:
        model: A functional model or a built Sequential one, possibly with models nested in it, or a subclassed one,
            with one input `(batch, height, width, channels)` of floats.
        image_value_range: What the network expects for black and for white. By default, networks that begin with
            scaling of their own (a Rescaling or Normalization layer, a division, ...) are given (0, 255), the families
            of `keras.applications` what their `preprocess_input` gives, and all others (-1, 1).
        is_BGR: Whether it expects blue first; by default as its family does, False where `image_value_range` is passed.
        labels: Class names in output order, or the path of a text file with one on each line.
        name: What to call it; the Keras model's name by default.
        preprocess: Instead of the two: `"raw"`, `"tf"`, `"torch"` or `"caffe"`, as Keras names its conventions, or a
            function from images in 0 to 255 to what the network expects.
        image_shape: For a subclassed model: `(height, width, channels)` that it takes, None for sides that may vary;
            (None, None, 3) by default. The others know it.

    Returns:
        The model.

    Raises:
        ModelError: It is not such a model; the message says why and what to do.
        ArgumentError: `preprocess` is more than a factor and an offset for each channel, or goes with
            `image_value_range` or `is_BGR`; or `image_shape` was passed for a model that knows it.

    Example:
        >>> model = from_keras(keras.applications.MobileNetV2())
        >>> model.layers["block_5_add"].channels
        32
    """
    if is_program(model):
        default = FEEDS["raw" if scales_inside(model) else "tf"]
        feed = _feed(lambda: default, image_value_range, is_BGR, preprocess)
        return TracedModel(
            model,
            image_shape or (None, None, 3),
            labels,
            image_value_range=(feed.low, feed.high),
            is_BGR=feed.is_BGR,
            name=name,
        )
    if image_shape is not None:
        raise ArgumentError(
            f"image_shape= was passed for {getattr(model, 'name', model)!r}, which is not a subclassed model.",
            "Leave it out: the model knows its shape.",
        )
    return KerasModel(model, image_value_range, is_BGR, labels, name, preprocess=preprocess)


def _feed(
    guessed: Callable[[], Feed],
    image_value_range: tuple[Any, Any] | None,
    is_BGR: bool | None,
    preprocess: str | Callable[[Any], Any] | None,
) -> Feed:
    if preprocess is not None:
        if image_value_range is not None or is_BGR is not None:
            raise ArgumentError("preprocess= was passed with image_value_range= or is_BGR=.", "Pass one or the other.")
        return named_feed(preprocess)
    if image_value_range is not None:
        return Feed(*check_value_range(image_value_range), is_BGR=bool(is_BGR))
    guess = guessed()
    if is_BGR is None or is_BGR == guess.is_BGR:
        return guess
    return Feed(_reversed(guess.low), _reversed(guess.high), is_BGR)


def _reversed(bound: Any) -> Any:
    return bound[::-1] if isinstance(bound, tuple) else bound


def _port_name(step: Step, port: int) -> str:
    return step.name if port == 0 else f"{step.name}:{port}"


def _without_port_zero(name: str) -> str:
    return name.removesuffix(":0")


def _is_listed(spec: Any) -> bool:
    return "float" in keras.backend.standardize_dtype(spec.dtype) and len(spec.shape) in (2, 4)
