"""`classify`: which classes a model sees in an image, and how sure it is."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, LucidError, ModelError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.serialize_array import check_brightness
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.survey.class_layer import logit_layer, score_layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.engine.tracing import Traced
from lucid_widgets.optvis.objectives import class_logit
from lucid_widgets.optvis.objectives.tree import Objective

TOP = 5
"""Default number of classes."""

MAX_SIZES = 4
"""Most image sizes for which a model keeps a compiled program. The least recently used one is dropped first."""

# Activations whose results are probabilities already. Those of a sigmoid need not sum to 1.
_PROBABILITIES = ("softmax", "sigmoid")
_SUM_TOLERANCE = 1e-3
_GRAY = 0.5

_lock = threading.Lock()


@dataclass(frozen=True)
class Prediction:
    """A class, and the probability that a model gives it.

    Attributes:
        index: Index of the class.
        label: Its label; "class 12" if the model has no labels.
        probability: From 0 to 1.
    """

    index: int
    label: str
    probability: float

    def __str__(self) -> str:
        return f"{self.label} {percent(self.probability)}"


def classify(model: Any, images: npt.ArrayLike, top: int = TOP) -> list[tuple[Prediction, ...]]:
    """Return the most probable classes of each image, the most probable one first.

    The network sees the image as it is, without transforms. An image with alpha is blended over gray. If the network
    cannot compute its classes at the size of the image, the image is resized to the network's own size.

    Args:
        model: Whatever `as_model` accepts. It needs a layer with one channel per label, or a softmax at its end.
        images: `[batch, height, width, channels]`, or one image without the batch axis; floats in [0, 1], or uint8.
        top: Number of classes. Default: 5, or all if the model has fewer.

    Returns:
        One tuple of `Prediction`s per image. The probabilities are those of a softmax over all classes; if the class
        layer holds probabilities itself, they are taken as they are. Scores with positions are averaged over them.

    Raises:
        ModelError: The model has no class layer, or cannot compute it for such images.
        ArgumentError: `images` has another shape, or its values are not in [0, 1].

    Example:
        >>> model = models.EmojiNet()
        >>> images = render_vis(model, "panda")
        >>> for prediction in classify(model, images[-1])[0]:
        ...     print(prediction.label, prediction.probability)
    """
    visible = as_model(model)
    count = whole_number("top", top, 1)
    values = checked_images(images)
    return [most_probable(visible, each, count) for each in class_probabilities(visible, values)]


@outside_graphs()
def class_probabilities(model: Any, images: FloatArray) -> FloatArray:
    """Return the probabilities `[batch, classes]` that a `Model` gives to images `[batch, height, width, channels]`.

    Raises:
        ModelError: The model has no class layer, or cannot compute it for such images.
    """
    program = class_program(model, images.shape[1:])
    # One image at a time, so that a batch of any size needs no other program.
    shown = np.clip(images, 0, 1)
    return np.stack([program(image[None])[0] for image in shown]) if len(shown) else np.zeros((0, 0), np.float32)


def most_probable(model: Any, probabilities: FloatArray, top: int = TOP) -> tuple[Prediction, ...]:
    """Return the classes with the largest probabilities `[classes]`. Of equal ones, the first comes first."""
    order = np.argsort(-probabilities, kind="stable")[:top]
    return tuple(Prediction(int(each), class_name(model, int(each)), float(probabilities[each])) for each in order)


def class_name(model: Any, index: int) -> str:
    """Return the label of a class; "class 12" if the model has no label for it."""
    labels = model.labels or ()
    return str(labels[index]) if index < len(labels) else f"class {index}"


def class_objective(model: Any, index: int) -> Objective:
    """Return the objective that maximizes the score of a class.

    Raises:
        ModelError: The model has no class layer.
        OutOfRangeError: The model has no such class.
    """
    layer = required_class_layer(model, logit_layer)
    labels = model.labels or ()
    named = index < len(labels) and labels.index(labels[index]) == index
    objective = class_logit(layer, str(labels[index]) if named else index)
    objective.validate(model)
    return objective


def sees(model: Any, images: FloatArray, top: int = 3) -> str:
    """Return the most probable classes of images as text, such as "ladybug 62 %, beetle 11 %".

    The probabilities of a batch are averaged. Of several names in one label, as ImageNet has, the first is used. The
    text is empty if the `Model` has no class layer, or cannot compute it for such images.
    """
    if score_layer(model) is None:
        return ""
    try:
        probabilities = class_probabilities(model, images).mean(0)
    except ModelError:
        return ""
    found = most_probable(model, probabilities, top)
    words = ", ".join(str(replace(each, label=each.label.partition(",")[0])) for each in found)
    return words if len(images) == 1 else f"{words} (mean of {len(images)} images)"


def percent(probability: float) -> str:
    """Return a probability in whole percent. One that is only close to 0 or 1 becomes "<1 %" or ">99 %"."""
    whole = round(100 * probability)
    if whole == 0 and probability > 0:
        return "<1 %"
    return ">99 %" if whole == 100 and probability < 1 else f"{whole} %"


def class_program(model: Any, shape: Sequence[int]) -> ClassProgram:
    """Return the program that computes the classes of one image of this shape, compiled at its first call.

    Args:
        model: A `Model`. It keeps the program.
        shape: `(height, width, channels)`.

    Raises:
        ModelError: The model has no class layer.
    """
    layer = required_class_layer(model, score_layer)
    key = (model.revision, layer, tuple(shape))
    with _lock:
        kept: OrderedDict[Any, ClassProgram] = model.kept.setdefault("class programs", OrderedDict())
        if key not in kept:
            kept[key] = ClassProgram(model, layer, tuple(shape))
        kept.move_to_end(key)
        while len(kept) > MAX_SIZES:
            kept.popitem(last=False)
        return kept[key]


class ClassProgram:
    """A compiled function from one image `[1, height, width, channels]` to probabilities `[1, classes]`.

    Args:
        model: A `Model`. Only a weak reference is kept, because the model keeps the program.
        layer: The layer with the scores.
        shape: `(height, width, channels)` of the image.
    """

    def __init__(self, model: Any, layer: str, shape: tuple[int, ...]) -> None:
        self._model = weakref.ref(model)
        self._layer = layer
        self._image = tf.TensorSpec((1, *shape), tf.float32)
        self._traced: Traced | None = None
        self._failure: tuple[str, str] | None = None
        self._compiling = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the next call compiles nothing."""
        return self._traced is not None

    def __call__(self, image: FloatArray) -> FloatArray:
        """Compute the probabilities.

        Raises:
            ModelError: If the network cannot compute them, neither for such an image nor at its own size.
        """
        given = tf.constant(image, tf.float32)
        with self._compiling:
            if self._traced is None and self._failure is None:
                self._compile(given)
        if self._traced is None:
            raise ModelError(*(self._failure or ("", "")))
        try:
            return np.asarray(self._traced(given))
        except tf.errors.OpError as error:
            raise ModelError(*_reason(self._model_now(), self._layer, error)) from error

    def _compile(self, image: tf.Tensor) -> None:
        model = self._model_now()
        own = model.image_shape[:2]
        for size in [None] if None in own or own == image.shape[1:3] else [None, own]:
            traced = Traced(partial(self._probabilities, size), lambda _: None)
            try:
                traced(image)
            except (ValueError, tf.errors.OpError) as error:  # of the layer, or of a size that fails when it runs
                self._failure = self._failure or _reason(model, self._layer, error)
            else:
                self._traced, self._failure = traced, None
                return

    def _model_now(self) -> Any:
        model = self._model()
        if model is None:
            raise ModelError("The model is gone.", "Keep a reference to it.")
        return model

    def _probabilities(self, size: tuple[int, int] | None, image: tf.Tensor) -> tf.Tensor:
        model = self._model_now()
        image = _with_channels(image, model.image_shape[-1] or image.shape[-1])
        if size is not None:
            image = tf.image.resize(image, size, antialias=True)
        return probabilities_of(model, self._layer, model.import_graph(image)(self._layer))


