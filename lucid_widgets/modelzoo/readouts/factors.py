"""`nmf` and `pca`: directions that the activations of a layer are made of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.images import ImageSet
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.readout import Readout
from lucid_widgets.modelzoo.readouts.activations import all_positions, layer_name
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Factors", "nmf", "pca"]

PER_IMAGE = 32
"""Default number of positions of each image."""

_ITERATIONS = 1000


@dataclass(frozen=True, eq=False)
class Factors(Readout):
    """Directions from a factorization of activations, each of unit length.

    Attributes:
        method: "nmf" or "pca".
        explained: How much of the activations the factors explain: of their squared length for NMF, and of their
            variance for PCA, in [0, 1].
    """

    method: str = ""
    explained: float = 0.0

    def __repr__(self) -> str:
        return (
            f"<{self.units} directions by {self.method.upper()} after {self.layer!r}, which explain "
            f"{self.explained:.0%} of the activations>"
        )


def nmf(
    model: Any,
    layer: str | Layer,
    images: Any,
    units: int = 8,
    *,
    per_image: int = PER_IMAGE,
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
) -> Factors:
    """Find groups of channels that fire together in many images, by non-negative matrix factorization.

    The activations at positions of the images are approximated by sums of the directions with positive weights. The
    value of a unit is the dot product of the activations with its direction. `attribution.neuron_groups` does the same
    for a single image.

    Args:
        model: Whatever `as_model` accepts.
        layer: The layer, or its name. Its activations must not be negative, as after a ReLU.
        images: An `ImageSet`, or what `ImageSet.of` accepts.
        units: Number of directions. Default: 8.
        per_image: Most positions of each image that are used, drawn at random. Default: 32.
        image_size: Size of the images, in pixels: one number, or height and width. Default: the network's, or that of
            the images.
        seed: Seed of the draw and of the factorization. Default: 0.

    Returns:
        `Factors`, for `model.with_readout`.

    Raises:
        ArgumentError: The layer has negative activations, or scikit-learn is not installed.
        OutOfRangeError: There are more directions than channels or positions.
        UnknownNameError: The model has no such layer.

    Example:
        >>> groups = readouts.nmf(model, "mixed3a", images, 3)
        >>> groups.directions.shape
        (3, 104)

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """
    name, values, count, start = _samples(model, layer, images, units, per_image, image_size, seed)
    if values.min() < 0:
        raise ArgumentError(
            f"Layer {name!r} has activations down to {values.min():g}.",
            "Expected none below 0, as after a ReLU. Use readouts.pca for this layer.",
        )
    decomposition = needed("sklearn.decomposition", "readouts.nmf")
    with waiting("Factorizing the activations"), warnings.catch_warnings():
        # `explained` tells how well the factorization fits, converged or not.
        warnings.filterwarnings("ignore", "Maximum number of iterations")
        reducer = decomposition.NMF(count, init="nndsvda", max_iter=_ITERATIONS, random_state=start)
        weights = reducer.fit_transform(values)
    rest = np.sum((values - weights @ reducer.components_) ** 2, dtype=np.float64)
    explained = 1 - float(rest / max(np.sum(values**2, dtype=np.float64), 1e-12))
    return Factors(_unit_length(reducer.components_), layer=name, method="nmf", explained=explained)


def pca(
    model: Any,
    layer: str | Layer,
    images: Any,
    units: int = 8,
    *,
    per_image: int = PER_IMAGE,
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
) -> Factors:
    """Find the directions in which the activations of a layer vary most: their principal components.

    The value of a unit is the distance from the mean activation along its direction, so its negative is as meaningful
    as the unit itself: maximize `-objectives.channel("parts", 0)`, too.

    Args:
        model: Whatever `as_model` accepts.
        layer: The layer, or its name.
        images: An `ImageSet`, or what `ImageSet.of` accepts.
        units: Number of directions, in order of decreasing variance. Default: 8.
        per_image: Most positions of each image that are used, drawn at random. Default: 32.
        image_size: As for `nmf`.
        seed: Seed of the draw. Default: 0.

    Returns:
        `Factors`, for `model.with_readout`.

    Raises:
        ArgumentError: scikit-learn is not installed.
        OutOfRangeError: There are more directions than channels or positions.
        UnknownNameError: The model has no such layer.

    Example:
        >>> parts = readouts.pca(model, "mixed3a", images, 3)
        >>> parts.directions.shape
        (3, 104)
    """
    name, values, count, start = _samples(model, layer, images, units, per_image, image_size, seed)
    decomposition = needed("sklearn.decomposition", "readouts.pca")
    with waiting("Factorizing the activations"):
        reducer = decomposition.PCA(count, svd_solver="full", random_state=start).fit(values)
    directions = _unit_length(reducer.components_)
    bias = -directions @ reducer.mean_.astype(np.float32)
    explained = float(np.sum(reducer.explained_variance_ratio_))
    return Factors(directions, bias=bias, layer=name, method="pca", explained=explained)


def _samples(
    model: Any,
    layer: str | Layer,
    images: Any,
    units: int,
    per_image: int,
    size: int | tuple[int, int] | None,
    seed: int,
) -> tuple[str, FloatArray, int, int]:
    """Check the arguments, and return the layer, its activations, the number of directions and the seed."""
    visible = as_model(model)
    name = layer_name(visible, layer)
    channels = visible.get_layer(name).channels
    count = whole_number("units", units, 1, channels, owner=f"the {channels} channels of layer {name!r}")
    most, start = whole_number("per_image", per_image, 1), whole_number("seed", seed, 0)
    with waiting("Computing activations"):
        values = all_positions(visible, name, ImageSet.of(images), size, most, start)
    whole_number("units", count, 1, len(values), owner=f"{len(values)} positions")
    return name, values, count, start


def _unit_length(components: Any) -> FloatArray:
    lengths = np.linalg.norm(components, axis=1, keepdims=True)
    found: FloatArray = (components / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found
