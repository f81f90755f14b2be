"""Objectives that look at several images of a batch at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.arguments import indices, real
from lucid_widgets.optvis.objectives.wrapping import wrap_objective


def _check_count(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    wanted = len(arguments["n_channels"])
    if batch is not None and wanted != batch:
        raise ArgumentError(
            f"There are {wanted} channels and {batch} images.",
            f"Expected one image for each channel: param.image(128, batch={wanted}).",
        )


@wrap_objective(
    require_format="NHWC",
    numbers={"n_channels": indices},
    layer="layer",
    channel="n_channels",
    check=_check_count,
)
def channels(layer: str, n_channels: Sequence[int]) -> Callable[[T], Any]:
    """One channel for each image of the batch: many renderings in one run.

    Equal to the sum of `channel(layer, n, batch=i)` over the images, at the cost of one term.

    Args:
        layer: A layer.
        n_channels: Index of a channel for each image.

    Raises:
        ArgumentError: There are not as many images as channels.

    Example:
        >>> render_vis(model, objectives.channels("mixed4a", [30, 152]), lambda: param.image(128, batch=2))
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
    """From one channel to another along the batch: the first image shows the one, the last the other.

    Args:
        layer1: A layer.
        n_channel1: Index of one of its channels.
        layer2: The same layer or another.
        n_channel2: Index of one of its channels.

    Example:
        >>> between = objectives.channel_interpolate("mixed4a", 152, "mixed4a", 56)
        >>> render_vis(model, between, lambda: param.image(128, batch=6))

    Source: Lucid's `objectives.channel_interpolate`. (For a batch of one image it gave NaN; it is the first channel.)
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
    """Keeps images that are near each other in the batch alike. It is negative already: add it with a positive weight.

    Args:
        layer: A layer.
        decay_ratio: How much less images count that are one place further apart; up to four places count.

    Example:
        >>> between = objectives.channel_interpolate("mixed4a", 152, "mixed4a", 56)
        >>> render_vis(model, between + 0.1 * objectives.alignment("mixed3b"), lambda: param.image(128, batch=6))

    Source: Lucid's `objectives.alignment`.
    """

    def inner(T: T) -> Any:
        acts = T(layer)
        axes = list(range(1, acts.shape.rank))
        total = 0.0
        for distance in range(1, 5):
            differences = tf.reduce_mean((acts[:-distance] - acts[distance:]) ** 2, axes)
            total -= tf.reduce_sum(differences) / decay_ratio**distance
        return total

    return inner


@wrap_objective(require_format="NHWC", layer="layer")
def diversity(layer: str) -> Callable[[T], Any]:
    """How alike the textures of the images of a batch are. Use it with a negative weight, so that they differ.

    It compares which channels go together in each image: the cosine between Gram matrices, summed over all ordered
    pairs and divided by the number of images.

    Args:
        layer: A layer.

    Example:
        >>> many = objectives.channel("mixed4a", 152) - 100 * objectives.diversity("mixed4a")
        >>> render_vis(model, many, lambda: param.image(128, batch=4))

    Source: Lucid's `objectives.diversity`.
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
