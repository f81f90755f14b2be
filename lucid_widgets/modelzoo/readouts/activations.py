"""Activations of a layer for a set of images, as readouts are fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.frames import FloatArray
from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.survey.image_size import image_size
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["BATCH", "all_positions", "class_gradients", "layer_name", "position_means"]

BATCH = 16
"""Images per compiled call."""


def layer_name(model: Any, layer: str | Layer) -> str:
    """Return the name of a layer that has channels.

    Raises:
        UnknownNameError: If the model has no such layer.
        ArgumentError: If the layer has no channels.
    """
    name = layer.name if isinstance(layer, Layer) else layer
    if name == "input" or model.get_layer(name).channels is None:
        raise ArgumentError(f"Layer {name!r} has no fixed number of channels.", "Choose another layer.")
    return name


@outside_graphs()
def position_means(
    model: Any, layer: str, images: ImageSet, size: int | tuple[int, int] | None
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return the means of activations over the positions of a layer, without class and register tokens.

    A linear function of these means is the mean of the function over positions, which `objectives.channel` maximizes.

    Args:
        model: A `Model`.
        layer: Name of a layer.
        images: The images.
        size: As `image_size` of `image_size()`.

    Returns:
        The places of the images that could be read, and their means, `[images, channels]`.
    """

    def mean(values: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(values, axis=list(range(1, values.shape.rank - 1))) if values.shape.rank > 2 else values

    found = list(_batches(model, images, size, lambda T: mean(_patches(T, layer))))
    if not found:
        raise ArgumentError(f"None of the images of {images.name!r} can be read.", "Pass at least one image.")
    indices, means = (np.concatenate(each) for each in zip(*found, strict=True))
    return indices, _finite(layer, means)


@outside_graphs()
def all_positions(
    model: Any, layer: str, images: ImageSet, size: int | tuple[int, int] | None, per_image: int, seed: int
) -> FloatArray:
    """Return activations at positions of a layer, `[samples, channels]`, without class and register tokens.

    Args:
        model: A `Model`.
        layer: Name of a layer.
        images: The images.
        size: As `image_size` of `image_size()`.
        per_image: Most positions of each image, which are drawn at random.
        seed: Seed of the draw.
    """
    random = np.random.default_rng(seed)
    kept: list[FloatArray] = []
    for _, values in _batches(model, images, size, lambda T: _patches(T, layer)):
        flat = values.reshape(len(values), -1, values.shape[-1])
        for each in flat:
            count = min(per_image, len(each))
            kept.append(each[np.sort(random.choice(len(each), count, replace=False))])
    if not kept:
        raise ArgumentError(f"None of the images of {images.name!r} can be read.", "Pass at least one image.")
    return _finite(layer, np.concatenate(kept))


@outside_graphs()
def class_gradients(
    model: Any, layer: str, scores: str, index: int, images: ImageSet, size: int | tuple[int, int] | None
) -> FloatArray:
    """Return the gradient of a score with respect to the channels of a layer, summed over positions.

    Args:
        model: A `Model`.
        layer: Name of the layer.
        scores: Name of the layer that holds the score.
        index: Channel of the score.
        images: The images.
        size: As `image_size` of `image_size()`.

    Returns:
        `[images, channels]`.

    Raises:
        ModelError: If the score does not depend on the layer.
    """

    def gradient(T: Any) -> tf.Tensor:
        acts = T(layer)
        (found,) = tf.compat.v1.gradients(tf.reduce_sum(T(scores)[..., index]), [acts])
        if found is None:
            raise ModelError(f"{scores!r} does not depend on {layer!r}.", "Choose a layer below the classes.")
        return tf.reduce_sum(found, axis=list(range(1, found.shape.rank - 1))) if found.shape.rank > 2 else found

    return np.concatenate([each for _, each in _batches(model, images, size, gradient)])


def _patches(T: Any, layer: str) -> tf.Tensor:
    """The layer at the positions of the image, without extra tokens if the model knows them."""
    values, grid = T(layer), T.token_grid
    folded = grid.fold(values) if grid is not None and values.shape.rank == 3 else None
    return values if folded is None else folded


def _batches(
    model: Any, images: ImageSet, size: int | tuple[int, int] | None, compute: Callable[[Any], tf.Tensor]
) -> Iterator[tuple[npt.NDArray[np.int64], FloatArray]]:
    shape = image_size(model, images, size)
    channels = model.image_shape[-1] or 3

    def of_images(batch: tf.Tensor) -> tf.Tensor:
        return compute(model.import_graph(batch))

    specification = tf.TensorSpec((None, *shape, channels), tf.float32)
    run = tf.function(of_images, autograph=False).get_concrete_function(specification)
    for batch in images.batches(BATCH, shape):
        pixels = batch.images.astype(np.float32) / 255
        if channels == 1:
            pixels = pixels.mean(-1, keepdims=True)
        yield batch.indices, run(tf.constant(pixels)).numpy()


def _finite(layer: str, values: FloatArray) -> FloatArray:
    if not np.isfinite(values).all():
        raise ModelError(f"Layer {layer!r} has activations that are NaN or infinite.", "Choose another layer.")
    return values
