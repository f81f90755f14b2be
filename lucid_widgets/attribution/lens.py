"""`logit_lens`: the classes that an earlier layer already shows, read by the end of the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.attribution.from_layer import FromLayer
from lucid_widgets.attribution.inputs import activations, checked_image, checked_layer, require_positions
from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.classification import TOP, Prediction, most_probable, required_class_layer


@dataclass(frozen=True)
class LogitLens:
    """Classes read from a layer.

    Attributes:
        layer: Name of the layer.
        through: Name of the later layer whose place its activations took.
        logits: Logits of all classes for the activations of each position alone, `[height, width, classes]`; in a
            transformer, `[tokens, classes]`.
        pooled: Logits for the mean of the activations over positions, `[classes]`.
        classes: The five most probable classes for that mean, the most probable one first.
    """

    layer: str
    through: str
    logits: FloatArray = field(repr=False)
    pooled: FloatArray = field(repr=False)
    classes: tuple[Prediction, ...]


def logit_lens(
    model: Any, image: npt.ArrayLike, layer: str | Layer, *, through: str | Layer | None = None
) -> LogitLens:
    """Read classes from a layer with what the network has after a later layer.

    The activations of one position (or their mean over positions) take the place of the later layer's activations at
    all its positions, and the rest of the network computes the logits. Both layers need the same number of channels, as
    in residual networks and transformers.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8.
        layer: The layer to read, or its name.
        through: The later layer. Default: the last layer of the same kind and number of channels below the logits, so
            that a final normalization is applied too; if there is none, the last one with that number of channels.

    Returns:
        A `LogitLens`.

    Raises:
        ArgumentError: The image has the wrong shape or range, a layer has no positions, or the channels differ.
        UnknownNameError: The model has no such layer.
        ModelError: The model has no class layer.

    Example:
        >>> found = attribution.logit_lens(model, image, "mixed5b")
        >>> found.logits.shape, found.classes[0].label
        ((8, 8, 160), '...')

    Source: nostalgebraist, "Interpreting GPT: the logit lens", 2020.
    """
    visible = as_model(model)
    name = checked_layer(visible, layer)
    required_class_layer(visible, logit_layer)
    later = _last_alike(visible, name) if through is None else checked_layer(visible, through)
    given = checked_image(visible, image)
    found = activations(visible, given, list(dict.fromkeys([name, later])))
    acts, place = found[name], found[later]
    for each, values in found.items():
        require_positions(each, values, "Choose a layer below it.")
    if acts.shape[-1] != place.shape[-1]:
        raise ArgumentError(
            f"Layer {name!r} has {acts.shape[-1]} channels, but {later!r} has {place.shape[-1]}.",
            "Expected two layers with the same number of channels.",
        )
    network = FromLayer(visible, given, later)
    vectors = np.concatenate([acts.mean(tuple(range(acts.ndim - 1)))[None], acts.reshape(-1, acts.shape[-1])])
    spread = np.broadcast_to(vectors.reshape(-1, *[1] * (place.ndim - 1), acts.shape[-1]), (len(vectors), *place.shape))
    logits = network.logits(spread)
    classes = most_probable(visible, network.probabilities(spread[:1])[0], TOP)
    return LogitLens(name, later, logits[1:].reshape(*acts.shape[:-1], -1), logits[0], classes)


def _last_alike(model: Any, name: str) -> str:
    layer = model.get_layer(name)
    logits = required_class_layer(model, logit_layer)
    below = [each for each in model.layers if each.shape is not None and len(each.shape) > 1 and each.name != logits]
    fitting = [each for each in below if each.channels == layer.channels]
    alike = [each for each in fitting if each.kind == layer.kind] or fitting
    return str(alike[-1].name) if alike else name


__all__ = ["LogitLens", "logit_lens"]
