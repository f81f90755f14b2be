"""`unit_inputs`: the channels of an earlier layer that matter most for a unit, and their weights."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.attribution.circuits import expanded_weights
from lucid_widgets.errors import whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.channel_reducer import ChannelReducer
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.many import render_many
from lucid_widgets.optvis.objectives import channel as channel_of
from lucid_widgets.optvis.objectives import direction

_ITERATIONS = 2000
_CELL, _GAP = 72, 4


@dataclass(frozen=True)
class UnitInputs:
    """The inputs of a unit from an earlier layer.

    A notebook shows it as a picture: the strongest inputs, and below them the factors.

    Attributes:
        layer_in: Name of the earlier layer.
        layer: Name of the unit's layer.
        channel: Channel of the unit.
        inputs: Channels of the earlier layer with the largest weights, the largest first.
        weights: Weights from each of them, `[len(inputs), rows, columns]`.
        shares: Share of each in the sum of all squared weights, `[len(inputs)]`.
        images: A feature visualization of each of them, `[len(inputs), height, width, channels]`, or None.
        factors: Directions in the earlier layer, `[factors, channels]`, of length 1 and at least 0.
        factor_weights: Weights from each factor, `[factors, rows, columns]`. Together with the factors, they
            approximate the weights from all channels.
        factor_images: A feature visualization of each factor, or None.
        error: Relative error of that approximation.
    """

    layer_in: str
    layer: str
    channel: int
    inputs: tuple[int, ...]
    weights: FloatArray = field(repr=False)
    shares: FloatArray = field(repr=False)
    images: FloatArray | None = field(repr=False)
    factors: FloatArray = field(repr=False)
    factor_weights: FloatArray = field(repr=False)
    factor_images: FloatArray | None = field(repr=False)
    error: float

    @property
    def picture(self) -> FloatArray:
        """All maps as one image, `[height, width, 3]` in [0, 1]: red excites the unit, blue inhibits it."""
        rows = [row for row in (self.images, weight_colors(self.weights)) if row is not None]
        rows += [row for row in (self.factor_images, weight_colors(self.factor_weights)) if row is not None]
        columns = max(map(len, rows))
        sheet = np.ones((len(rows) * (_CELL + _GAP), columns * (_CELL + _GAP), 3), np.float32)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                top, left = number * (_CELL + _GAP), place * (_CELL + _GAP)
                sheet[top : top + _CELL, left : left + _CELL] = _resized(cell)
        return sheet

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(np.uint8(np.round(255 * self.picture))).save(buffer, "PNG")
        return buffer.getvalue()


def unit_inputs(
    model: Any,
    layer_in: str | Layer,
    layer: str | Layer,
    channel: int,
    *,
    inputs: int = 8,
    factors: int = 3,
    render_steps: int = 128,
    image_size: int | None = None,
    seed: int = 0,
) -> UnitInputs:
    """Find the channels of an earlier layer that matter most for a unit, and factorize all weights from that layer.

    Channels are sorted by the length of their weights, over all positions of the window. The factorization is
    non-negative in the channels; the maps keep their signs.

    Args:
        model: Whatever `as_model` accepts.
        layer_in: The earlier layer, or its name. `"input"` is the image, which gets no feature visualizations.
        layer: The unit's layer, or its name.
        channel: Channel of the unit.
        inputs: Number of channels, at most those of the earlier layer. Default: 8.
        factors: Number of factors; 0 for none. Default: 3.
        render_steps: Number of steps of the feature visualizations; 0 for no images. Default: 128.
        image_size: Longer side of the visualizations in pixels. Default: 128, or as the network asks for.
        seed: Seed of the factorization and of the images. Default: 0.

    Returns:
        A `UnitInputs`.

    Raises:
        ArgumentError: As for `expanded_weights`, or scikit-learn is not installed.
        OutOfRangeError: There are fewer channels, or more factors than weights in the window.
        UnknownNameError: The model has no such layer.

    Example:
        >>> found = attribution.unit_inputs(model, "conv2d0", "conv2d1", 3, factors=0, render_steps=0)
        >>> len(found.inputs), found.weights.shape[0]
        (8, 8)

    Source: Voss et al., "Visualizing Weights", Distill 2021.
    """
    visible = as_model(model)
    frames = whole_number("render_steps", render_steps, 0)
    start = whole_number("seed", seed, 0)
    found = expanded_weights(visible, layer_in, layer, channel)
    weights = found.values[0]
    positions, depth = int(np.prod(weights.shape[:-1])), weights.shape[-1]
    wanted = whole_number("inputs", inputs, 1, depth, owner=f"layer {found.layer_in!r}")
    number = whole_number("factors", factors, 0, min(2 * positions, depth), owner=f"layer {found.layer_in!r}")
    energy = (weights.astype(np.float64) ** 2).sum((0, 1))
    order = np.argsort(-energy, kind="stable")[:wanted]
    directions, maps, error = _factorized(weights, number, start)
    images = factor_images = None
    if frames and found.layer_in != "input":
        objectives = [channel_of(found.layer_in, int(each)) for each in order]
        objectives += [direction(found.layer_in, each) for each in directions]
        made = render_many(visible, objectives, steps=frames, image_size=image_size, seed=start, verbose=False)
        images, factor_images = made[:wanted], made[wanted:] if number else None
    return UnitInputs(
        found.layer_in,
        found.layer_out,
        found.units[0],
        tuple(int(each) for each in order),
        np.moveaxis(weights[..., order], -1, 0),
        np.asarray(energy[order] / max(energy.sum(), 1e-30), np.float32),
        images,
        directions,
        maps,
        factor_images,
        error,
    )


def weight_colors(weights: FloatArray) -> FloatArray:
    """Return maps `[maps, rows, columns]` as colors `[maps, rows, columns, 3]`: red above 0, blue below, white at 0.

    All maps share one scale, on which their largest absolute value is the full color.
    """
    largest = float(np.abs(weights).max()) if weights.size else 0.0
    scaled = (weights / (largest or 1.0))[..., None]
    red, blue = np.asarray([0.72, 0.09, 0.11]), np.asarray([0.10, 0.30, 0.70])
    return np.asarray(1 + np.maximum(scaled, 0) * (red - 1) + np.maximum(-scaled, 0) * (blue - 1), np.float32)


def _factorized(weights: FloatArray, factors: int, seed: int) -> tuple[FloatArray, FloatArray, float]:
    """Return directions `[factors, channels]`, their maps `[factors, rows, columns]` and the relative error."""
    rows, columns, depth = weights.shape
    if not factors:
        return np.zeros((0, depth), np.float32), np.zeros((0, rows, columns), np.float32), 1.0
    # Positive and negative weights become separate positions, so that the maps can be subtracted.
    both = np.concatenate([np.maximum(weights, 0), np.maximum(-weights, 0)]).reshape(-1, depth)
    reducer = ChannelReducer(factors, "NMF", init="nndsvda", random_state=seed, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        # The result states its error, so the warning adds nothing.
        warnings.filterwarnings("ignore", "Maximum number of iterations")
        strengths = np.asarray(reducer.fit_transform(both), np.float32)
    directions = np.asarray(reducer.components, np.float32)
    lengths = np.linalg.norm(directions, axis=1)
    directions = directions / np.maximum(lengths, 1e-12)[:, None]
    halves = (strengths * lengths).reshape(2, rows, columns, factors)
    maps = halves[0] - halves[1]
    total = float(np.linalg.norm(weights))
    error = float(np.linalg.norm(weights - maps @ directions)) / total if total else 0.0
    return directions, np.moveaxis(maps, -1, 0), error


def _resized(cell: FloatArray) -> FloatArray:
    rows, columns = cell.shape[:2]
    kind = Image.Resampling.LANCZOS if min(rows, columns) > _CELL // 2 else Image.Resampling.NEAREST
    pixels = Image.fromarray(np.uint8(np.round(255 * np.clip(np.broadcast_to(cell, (rows, columns, 3)), 0, 1))))
    return np.asarray(np.asarray(pixels.resize((_CELL, _CELL), kind)) / 255, np.float32)


__all__ = ["UnitInputs", "unit_inputs", "weight_colors"]
