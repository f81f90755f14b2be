"""`expanded_weights`: weights between any two layers; `weight_families`: units with similar weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.attribution.from_layer import with_given
from lucid_widgets.attribution.inputs import activations, checked_layer, traced
from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc._optional import needed
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.layer import DEFAULT_SIZE
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.many import even_batch
from lucid_widgets.optvis.objectives.views import as_nhwc
from lucid_widgets.optvis.overrides import gradient_override_map, identity_grad, linearization_overrides_map

MOST = 16
"""Most units per call of the network."""

_LINEAR = {**linearization_overrides_map, **dict.fromkeys(("LeakyRelu", "Elu", "Selu"), identity_grad)}


@dataclass(frozen=True)
class ExpandedWeights:
    """Weights between two layers.

    Attributes:
        layer_in: Name of the earlier layer.
        layer_out: Name of the later layer.
        units: Channels of the later layer, in the order of `values`.
        values: Weights, `[units, rows, columns, channels]`, with the channels of the earlier layer. The window is the
            part of that layer that the center of the later layer sees; 1 x 1 for a layer without positions.
    """

    layer_in: str
    layer_out: str
    units: tuple[int, ...]
    values: FloatArray = field(repr=False)


@dataclass(frozen=True)
class WeightFamilies:
    """Units of a layer, grouped by the cosine of their weights.

    Attributes:
        layer_in: Name of the earlier layer.
        layer_out: Name of the layer whose units are grouped.
        similarity: Cosine of the weights of each pair of units, `[units, units]`.
        members: The channels of each family. Large families come first, and so do channels that are most similar to
            the rest of their family.
    """

    layer_in: str
    layer_out: str
    similarity: FloatArray = field(repr=False)
    members: tuple[tuple[int, ...], ...]

    def nearest(self, channel: int, count: int = 5) -> tuple[int, ...]:
        """Return the channels whose weights are most similar to those of a channel, the most similar one first.

        Args:
            channel: Index of the channel.
            count: Number of channels. Default: 5.

        Raises:
            OutOfRangeError: There is no such channel.
        """
        index = whole_number("channel", channel, 0, len(self.similarity) - 1, owner=f"layer {self.layer_out!r}")
        order = np.argsort(-self.similarity[index], kind="stable")
        return tuple(int(each) for each in order if each != index)[: whole_number("count", count, 1)]


def expanded_weights(
    model: Any,
    layer_in: str | Layer,
    layer_out: str | Layer,
    units: int | Sequence[int] | None = None,
    *,
    image_size: int | None = None,
) -> ExpandedWeights:
    """Weights from the channels of one layer to units of a later layer, as if the network between them were linear.

    They are the gradient of the unit at the center of the later layer with respect to the earlier layer, whose
    activations are 0. ReLUs, leaky ReLUs and ELUs pass the gradient unchanged, and max pools have the gradient of
    average pools. Other non-linearities, such as GELU and local response normalization, have their gradient at
    these activations. Between neighbors, the result is the kernel of the convolution.

    Args:
        model: Whatever `as_model` accepts.
        layer_in: The earlier layer, or its name. `"input"` is the image.
        layer_out: The later layer, or its name. It may have no positions, as class logits do.
        units: Channels of the later layer: one, or several. Default: all.
        image_size: Width and height of the image in pixels. It should be larger than the receptive field of
            `layer_out`, whose window is cut off at the border of the layer. Default: that of the network; 224 for
            networks that accept any size.

    Returns:
        An `ExpandedWeights`.

    Raises:
        ArgumentError: `layer_out` does not depend on `layer_in`, or a layer has tokens instead of rows and columns.
        OutOfRangeError: The layer has no such channel.
        UnknownNameError: The model has no such layer.

    Example:
        >>> found = attribution.expanded_weights(model, "mixed3a", "mixed4a", units=[30, 152])
        >>> found.values.shape
        (2, 1, 1, 104)

    Source: Voss et al., "Visualizing Weights", Distill 2021.
    """
    visible = as_model(model)
    first, last = checked_layer(visible, layer_in), checked_layer(visible, layer_out)
    side = None if image_size is None else whole_number("image_size", image_size, 1)
    rows, columns, depth = visible.image_shape
    image = np.zeros((side or rows or DEFAULT_SIZE, side or columns or DEFAULT_SIZE, depth or 3), np.float32)
    found = activations(visible, image, list(dict.fromkeys([first, last])))
    for name in (first, last):
        if found[name].ndim not in (1, 3):
            raise ArgumentError(
                f"Layer {name!r} has activations of shape {found[name].shape}.",
                "Expected [height, width, channels] or [channels].",
            )
    count = found[last].shape[-1]
    chosen = _chosen(units, count, last)

    def compute(images: tf.Tensor, given: tf.Tensor, wanted: tf.Tensor) -> tuple[tf.Tensor]:
        with gradient_override_map(_LINEAR):
            acts = as_nhwc(with_given(visible, images, first, given))(last)
            at = acts[:, acts.shape[1] // 2, acts.shape[2] // 2]
            total = tf.reduce_sum(tf.gather(at, wanted, axis=1, batch_dims=1))
        gradient = tf.compat.v1.gradients(total, given)[0]
        if gradient is None:
            raise ArgumentError(
                f"Layer {last!r} does not depend on layer {first!r}.", "Expected layer_in to lie below layer_out."
            )
        return (tf.convert_to_tensor(gradient),)

    size = even_batch(len(chosen), MOST)
    program = traced(visible, ("expanded weights", first, last, size), compute, image.shape)
    images = tf.repeat(tf.constant(image[None]), size, axis=0)
    zeros = tf.zeros((size, *found[first].shape))
    parts = []
    for start in range(0, len(chosen), size):
        chunk = chosen[start : start + size]
        filled = tf.constant([*chunk, *chunk[:1] * (size - len(chunk))], tf.int32)
        (gradient,) = program(images, zeros, filled)
        parts.append(_window(np.asarray(gradient)[: len(chunk)]))
    return ExpandedWeights(first, last, tuple(chosen), _joined(parts))


def weight_families(
    model: Any,
    layer_in: str | Layer,
    layer_out: str | Layer,
    families: int = 12,
    *,
    image_size: int | None = None,
) -> WeightFamilies:
    """Group the units of a layer by the cosine of their expanded weights, by average linkage.

    Args:
        model: Whatever `as_model` accepts.
        layer_in: The earlier layer, or its name.
        layer_out: The layer whose units are grouped, or its name.
        families: Number of families, at most the number of units. Default: 12.
        image_size: As for `expanded_weights`.

    Returns:
        A `WeightFamilies`.

    Raises:
        ArgumentError: As for `expanded_weights`, or scikit-learn is not installed.
        OutOfRangeError: There are more families than units, or fewer than 2.
        UnknownNameError: The model has no such layer.

    Example:
        >>> found = attribution.weight_families(model, "conv2d0", "conv2d1", families=8)
        >>> len(found.members), found.similarity.shape
        (8, (48, 48))

    Source: after Cammarata et al., "Thread: Circuits", Distill 2020.
    """
    cluster = needed("sklearn.cluster", "weight_families")
    found = expanded_weights(model, layer_in, layer_out, image_size=image_size)
    flat = found.values.reshape(len(found.units), -1)
    wanted = whole_number("families", families, 2, len(flat), owner=f"layer {found.layer_out!r}")
    flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    similarity = np.clip(flat @ flat.T, -1, 1)
    grouping = cluster.AgglomerativeClustering(wanted, metric="precomputed", linkage="average")
    labels = grouping.fit_predict(1 - similarity)
    members = []
    for label in range(wanted):
        inside = np.flatnonzero(labels == label)
        typical = similarity[np.ix_(inside, inside)].mean(1)
        members.append(tuple(int(each) for each in inside[np.argsort(-typical, kind="stable")]))
    members.sort(key=len, reverse=True)
    return WeightFamilies(found.layer_in, found.layer_out, np.asarray(similarity, np.float32), tuple(members))


def _chosen(units: int | Sequence[int] | None, count: int, layer: str) -> list[int]:
    if units is None:
        return list(range(count))
    given = [units] if isinstance(units, (int, np.integer)) else list(units)
    if not given:
        raise ArgumentError("units is empty.", "Pass at least one channel, or None for all.")
    return [whole_number("unit", each, 0, count - 1, owner=f"layer {layer!r}") for each in given]


def _window(gradient: FloatArray) -> tuple[int, int, FloatArray]:
    """Return the smallest window with all weights `[units, height, width, channels]`, and its first row and column."""
    if gradient.ndim == 2:
        return 0, 0, gradient[:, None, None]
    used = np.abs(gradient).max((0, 3)) > 0
    rows, columns = np.flatnonzero(used.any(1)), np.flatnonzero(used.any(0))
    if not len(rows):
        return 0, 0, gradient[:, :1, :1]
    top, left = int(rows[0]), int(columns[0])
    return top, left, gradient[:, top : rows[-1] + 1, left : columns[-1] + 1]


def _joined(parts: Sequence[tuple[int, int, FloatArray]]) -> FloatArray:
    """Return the weights of all parts in the smallest window that holds theirs."""
    top, left = min(part[0] for part in parts), min(part[1] for part in parts)
    bottom = max(part[0] + part[2].shape[1] for part in parts)
    right = max(part[1] + part[2].shape[2] for part in parts)
    padded = []
    for first, second, values in parts:
        above, before = first - top, second - left
        after = (bottom - top - above - values.shape[1], right - left - before - values.shape[2])
        padded.append(np.pad(values, ((0, 0), (above, after[0]), (before, after[1]), (0, 0))))
    return np.concatenate(padded)


__all__ = ["ExpandedWeights", "WeightFamilies", "expanded_weights", "weight_families"]
