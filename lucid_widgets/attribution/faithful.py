"""`faithfulness`: deletion and insertion curves, which compare attributions by a number on one's own image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.attribution.attributions import Attribution
from lucid_widgets.attribution.from_layer import FromLayer
from lucid_widgets.attribution.inputs import checked_image
from lucid_widgets.attribution.targets import class_index
from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.adapt import as_model

POINTS = 50
"""Default number of steps of a curve."""

ORDERS = 2
"""Default number of random orders."""

_REPLACEMENTS = ("zero", "mean")


@dataclass(frozen=True)
class Faithfulness:
    """Deletion and insertion curves of an attribution, and those of a random order.

    Attributes:
        label: Index of the class whose probability the curves show.
        fractions: Fraction of the positions or channels that was replaced or put back, `[points + 1]`, from 0 to 1.
        deletion: Probability of the class while the parts with the largest attribution are replaced first,
            `[points + 1]`.
        insertion: Probability while they are put back first, `[points + 1]`.
        random_deletion: Mean deletion curve of random orders, `[points + 1]`.
        random_insertion: Mean insertion curve of random orders, `[points + 1]`.
        deletion_area: Area under `deletion`, from 0 to 1. Lower is better.
        insertion_area: Area under `insertion`. Higher is better.
        random_deletion_area: Area under `random_deletion`.
        random_insertion_area: Area under `random_insertion`.
    """

    label: int
    fractions: FloatArray = field(repr=False)
    deletion: FloatArray = field(repr=False)
    insertion: FloatArray = field(repr=False)
    random_deletion: FloatArray = field(repr=False)
    random_insertion: FloatArray = field(repr=False)
    deletion_area: float
    insertion_area: float
    random_deletion_area: float
    random_insertion_area: float


def faithfulness(
    model: Any,
    image: npt.ArrayLike,
    attribution: Attribution,
    label: str | int | None = None,
    *,
    replace: str = "zero",
    points: int = POINTS,
    random_orders: int = ORDERS,
    seed: int = 0,
) -> Faithfulness:
    """Measure how well an attribution ranks the positions or channels of its layer.

    The positions (or channels) are replaced in order of attribution, the largest first, and the network computes the
    probability of the class after each step. The better the order, the sooner the probability falls. For insertion,
    everything is replaced at first, and the parts are put back in the same order.

    Args:
        model: The model of the attribution.
        image: The image of the attribution.
        attribution: What `spatial_attribution` or `channel_attribution` returned.
        label: The class whose probability is measured, by name or index. Default: the class that is the target of the
            attribution; for a pair, the first one.
        replace: "zero" replaces activations by 0; "mean" by the mean of their channel over positions (in a layer
            without positions, by the mean over channels). Default: "zero".
        points: Most steps of a curve. A layer with fewer positions, or channels, has one step for each. Default: 50.
        random_orders: Number of random orders that are averaged, at least 1. Default: 2.
        seed: Seed of the random orders. Default: 0.

    Returns:
        A `Faithfulness` with the curves and their areas.

    Raises:
        ArgumentError: The target of the attribution is no class, and there is no `label`; or the attribution belongs to
            an image of another size.
        UnknownNameError: The model has no such class, or `replace` is unknown.
        ModelError: The model has no class layer.

    Example:
        >>> where = attribution.spatial_attribution(model, image, "mixed4a", "dog", steps=8)
        >>> curves = attribution.faithfulness(model, image, where, points=16)
        >>> curves.deletion.shape
        (17,)

    Source: after Petsiuk et al., "RISE", 2018, who replace pixels.
    """
    visible = as_model(model)
    if replace not in _REPLACEMENTS:
        raise unknown_name("replacement", str(replace), "faithfulness", _REPLACEMENTS)
    most, orders = whole_number("points", points, 1), whole_number("random_orders", random_orders, 1)
    generator = np.random.default_rng(whole_number("seed", seed, 0))
    index = class_index(visible, attribution.target if label is None else label)
    if index is None:
        raise ArgumentError(
            f"The target of the attribution is {attribution.target!r}, which is no class."
            if label is None
            else f"label is {label!r}.",
            "Pass label=, the name or the index of a class.",
        )
    network = FromLayer(visible, checked_image(visible, image), attribution.layer)
    acts = network.values
    if acts.shape != attribution.activations.shape:
        raise ArgumentError(
            f"Layer {attribution.layer!r} has activations of shape {acts.shape} for this image, but the attribution "
            f"is for {attribution.activations.shape}.",
            "Pass the image that the attribution was computed for.",
        )
    replaced = np.broadcast_to(_replacement(replace, acts), acts.shape)
    size = attribution.values.size
    counts = np.unique(np.rint(np.linspace(0, size, min(most, size) + 1)).astype(int))

    def curves(order: npt.NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        rank = np.argsort(order).reshape(attribution.values.shape)
        shown = rank[..., None] if attribution.axis == "positions" else rank
        first = counts.reshape(-1, *[1] * acts.ndim) > shown
        deleted = network.probabilities(np.where(first, replaced, acts))[:, index]
        return deleted, network.probabilities(np.where(first, acts, replaced))[:, index]

    deletion, insertion = curves(np.argsort(-attribution.values.reshape(-1), kind="stable"))
    controls = [curves(generator.permutation(size)) for _ in range(orders)]
    random_deletion, random_insertion = np.mean(np.asarray(controls, np.float32), 0)
    fractions = (counts / size).astype(np.float32)
    every = (deletion, insertion, random_deletion, random_insertion)
    areas = [float(((each[1:] + each[:-1]) / 2 * np.diff(fractions)).sum()) for each in every]
    return Faithfulness(index, fractions, *every, *areas)


def _replacement(replace: str, acts: FloatArray) -> Any:
    if replace == "zero":
        return np.float32(0)
    return acts.mean(tuple(range(acts.ndim - 1)), keepdims=True) if acts.ndim > 1 else acts.mean()


__all__ = ["Faithfulness", "faithfulness"]
