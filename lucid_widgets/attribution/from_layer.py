"""The network from a layer on: targets, gradients and class probabilities as functions of the layer's activations."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.attribution.inputs import activations, traced
from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.token_grid import as_given
from lucid_widgets.modelzoo.survey.class_layer import logit_layer, score_layer
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.classification import probabilities_of, required_class_layer
from lucid_widgets.optvis.many import even_batch
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.overrides import pooling_overrides

MOST = 18
"""Most activation arrays per call of the network: 32 or 64 steps of a path and its two ends fill batches of 17."""


class FromLayer:
    """A network from one layer on, for one image.

    Layers that do not depend on this layer, such as the other branch of a shortcut, keep their values for the image.

    Args:
        model: A `Model`.
        image: `[1, height, width, channels]` in [0, 1].
        layer: Name of the layer.

    Attributes:
        values: Activations of the layer for the image, `[height, width, channels]` or `[channels]`.
    """

    def __init__(self, model: Any, image: FloatArray, layer: str) -> None:
        self._model, self._image, self._layer = model, image, layer
        self.values = activations(model, image, [layer])[layer]

    def gradients(
        self, objective: Objective, batch: FloatArray, smooth_max_pool: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """Value and gradient of an objective at several activations of the layer.

        Args:
            objective: The objective.
            batch: Activations, `[batch, *values.shape]`.
            smooth_max_pool: Whether max pools above the layer get the gradient of average pools.

        Returns:
            The values `[batch]` and the gradients `[batch, *values.shape]`.

        Raises:
            ArgumentError: The objective does not depend on the layer.
        """

        def compute(images: tf.Tensor, given: tf.Tensor, *numbers: Any) -> tuple[tf.Tensor, tf.Tensor]:
            with pooling_overrides() if smooth_max_pool else nullcontext():
                layers = self._layers(images, given)
                values = tf.stack(
                    [
                        tf.reduce_sum(objective.evaluate(image_of(layers, index), iter(numbers)))
                        for index in range(given.shape[0])
                    ]
                )
            gradient = tf.compat.v1.gradients(tf.reduce_sum(values), given)[0]
            if gradient is None:
                raise ArgumentError(
                    f"The target does not depend on layer {self._layer!r}.",
                    "Expected a layer that lies between the image and the target.",
                )
            return values, tf.convert_to_tensor(gradient)

        key = ("gradients", self._layer, smooth_max_pool, objective.structure)
        kinds = {int: tf.int32, float: tf.float32}
        numbers = [tf.constant(number, kinds.get(type(number))) for number in objective.numbers]
        values, gradients = self._run(key, compute, batch, numbers)
        return values, gradients

    def probabilities(self, batch: FloatArray) -> FloatArray:
        """Probabilities of all classes, `[batch, classes]`, at several activations `[batch, *values.shape]`.

        Raises:
            ModelError: The model has no class layer.
        """
        scores = required_class_layer(self._model, score_layer)

        def compute(images: tf.Tensor, given: tf.Tensor) -> tuple[tf.Tensor]:
            return (probabilities_of(self._model, scores, self._layers(images, given)(scores)),)

        (found,) = self._run(("probabilities", self._layer), compute, batch, [])
        return found

    def logits(self, batch: FloatArray) -> FloatArray:
        """Logits of all classes, `[batch, classes]`, at several activations `[batch, *values.shape]`.

        Where the network has positions up to its logits, they are averaged.

        Raises:
            ModelError: The model has no class layer.
        """
        name = required_class_layer(self._model, logit_layer)

        def compute(images: tf.Tensor, given: tf.Tensor) -> tuple[tf.Tensor]:
            scores = tf.cast(self._layers(images, given)(name), tf.float32)
            return (tf.reduce_mean(scores, list(range(1, scores.shape.rank - 1))),)

        (found,) = self._run(("logits", self._layer), compute, batch, [])
        return found

    def _layers(self, images: tf.Tensor, given: tf.Tensor) -> T:
        return with_given(self._model, images, self._layer, given)

    def _run(
        self, key: tuple[Any, ...], compute: Callable[..., Any], batch: FloatArray, numbers: list[Any]
    ) -> list[FloatArray]:
        size = even_batch(len(batch), MOST)
        program = traced(self._model, (*key, size), compute, self._image.shape[1:])
        # As many images as activations, for networks in which a branch does not pass through the layer.
        images = tf.repeat(tf.constant(self._image), size, axis=0)
        parts: list[list[FloatArray]] = []
        for start in range(0, len(batch), size):
            chunk = batch[start : start + size]
            # A full batch, so that all batches share one compiled function.
            filled = np.concatenate([chunk, np.repeat(chunk[:1], size - len(chunk), 0)])
            found = program(images, tf.constant(filled, tf.float32), *numbers)
            parts.append([np.asarray(each)[: len(chunk)] for each in found])
        return [np.concatenate(each) for each in zip(*parts, strict=True)]


def with_given(model: Any, images: tf.Tensor, layer: str, given: tf.Tensor) -> T:
    """Return the layers of a network in which one layer has given activations.

    Args:
        model: A `Model`.
        images: `[batch, height, width, channels]`, for layers that do not depend on this layer.
        layer: Name of the layer.
        given: Its activations, with the same batch size.
    """
    if layer == "input":
        return _with(model.import_graph(given), "input", given)
    return _with(model.import_graph(images, input_map={layer: given}), layer, given)


def _with(layers: T, name: str, value: tf.Tensor) -> T:
    """The same layers, with a layer that is given itself: its tensor must be the one that gradients are taken of."""
    return as_given(layers, lambda asked: value if asked == name else layers(asked))


__all__: list[str] = []
