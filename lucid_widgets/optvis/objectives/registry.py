"""The objectives of this package by name: everything that the text of an objective can call."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from lucid_widgets.optvis.objectives.batch import alignment, channel_interpolate, channels, diversity
from lucid_widgets.optvis.objectives.directions import (
    direction,
    direction_neuron,
    facet,
    image_direction,
    similarity,
    tensor_direction,
    text_direction,
)
from lucid_widgets.optvis.objectives.image import (
    L1,
    L2,
    blur_alpha_each_step,
    blur_input_each_step,
    input_diff,
    penalize_boundary_complexity,
    total_variation,
)
from lucid_widgets.optvis.objectives.likeness import accentuate, distribution_diff
from lucid_widgets.optvis.objectives.maker import Call, ObjectiveMaker
from lucid_widgets.optvis.objectives.tokens import attention, token
from lucid_widgets.optvis.objectives.tree import Objective
from lucid_widgets.optvis.objectives.units import channel, class_logit, deepdream, neuron, voxel

AnyMaker: TypeAlias = ObjectiveMaker[...]

_MAKERS: tuple[AnyMaker, ...] = (
    channels,
    channel_interpolate,
    alignment,
    diversity,
    direction,
    direction_neuron,
    tensor_direction,
    total_variation,
    L1,
    L2,
    blur_input_each_step,
    blur_alpha_each_step,
    penalize_boundary_complexity,
    input_diff,
    accentuate,
    distribution_diff,
    neuron,
    channel,
    deepdream,
    class_logit,
    token,
    attention,
    voxel,
    similarity,
    text_direction,
    image_direction,
    facet,
)

OBJECTIVES: Mapping[str, AnyMaker] = MappingProxyType({maker.name: maker for maker in _MAKERS})
"""Makers by name. Read-only: objectives made with `wrap_objective` are not added, so text cannot call them."""


def is_registered(leaf: Objective) -> bool:
    """Whether an objective is a call of one of the makers in `OBJECTIVES`, not of one with the same name."""
    return isinstance(leaf, Call) and OBJECTIVES.get(leaf.maker.name) is leaf.maker


__all__ = ["OBJECTIVES", "AnyMaker", "is_registered"]
