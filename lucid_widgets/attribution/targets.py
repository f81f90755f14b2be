"""Targets of an attribution: a class, a difference of two targets, any objective, or a position of a later layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lucid_widgets.attribution.inputs import activations, checked_layer, require_positions
from lucid_widgets.errors import ArgumentError, ModelError, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.optvis.classification import required_class_layer
from lucid_widgets.optvis.objectives import as_objective, class_logit, direction_neuron
from lucid_widgets.optvis.objectives.tree import Objective


@dataclass(frozen=True)
class At:
    """What a later layer sees at one position, as the target of an attribution from layer to layer.

    The value is the length of the layer's activation vector at that position. Its direction is held fixed: the target
    is the dot product of the activations with the unit vector that they have for the image.

    Args:
        layer: Name of the later layer.
        row: Row of the position, counted from the top.
        column: Column of the position, counted from the left.

    Example:
        >>> target = attribution.At("mixed4c", row=3, column=4)
        >>> attribution.spatial_attribution(model, image, "mixed4a", target).values.shape
        (8, 8)

    Source: after Olah et al., "The Building Blocks of Interpretability", Distill 2018.
    """

    layer: str
    row: int
    column: int


Target: TypeAlias = "str | int | Objective | At | tuple[Any, Any]"
"""A class by name or index, an objective or its text, `At(layer, row, column)`, or a pair of these, which stands for
the first minus the second."""


def as_target(model: Any, image: FloatArray, target: Any) -> Objective:
    """Return the objective that a target stands for.

    Args:
        model: A `Model`.
        image: `[1, height, width, channels]`, for `At`.
        target: A `Target`.

    Raises:
        UnknownNameError: The model has no such class. The message suggests the most similar names.
        ModelError: The target is a class, and the model has no class layer.
        ArgumentError: The target is of another type.
    """
    if isinstance(target, tuple):
        if len(target) != 2:
            raise ArgumentError(
                f"The target is a tuple of {len(target)}.", "Expected a pair, for the first target minus the second."
            )
        first, second = (as_target(model, image, each) for each in target)
        return first - second
    if isinstance(target, At):
        return _direction_at(model, image, target)
    objective = target if isinstance(target, Objective) else None
    if objective is None:
        index = class_index(model, target)
        if index is None:
            objective = as_objective(target, model)
        else:
            # By index: all classes then share one compiled function.
            objective = class_logit(required_class_layer(model, logit_layer), index)
    objective.validate(model, 1)
    return objective


def class_index(model: Any, target: Any) -> int | None:
    """Return the index of the class that a target names; for a pair, of the first one. None if it is no class.

    Raises:
        UnknownNameError: The target is a name, but of no class and no layer.
        ModelError: The target is a class, and the model has no class layer, or no labels for a name.
    """
    if isinstance(target, tuple):
        return class_index(model, target[0]) if target else None
    if isinstance(target, (int, np.integer)) and not isinstance(target, bool):
        layer = required_class_layer(model, logit_layer)
        channels = model.get_layer(layer).channels
        last = None if channels is None else channels - 1
        return whole_number("The class", target, 0, last, owner=model.name)
    if not isinstance(target, str):
        return None
    labels = list(model.labels or ())
    short = [label.partition(",")[0] for label in labels]
    for names in (labels, short):
        if target in names:
            required_class_layer(model, logit_layer)
            return names.index(target)
    if _is_expression(model, target):
        return None
    required_class_layer(model, logit_layer)
    if not labels:
        raise ModelError(f"{model.name} has no labels.", "Pass the index of the class instead of its name.")
    raise unknown_name("class", target, model.name, short)


def _is_expression(model: Any, text: str) -> bool:
    return any(mark in text for mark in ":()+*") or bool(model.network.has(text))


def _direction_at(model: Any, image: FloatArray, at: At) -> Objective:
    name = checked_layer(model, at.layer)
    values = activations(model, image, [name])[name]
    require_positions(name, values, "Pass an objective, such as a text 'layer:channel', as the target.")
    if values.ndim != 3:
        raise ArgumentError(f"Layer {name!r} has activations of shape {values.shape}.", "Expected rows and columns.")
    row = whole_number("row", at.row, 0, values.shape[0] - 1, owner=f"layer {name!r}")
    column = whole_number("column", at.column, 0, values.shape[1] - 1, owner=f"layer {name!r}")
    vector = values[row, column]
    length = float(np.linalg.norm(vector))
    if length == 0:
        raise ArgumentError(f"All channels of {name!r} are 0 at row {row}, column {column}.", "Try another position.")
    return direction_neuron(name, vector / length, row=row, column=column)


__all__ = ["At", "Target"]