def probabilities_of(model: Any, layer: str, values: tf.Tensor) -> tf.Tensor:
    """Return the probabilities `[batch, classes]` in the values of a score layer, in the graph that is being built.

    Args:
        model: A `Model`.
        layer: The layer with the scores, from `score_layer`.
        values: Its tensor, `[batch, classes]` or `[batch, height, width, classes]`.

    Raises:
        ModelError: The tensor has another shape.
    """
    scores = tf.cast(values, tf.float32)
    before = model.network.before_activation(layer)
    known = model.get_layer(layer).kind == "softmax" or (before is not None and before[1] in _PROBABILITIES)
    if scores.shape.rank is None or scores.shape.rank < 2:
        raise ModelError(f"{layer!r} has the shape {scores.shape}.", "Expected one score per image and class.")
    scores = tf.reduce_mean(scores, list(range(1, scores.shape.rank - 1)))
    if known:
        return scores
    # A graph may compute its softmax by several operations, so the numbers decide.
    sums_to_one = tf.abs(tf.reduce_sum(scores, -1, keepdims=True) - 1) < _SUM_TOLERANCE
    given = sums_to_one & (tf.reduce_min(scores, -1, keepdims=True) >= 0)
    return tf.where(given, scores, tf.nn.softmax(scores))


def _with_channels(image: tf.Tensor, channels: int) -> tf.Tensor:
    """Return an image as a network of that many channels takes it: without alpha, gray or in three equal colors."""
    if image.shape[-1] == 4 and channels != 4:
        image = image[..., 3:] * image[..., :3] + (1 - image[..., 3:]) * _GRAY
    if channels == 1 and image.shape[-1] == 3:
        return tf.reduce_mean(image, -1, keepdims=True)
    return tf.repeat(image, channels, -1) if image.shape[-1] == 1 else image


