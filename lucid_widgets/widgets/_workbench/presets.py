"""Presets: settings that answer a question people ask, for whatever network there is."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from lucid_widgets.errors import ModelError, unknown_name
from lucid_widgets.modelzoo.vision_models import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.widgets._workbench.run_settings import RunSettings

# Kinds of layers in which a channel is a feature in space.
_SPATIAL = frozenset({"conv", "pre_relu", "relu", "activation", "concat", "add", "norm"})
# By that share of a network's work, channels have become parts of things.
_MIDDLE = 0.6
MOST_FOUND = 40
_DREAM_SIZE = 224

_PLAIN = {
    "parameterization": "fourier",
    "decorrelate": True,
    "alpha": False,
    "start_image": None,
    "robust_to": "affine",
}
_PLAIN |= {
    name: getattr(RunSettings, name) for name in ("shift", "scale", "rotate", "optimizer", "learning_rate", "steps")
}


def default_objective(model: Model) -> Objective:
    """What to look at where nobody says what: the model's own first look, or a channel in the middle."""
    if model.first_look is not None:
        return objectives.channel(*model.first_look)
    return objectives.channel(middle_layer(model).name, 0)


def class_layer(model: Model) -> str | None:
    """The layer with one channel for each of the model's labels, before a softmax if there is a choice."""
    if model.labels is None:
        return None
    fitting = [layer for layer in model.layers if layer.channels == len(model.labels)]
    before = [layer for layer in fitting if layer.kind != "softmax"]
    return (before or fitting)[-1].name if fitting else None


def find_classes(model: Model, query: str) -> list[dict[str, Any]]:
    """Classes whose names hold all words of a query, those first that begin with it; at most 40."""
    words = query.lower().split()
    found = [
        {"index": index, "label": label}
        for index, label in enumerate(model.labels or ())
        if all(word in label.lower() for word in words)
    ]
    found.sort(key=lambda each: not str(each["label"]).lower().startswith(query.strip().lower()))
    return found[:MOST_FOUND]


def _channel(model: Model, objective: Objective, label: Any) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    return {"objective": objectives.channel(layer, number), "batch": 1, **_PLAIN}


def _class(model: Model, objective: Objective, label: Any) -> dict[str, Any]:
    layer = class_layer(model)
    if layer is None:
        raise ModelError(f"{model.name} has no labels.", "Maximize a channel of its last layer instead.")
    chosen = (model.labels or ("",))[0] if label is None else label
    return {"objective": objectives.class_logit(layer, chosen), "batch": 1, **_PLAIN}


def _dream(model: Model, objective: Objective, label: Any) -> dict[str, Any]:
    layer, _ = _unit(model, objective)
    # Pixels keep what is in a photograph, while frequencies soon drown it: both were looked at.
    way = {"parameterization": "pixels", "learning_rate": 0.02, "steps": 64, "image_size": _DREAM_SIZE}
    chosen = {"objective": objectives.deepdream(layer), "batch": 1, **_PLAIN, **way}
    del chosen["start_image"]  # the photograph that is there stays
    return chosen


def _interpolation(model: Model, objective: Objective, label: Any) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    other = (number + 1) % (model.get_layer(layer).channels or number + 2)
    between = objectives.channel_interpolate(layer, number, layer, other)
    return {"objective": between, "batch": 6, **_PLAIN}


def _diversity(model: Model, objective: Objective, label: Any) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    return {"objective": objectives.channel(layer, number) - 2 * objectives.diversity(layer), "batch": 4, **_PLAIN}


PRESETS: MappingProxyType[str, Callable[[Model, Objective, Any], dict[str, Any]]] = MappingProxyType(
    {
        "channel": _channel,
        "class": _class,
        "deep dream": _dream,
        "interpolation": _interpolation,
        "diversity": _diversity,
    }
)


def preset(name: str, model: Model, objective: Objective, label: str | None = None) -> dict[str, Any]:
    """The settings of a preset.

    Args:
        name: One of `PRESETS`.
        model: What is looked into.
        objective: What is maximized now: its layer and channel are kept where they can be.
        label: For "class": one of the model's labels.

    Raises:
        UnknownNameError: There is no such preset, or no such class.
        ModelError: "class" for a model without labels.
    """
    if name not in PRESETS:
        raise unknown_name("preset", str(name), "LucidWidget", list(PRESETS))
    return PRESETS[name](model, objective, label)


def _unit(model: Model, objective: Objective) -> tuple[str, int]:
    """The channel that is looked at now, or the one to begin with."""
    for shown in (objective, default_objective(model)):
        single = single_channel(shown)
        if single is not None and model.get_layer(single[0]).kind in _SPATIAL:
            return single
    return middle_layer(model).name, 0


def middle_layer(model: Model) -> Layer:
    """The first layer by which most of the network's work is done, one with positions where there is such."""
    layers = [layer for layer in model.layers if layer.channels]
    spatial = [layer for layer in layers if layer.kind in _SPATIAL] or layers
    if not spatial:
        raise ModelError(f"{model.name} has no layer with channels.", "Name the objective.")
    return next((layer for layer in spatial if layer.share >= _MIDDLE), spatial[len(spatial) // 2])


__all__ = ["PRESETS", "class_layer", "default_objective", "find_classes", "middle_layer", "preset"]
