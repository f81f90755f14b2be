"""`stops`: the layers that the slider of an explorer goes through."""

from __future__ import annotations

from lucid_widgets.modelzoo.survey.stages import survey_stages
from lucid_widgets.modelzoo.vision_models import Layer, Model

FEWEST = 4
_JOINS = ("concat", "add")
_AFTER = ("relu", "activation", "concat", "add")
_NOT_SHOWN = ("pre_relu", "pool", "pad", "norm", "softmax", "dropout", "reshape", "other")
_PRE_RELU = "_pre_relu"


def stops(model: Model) -> list[str]:
    """Return names of layers with positions, from edges to objects.

    In each stage of the network, these are the layers that join branches, or else its last one that computes something.
    If there are few of them, all layers with positions are returned.
    """
    layers = list(model.layers)
    names = {layer.name for layer in layers}
    found: list[str] = []
    for stage in survey_stages(model).stages:
        inside = [layer for layer in layers[stage.first : stage.first + stage.count] if _has_positions(layer)]
        # A join before its ReLU stands for the layer after it, which is what the network goes on with.
        after = (layer.name.removesuffix(_PRE_RELU) for layer in inside if layer.kind in _JOINS)
        joins = [name for name in dict.fromkeys(after) if name in names]
        found += joins or [layer.name for layer in inside if layer.kind not in _NOT_SHOWN][-1:]
    if len(found) < FEWEST:
        spatial = [layer for layer in layers if _has_positions(layer) and layer.kind not in _NOT_SHOWN]
        activated = [layer.name for layer in spatial if layer.kind in _AFTER]
        found = activated if len(activated) >= FEWEST else [layer.name for layer in spatial]
    return found


def _has_positions(layer: Layer) -> bool:
    return bool(layer.channels) and layer.shape is not None and len(layer.shape) > 1


__all__ = ["stops"]
