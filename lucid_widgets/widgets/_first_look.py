"""What a widget shows of a model that nobody has said anything about."""

from __future__ import annotations

from lucid_widgets._errors import ModelError
from lucid_widgets.modelzoo.vision_models import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import Objective

# Kinds of layers in which a channel is a feature in space.
_SPATIAL = frozenset({"conv", "pre_relu", "relu", "activation", "concat", "add", "norm"})
# By that share of a network's work, channels have become parts of things.
_MIDDLE = 0.6


def first_objective(model: Model) -> Objective:
    """The model's `first_look`, or channel 0 of a layer in the middle.

    Raises:
        ModelError: If the model has no layer with channels.
    """
    if model.first_look is not None:
        return objectives.channel(*model.first_look)
    return objectives.channel(middle_layer(model).name, 0)


def middle_layer(model: Model) -> Layer:
    """The first layer by which most of the network's work is done, one with positions where there is such."""
    layers = [layer for layer in model.layers if layer.channels]
    spatial = [layer for layer in layers if layer.kind in _SPATIAL] or layers
    if not spatial:
        raise ModelError(f"{model.name} has no layer with channels.", "Name the objective.")
    return next((layer for layer in spatial if layer.share >= _MIDDLE), spatial[len(spatial) // 2])


def class_layer(model: Model) -> Layer | None:
    """The layer of the classes' scores: the last that has one for each label, logits rather than probabilities."""
    count = None if model.labels is None else len(model.labels)
    fitting = [layer for layer in model.layers if layer.channels == count]
    logits = [layer for layer in fitting if layer.kind != "softmax"]
    flat = [layer for layer in model.layers if layer.kind == "dense"]
    return next(iter([*logits[-1:], *fitting[-1:], *flat[-1:], *model.layers[-1:]]), None)
