"""The compiled function of a pass: from a batch of images and the statistics so far to the new statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.evidence.statistics import BINS, Statistics
from lucid_widgets.modelzoo.base.token_grid import TokenGrid
from lucid_widgets.optvis.engine.tracing import Traced

REDUCTIONS = ("max", "mean", "center", "neuron")
"""Ways to reduce a unit's activations in an image to one value."""

# Statistics that stay on the device during a pass.
ON_DEVICE = (
    *("top_values", "top_images", "top_positions", "bottom_values", "bottom_images", "bottom_positions"),
    *("sums", "squares", "zeros", "histogram", "lows", "widths", "label_sums"),
)


@dataclass(frozen=True)
class Reduction:
    """How activations become values.

    Attributes:
        kind: One of `REDUCTIONS`: the maximum or the mean over the positions, the position in the center, or another.
        row: For "neuron", the row of the position.
        column: For "neuron", its column.
    """

    kind: str = "max"
    row: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"neuron({self.row}, {self.column})" if self.kind == "neuron" else self.kind

    def apply(self, name: str, activations: tf.Tensor, tokens: TokenGrid | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Return values and positions, both `[batch, channels]`.

        Args:
            name: The layer, for error messages.
            activations: `[batch, height, width, channels]`, `[batch, tokens, channels]` or `[batch, channels]`.
            tokens: The model's `token_grid`: only the patches count, as rows and columns. Default: unknown, so all
                tokens count, as one row.

        Raises:
            ModelError: If they have another shape, or no such position.
        """
        rank = activations.shape.rank
        if rank == 2:
            return activations, tf.zeros(tf.shape(activations), tf.int32)
        if rank not in (3, 4):
            raise ModelError(
                f"Layer {name!r} has activations of shape {tuple(activations.shape)}.",
                "Expected [batch, height, width, channels], [batch, tokens, channels] or [batch, channels].",
            )
        patches = tokens.fold(activations) if tokens is not None and rank == 3 else None
        lines = activations if rank == 4 else activations[:, tf.newaxis] if patches is None else patches
        height, width = lines.shape[1:3]
        if self.kind in ("center", "neuron"):
            row, column = (height // 2, width // 2) if self.kind == "center" else (self.row, self.column)
            if not (row < height and column < width):
                raise ModelError(
                    f"Layer {name!r} has {height} × {width} positions, and no row {row}, column {column}.",
                    "Choose another position.",
                )
            values = lines[:, row, column]
            return values, tf.fill(tf.shape(values), row * width + column)
        values, positions = _peaks(lines)
        return (tf.reduce_mean(lines, [1, 2]), positions) if self.kind == "mean" else (values, positions)


def _peaks(lines: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the maximum over `[batch, rows, columns, channels]` and the first position where it is reached."""
    height, width = lines.shape[1:3]
    # The maximum over columns reads all activations once, and vectorizes, which an argmax over positions does not.
    of_rows = tf.reduce_max(lines, 2)
    values = tf.reduce_max(of_rows, 1)
    row = tf.argmax(of_rows, 1, tf.int32)
    if height == 1:
        return values, tf.argmax(lines[:, 0], 1, tf.int32)
    batch, channels = tf.shape(lines)[0], lines.shape[3]
    image = tf.range(batch)[:, tf.newaxis, tf.newaxis]
    place = ((image * height + row[:, tf.newaxis]) * width + tf.range(width)[:, tf.newaxis]) * channels
    row_of_peak = tf.gather(tf.reshape(lines, [-1]), place + tf.range(channels))  # [batch, columns, channels]
    return values, row * width + tf.argmax(row_of_peak, 1, tf.int32)


class Step:
    """One batch of a pass, compiled once.

    Args:
        model: A `Model`.
        layers: Names of the layers.
        reduction: How activations become values.
        shape: `(height, width, channels)` of the images.
    """

    def __init__(self, model: Any, layers: Sequence[str], reduction: Reduction, shape: tuple[int, int, int]) -> None:
        self._model, self._layers, self._reduction, self._shape = model, tuple(layers), reduction, shape
        self._compiled = Traced(self._step, lambda _: None)
        # Sums of floats in an order that varies would differ in their last bits.
        self._atomic = bool(tf.config.list_physical_devices("GPU"))

    def __call__(
        self, images: np.ndarray, indices: np.ndarray, labels: np.ndarray, valid: np.ndarray, state: dict[str, Any]
    ) -> tuple[Any, Any, Any, dict[str, Any]]:
        """Take in a batch.

        Args:
            images: uint8 `[batch, height, width, 3]`.
            indices: int32 `[batch]`.
            labels: The number of each image's label, int32 `[batch]`.
            valid: Which images count; the others fill up the batch. Booleans.
            state: The statistics `ON_DEVICE`.

        Returns:
            Values and positions `[batch, units]`, whether all values are finite, and the new state.
        """
        return self._compiled(
            *(tf.constant(each) for each in (images, indices, labels, valid)), {name: state[name] for name in ON_DEVICE}
        )

    def _step(
        self, images: tf.Tensor, indices: tf.Tensor, labels: tf.Tensor, valid: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, dict[str, tf.Tensor]]:
        T = self._model.import_graph(network_images(images, self._shape[2]))
        found = [
            self._reduction.apply(name, tf.cast(T(name), tf.float32), self._model.token_grid) for name in self._layers
        ]
        values = tf.concat([value for value, _ in found], 1)
        positions = tf.concat([position for _, position in found], 1)
        finite = tf.reduce_all(tf.math.is_finite(tf.where(valid[:, tf.newaxis], values, 0.0)))
        return values, positions, finite, self._merged(values, positions, indices, labels, valid, state)

    def _merged(
        self,
        values: tf.Tensor,
        positions: tf.Tensor,
        indices: tf.Tensor,
        labels: tf.Tensor,
        valid: tf.Tensor,
        state: dict[str, tf.Tensor],
    ) -> dict[str, tf.Tensor]:
        column = valid[:, tf.newaxis]
        counted = tf.where(column, values, 0.0)
        new = dict(state)
        for name, sign in (("top", 1.0), ("bottom", -1.0)):
            new |= _best(name, sign, tf.where(column, values, -sign * np.inf), positions, indices, state)
        exact = tf.cast(counted, tf.float64)
        new["sums"] = state["sums"] + tf.reduce_sum(exact, 0)
        new["squares"] = state["squares"] + tf.reduce_sum(exact**2, 0)
        new["zeros"] = state["zeros"] + tf.reduce_sum(tf.cast((values <= 0) & column, tf.int64), 0)
        new |= _histogram(values, column, state)
        kinds = state["label_sums"].shape[0]
        if kinds:
            positive = tf.maximum(exact, 0)
            if self._atomic:
                of_label = tf.matmul(tf.one_hot(labels, kinds, dtype=tf.float64), positive, transpose_a=True)
            else:
                of_label = tf.math.unsorted_segment_sum(positive, labels, kinds)
            new["label_sums"] = state["label_sums"] + of_label
        return new


def network_images(images: tf.Tensor, channels: int) -> tf.Tensor:
    """Return uint8 RGB images as floats in [0, 1] with the network's number of channels."""
    pixels = tf.cast(images, tf.float32) / 255
    return tf.reduce_mean(pixels, -1, keepdims=True) if channels == 1 else pixels


def start(statistics: Statistics) -> dict[str, Any]:
    """Return the part of the statistics that stays on the device."""
    return {name: tf.constant(getattr(statistics, name)) for name in ON_DEVICE}


def _best(
    name: str, sign: float, values: tf.Tensor, positions: tf.Tensor, indices: tf.Tensor, state: dict[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    """The largest (sign 1) or smallest (-1) values so far. `top_k` prefers the earlier of equal entries."""
    batch, units = tf.shape(values)[0], tf.shape(values)[1]
    keep = state[f"{name}_values"].shape[1]
    all_values = tf.concat([state[f"{name}_values"], tf.transpose(values)], 1)
    best, order = tf.math.top_k(sign * all_values, keep)
    images = tf.concat([state[f"{name}_images"], tf.broadcast_to(indices, [units, batch])], 1)
    # Not `tf.transpose`: for whole numbers, oneDNN prints an error on many processors, and then TensorFlow does it.
    places = tf.concat([state[f"{name}_positions"], tf.einsum("bu->ub", positions)], 1)
    # A place that no image has taken yet keeps its -1, although an image that does not count is as bad.
    taken = tf.math.is_finite(best)
    return {
        f"{name}_values": sign * best,
        f"{name}_images": tf.where(taken, tf.gather(images, order, batch_dims=1), -1),
        f"{name}_positions": tf.where(taken, tf.gather(places, order, batch_dims=1), 0),
    }


def _histogram(values: tf.Tensor, counts: tf.Tensor, state: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Count values in bins. Where a value lies outside, bins are joined in pairs until the range holds it.

    Counts stay exact, and the range needs no earlier look at the data.
    """
    low, width, bins = state["lows"], state["widths"], state["histogram"]
    smallest = tf.reduce_min(tf.where(counts, values, np.inf), 0)
    largest = tf.reduce_max(tf.where(counts, values, -np.inf), 0)
    known = tf.math.is_finite(smallest) & tf.math.is_finite(largest)
    fresh = (width == 0) & known
    spread = tf.maximum((largest - smallest) * (2 / BINS), tf.maximum(tf.abs(largest), 1e-3) * 1e-5)
    low = tf.where(fresh, smallest, low)
    width = tf.where(fresh, spread, width)

    def too_narrow(bins: tf.Tensor, low: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        return tf.reduce_any(known & ((smallest < low) | (largest >= low + BINS * width)))

    def widen(bins: tf.Tensor, low: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        joined = tf.reduce_sum(tf.reshape(bins, [-1, BINS // 2, 2]), 2)
        empty = tf.zeros_like(joined)
        down = known & (smallest < low)
        up = known & ~down & (largest >= low + BINS * width)
        grown = tf.where(up[:, tf.newaxis], tf.concat([joined, empty], 1), bins)
        grown = tf.where(down[:, tf.newaxis], tf.concat([empty, joined], 1), grown)
        return grown, tf.where(down, low - BINS * width, low), tf.where(up | down, 2 * width, width)

    bins, low, width = tf.while_loop(too_narrow, widen, [bins, low, width])
    place = tf.cast(tf.floor((values - low) / tf.where(width > 0, width, 1.0)), tf.int32)
    place = tf.clip_by_value(place, 0, BINS - 1) + BINS * tf.range(tf.shape(values)[1])
    ones = tf.broadcast_to(tf.cast(counts, tf.int32), tf.shape(values))
    total = tf.math.unsorted_segment_sum(tf.reshape(ones, [-1]), tf.reshape(place, [-1]), tf.size(bins))
    return {"histogram": bins + tf.reshape(total, tf.shape(bins)), "lows": low, "widths": width}


__all__ = ["ON_DEVICE", "REDUCTIONS", "Reduction", "Step", "network_images", "start"]
