"""Objectives of several images of a batch together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import indices, real
from lucid_widgets.optvis.objectives.wrapping import wrap_objective

_ALIGNED_DISTANCES = range(1, 5)


def _check_count(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    wanted = len(arguments["n_channels"])
    if batch is not None and wanted != batch:
        raise ArgumentError(
            f"channels() received {wanted} channels for {batch} images.",
            f"Expected one image for each channel, such as param.image(128, batch={wanted}).",
        )


@wrap_objective(
    require_format="NHWC",
    numbers={"n_channels": indices},
    layer="layer",
    channel="n_channels",
    check=_check_count,
)
def channels(layer: str, n_channels: Sequence[int]) -> Callable[[T], Any]:
    """A different channel for each image of the batch, so that one run renders many channels.

    Equal to the sum of `channel(layer, n, batch=i)` over the images, but computed as one term.

    Args:
        layer: Name of a layer.
        n_channels: Index of a channel for each image of the batch.

    Returns:
        An objective: the activation of each image's channel, averaged over positions and summed over images.

    Raises:
        ArgumentError: If the number of channels is not the number of images.

    Example:
        >>> render_vis(model, objectives.channels("mixed4a", [30, 152]), lambda: param.image(128, batch=2))

    Source: New; Lucid needed one `channel` for each image.
    """

    def inner(T: T) -> Any:
        acts = tf.reduce_mean(T(layer), [1, 2])
        return tf.reduce_sum(tf.gather(acts, n_channels, axis=1, batch_dims=1))

    return inner


@wrap_objective(
    require_format="NHWC",
    numbers=("n_channel1", "n_channel2"),
    layer=("layer1", "layer2"),
    channel=("n_channel1", "n_channel2"),
)
def channel_interpolate(layer1: str, n_channel1: int, layer2: str, n_channel2: int) -> Callable[[T], Any]:
    """Interpolation from one channel to another along the batch: the first image shows one, the last the other.

    Args:
        layer1: Name of a layer.
        n_channel1: Index of a channel of that layer.
        layer2: Name of the same layer or another.
        n_channel2: Index of a channel of that layer.

    Returns:
        An objective: for image i of n, `(1 - i / (n - 1))` times the first activation plus `i / (n - 1)` times the
        second, averaged over positions and summed over images.

    Example:
        >>> between = objectives.channel_interpolate("mixed4a", 152, "mixed4a", 56)
        >>> render_vis(model, between, lambda: param.image(128, batch=6))

    Source: Lucid's `objectives.channel_interpolate`. For a single image, which is the first channel here, it was NaN.
    """

    def inner(T: T) -> Any:
        first = tf.reduce_mean(T(layer1)[..., n_channel1], [1, 2])
        second = tf.reduce_mean(T(layer2)[..., n_channel2], [1, 2])
        count = tf.shape(first)[0]
        weight = tf.range(count) / tf.maximum(count - 1, 1)
        weight = tf.cast(weight, first.dtype)
        return tf.reduce_sum((1 - weight) * first + weight * second)

    return inner


@wrap_objective(numbers={"decay_ratio": real}, layer="layer")
def alignment(layer: str, decay_ratio: float = 2) -> Callable[[T], Any]:
    """Similarity of neighboring images of the batch. Add it to keep shapes in place from image to image.

    The value is negative already, so give it a positive weight.

    Args:
        layer: Name of a layer.
        decay_ratio: Images at distance d in the batch count `1 / decay_ratio ** d`, up to a distance of 4. Default: 2.

    Returns:
        An objective: minus the mean squared difference of activations, summed over all pairs of images at most 4 apart.

    Example:
        >>> between = objectives.channel_interpolate("mixed4a", 152, "mixed4a", 56)
        >>> render_vis(model, between + 0.1 * objectives.alignment("mixed3b"), lambda: param.image(128, batch=6))

    Source: Lucid's `objectives.alignment`; Mordvintsev, Pezzotti, Schubert & Olah, "Differentiable Image
    Parameterizations", Distill 2018.
    """

    def inner(T: T) -> Any:
        acts = T(layer)
        axes = list(range(1, acts.shape.rank))
        total = 0.0
        for distance in _ALIGNED_DISTANCES:
            differences = tf.reduce_mean((acts[:-distance] - acts[distance:]) ** 2, axes)
            total -= tf.reduce_sum(differences) / decay_ratio**distance
        return total

    return inner


@wrap_objective(require_format="NHWC", layer="layer")
def diversity(layer: str) -> Callable[[T], Any]:
    """Similarity of the textures of the images of the batch. Subtract it to make the images differ.

    A texture is described by the Gram matrix of a layer: which channels are active together.

    Args:
        layer: Name of a layer.

    Returns:
        An objective: the cosine similarity of Gram matrices, summed over all ordered pairs of different images and
        divided by the number of images.

    Example:
        >>> facets = objectives.channel("mixed4a", 152) - 100 * objectives.diversity("mixed4a")
        >>> render_vis(model, facets, lambda: param.image(128, batch=4))

    Source: Lucid's `objectives.diversity`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
    """

    def inner(T: T) -> Any:
        acts = T(layer)
        count = tf.shape(acts)[0]
        flat = tf.reshape(acts, [count, -1, acts.shape[-1]])
        grams = tf.matmul(flat, flat, transpose_a=True)
        grams = tf.reshape(tf.nn.l2_normalize(grams, [1, 2], 1e-10), [count, -1])
        likeness = tf.matmul(grams, grams, transpose_b=True)
        pairs = tf.reduce_sum(likeness) - tf.linalg.trace(likeness)
        return pairs / tf.cast(count, pairs.dtype)

    return inner


__all__ = ["alignment", "channel_interpolate", "channels", "diversity"]
