"""`strongest_inputs`: the channels of an earlier layer with the largest weights to a unit, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.attribution.circuits import ExpandedWeights, expanded_weights
from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.survey.layers_before import layers_before
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis import objectives
from lucid_widgets.widgets._explorer.features import Features
from lucid_widgets.widgets._explorer.packing import blocks
from lucid_widgets.widgets._grid.grid_settings import first_size

MOST = 6
"""Most inputs that excite the unit, and most that inhibit it."""

SIDE = 15
"""Of weight maps with more positions than a square with this side, blocks of positions are shown."""

IMAGE = "input"


@dataclass(frozen=True, eq=False)
class StrongestInputs:
    """The strongest inputs of a unit.

    Attributes:
        about: A description for the page.
        channels: The channels, those that excite the unit first.
        features: Makes their feature images; None if the earlier layer is the image itself.
    """

    about: dict[str, Any]
    channels: tuple[int, ...]
    features: Features | None


def strongest_inputs(model: Model, layer: str, channel: int, wanted: str = "") -> StrongestInputs:
    """Find the inputs of a unit.

    An input whose weights sum to less than 0 inhibits the unit; any other excites it. Both kinds are sorted by the
    length of their weights, over all positions of the window.

    Args:
        model: The model.
        layer: The unit's layer.
        channel: Its channel.
        wanted: The earlier layer. Default: the nearest of `layers_before`, also if the unit does not depend on it.

    Raises:
        ArgumentError: A layer has tokens.
    """
    shape = model.get_layer(layer).shape
    if shape is not None and len(shape) == 2:
        raise ArgumentError(
            f"The activations of layer {layer!r} are tokens.",
            "How attention mixes tokens depends on the image, so no fixed weights lead to this unit.",
        )
    choices = layers_before(model, layer)
    found = _weights(model, [*([wanted] if wanted else []), choices[0]], layer, channel)
    weights, start = found.values[0], found.layer_in
    energy, sums = (weights.astype(np.float64) ** 2).sum((0, 1)), weights.sum((0, 1), dtype=np.float64)
    order = [int(each) for each in np.argsort(-energy, kind="stable") if energy[each] > 0]
    exciting = [each for each in order if sums[each] >= 0][:MOST]
    inhibiting = [each for each in order if sums[each] < 0][:MOST]
    channels = (*exciting, *inhibiting)
    maps, block = blocks(weights[..., list(channels)], SIDE**2)
    rows = [
        {
            "channel": each,
            "excites": bool(sums[each] >= 0),
            "sum": float(sums[each]),
            "share": float(energy[each] / energy.sum()),
            "map": _rounded(maps[..., place]),
        }
        for place, each in enumerate(channels)
    ]
    about = {
        "state": "ready",
        "layer": layer,
        "channel": channel,
        "from": start,
        "choices": list(dict.fromkeys([*choices, start])),
        "count": weights.shape[-1],
        "rows": rows,
        "height": maps.shape[0],
        "width": maps.shape[1],
        "block": block,
        "largest": float(np.abs(maps).max(initial=0.0)),
    }
    features = None
    if start != IMAGE and channels:
        size = first_size(model, objectives.channel(start, 0), None, None)
        features = Features("channels", model, start, weights.shape[-1], size)
    return StrongestInputs(about, channels, features)


def _weights(model: Model, layers: list[str], layer: str, channel: int) -> ExpandedWeights:
    """The weights from the first of some layers on which the unit depends."""
    for start in layers[:-1]:
        try:
            return expanded_weights(model, start, layer, channel)
        except LucidError:
            continue
    return expanded_weights(model, layers[-1], layer, channel)


def _rounded(values: FloatArray) -> list[float]:
    return [float(f"{value:.4g}") for value in values.ravel()]


__all__ = ["IMAGE", "MOST", "SIDE", "StrongestInputs", "strongest_inputs"]