def required_class_layer(model: Any, find: Callable[[Any], str | None]) -> str:
    """Return the layer that `find`, such as `score_layer`, finds in a `Model`.

    Raises:
        ModelError: The model has no class layer.
    """
    layer = find(model)
    if layer is None:
        raise ModelError(
            f"{model.name} has no layer that scores classes.",
            "Pass labels=[...] where the model is made, one for each channel of its last layer.",
        )
    return layer


def checked_images(images: npt.ArrayLike) -> FloatArray:
    """Return images `[batch, height, width, channels]` in float32, of floats in [0, 1] or uint8.

    Raises:
        ArgumentError: `images` has another shape, or its values are not in [0, 1].
    """
    given = np.asarray(images)
    values = given / np.float32(255) if given.dtype == np.uint8 else given
    if values.ndim == 3:
        values = values[None]
    if values.ndim != 4 or 0 in values.shape[1:] or not np.issubdtype(values.dtype, np.floating):
        raise ArgumentError(
            f"The images are an array of shape {given.shape} and type {given.dtype}.",
            "Expected [batch, height, width, channels] or [height, width, channels], floats in [0, 1] or uint8.",
        )
    check_brightness(values)
    if not np.isfinite(values).all():
        raise ArgumentError("The image contains NaN or infinity.", "Expected numbers in [0, 1].")
    return values.astype(np.float32)


def _reason(model: Any, layer: str, error: Exception) -> tuple[str, str]:
    """Message and hint of the error for a class layer that cannot be computed."""
    if isinstance(error, LucidError):
        return error.message, error.hint
    first = str(getattr(error, "message", error)).strip().partition("\n")[0]
    return (
        f"{model.name} cannot compute {layer!r} for this image ({first.rstrip('.')}).",
        "Pass an image of the size that the network was trained on.",
    )


__all__ = ["Prediction", "classify"]
