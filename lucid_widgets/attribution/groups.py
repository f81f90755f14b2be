"""`neuron_groups`: channels of a layer that fire together in an image, and the effect of each group on classes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.attribution.attributions import STEPS, multiplier
from lucid_widgets.attribution.from_layer import FromLayer
from lucid_widgets.attribution.inputs import checked_image, checked_layer, require_positions
from lucid_widgets.attribution.targets import Target, as_target
from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.channel_reducer import ChannelReducer
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.class_layer import score_layer
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.optvis.classification import TOP, most_probable
from lucid_widgets.optvis.many import render_many
from lucid_widgets.optvis.objectives import direction

GROUPS = 6
"""Default number of groups."""

_ITERATIONS = 2000


@dataclass(frozen=True)
class NeuronGroups:
    """Groups of channels that fire together.

    Attributes:
        layer: Name of the layer.
        maps: How strongly each group fires at each position, `[height, width, groups]`, at least 0. In a transformer,
            `[tokens, groups]`.
        directions: The channels of each group, `[groups, channels]`, at least 0. `maps @ directions` approximates the
            activations.
        targets: The targets of `effects`, in order.
        effects: Contribution of each group to each target, `[groups, len(targets)]`. Over the groups, they sum to the
            attribution of the approximated activations.
        images: Feature visualization of each direction, `[groups, height, width, channels]`; None if no images were
            asked for.
        error: Distance between the activations and `maps @ directions`, relative to the length of the activations.
    """

    layer: str
    maps: FloatArray = field(repr=False)
    directions: FloatArray = field(repr=False)
    targets: tuple[Target, ...]
    effects: FloatArray = field(repr=False)
    images: FloatArray | None = field(repr=False)
    error: float


def neuron_groups(
    model: Any,
    image: npt.ArrayLike,
    layer: str | Layer,
    groups: int = GROUPS,
    *,
    targets: Sequence[Target] | None = None,
    steps: int = STEPS,
    render_steps: int = 128,
    image_size: int | None = None,
    seed: int = 0,
) -> NeuronGroups:
    """Group the channels of a layer by non-negative matrix factorization of its activations for one image.

    The effect of a group on a target is its part of the activations times the gradient of the target, averaged over
    the path from 0 to the activations as for integrated gradients. The factorization ends after at most 2,000
    iterations; `error` of the result says how well it fits.

    Args:
        model: Whatever `as_model` accepts.
        image: `[height, width, channels]`, floats in [0, 1] or uint8.
        layer: The layer, or its name. Its activations must not be negative, as after a ReLU.
        groups: Number of groups, at most the number of positions and of channels. Default: 6.
        targets: Targets whose effects are computed, as for `spatial_attribution`. Default: the five most probable
            classes, by index; none for a model without classes.
        steps: Number of steps along the path. Default: 32.
        render_steps: Number of steps of the feature visualizations; 0 for no images. Default: 128.
        image_size: Longer side of the visualizations in pixels. Default: 128, or as the network asks for.
        seed: Seed of the factorization and of the images. Default: 0.

    Returns:
        A `NeuronGroups`.

    Raises:
        ArgumentError: The image has the wrong shape or range, the layer has no positions or negative activations, or
            scikit-learn is not installed.
        OutOfRangeError: There are more groups than positions or channels.
        UnknownNameError: The model has no such layer or class.

    Example:
        >>> found = attribution.neuron_groups(model, image, "mixed4a", groups=3, targets=["dog"], render_steps=0)
        >>> found.maps.shape, found.directions.shape, found.effects.shape
        ((8, 8, 3), (3, 256), (3, 1))

    Source: Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """
    visible = as_model(model)
    name = checked_layer(visible, layer)
    path_steps = whole_number("steps", steps, 1)
    frames = whole_number("render_steps", render_steps, 0)
    start = whole_number("seed", seed, 0)
    given = checked_image(visible, image)
    network = FromLayer(visible, given, name)
    acts = network.values
    require_positions(name, acts, "Choose a layer below it.")
    if acts.min() < 0:
        raise ArgumentError(
            f"Layer {name!r} has activations down to {acts.min():g}.",
            "Expected none below 0, as after a ReLU. GELU, SiLU and the sums of residual blocks go below it.",
        )
    most = min(int(np.prod(acts.shape[:-1])), acts.shape[-1])
    count = whole_number("groups", groups, 1, most, owner=f"layer {name!r}")
    if targets is None:
        targets = _likely(visible, network)
    objectives = [as_target(visible, given, target) for target in targets]
    reducer = ChannelReducer(count, "NMF", init="nndsvda", random_state=start, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        # Images without structure converge slowly. The result states its error, so the warning adds nothing.
        warnings.filterwarnings("ignore", "Maximum number of iterations")
        maps = reducer.fit_transform(acts).astype(np.float32)
    directions = np.asarray(reducer.components, np.float32)
    effects = np.zeros((count, len(objectives)), np.float32)
    for column, objective in enumerate(objectives):
        gradients = partial(network.gradients, objective)
        _, gradient = multiplier("integrated_gradients", gradients, acts, np.zeros_like(acts), path_steps)
        effects[:, column] = (maps * (gradient @ directions.T)).sum(tuple(range(acts.ndim - 1)))
    images = None
    if frames:
        wanted = [direction(name, each) for each in directions]
        images = render_many(visible, wanted, steps=frames, image_size=image_size, seed=start, verbose=False)
    length = float(np.linalg.norm(acts))
    error = float(np.linalg.norm(acts - maps @ directions)) / length if length else 0.0
    return NeuronGroups(name, maps, directions, tuple(targets), effects, images, error)


def _likely(model: Any, network: FromLayer) -> tuple[int, ...]:
    if score_layer(model) is None:
        return ()
    return tuple(each.index for each in most_probable(model, network.probabilities(network.values[None])[0], TOP))


__all__ = ["NeuronGroups", "neuron_groups"]
