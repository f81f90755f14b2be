"""Presets: settings that answer common questions, for any model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from lucid_widgets.errors import ArgumentError, ModelError, closest, unknown_name
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.vision_models import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.default_image import default_robustness, default_shift
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.objectives.maker import Call
from lucid_widgets.optvis.objectives.text import single_channel
from lucid_widgets.widgets._workbench.run_settings import OPTIMIZERS, RunSettings

# Kinds of layers whose channels have positions.
_SPATIAL = frozenset({"conv", "pre_relu", "relu", "activation", "concat", "add", "norm"})
# Share of a network's compute after which channels tend to show parts of objects.
_MIDDLE = 0.6
MAX_FOUND = 40
_DREAM_SIZE = 224

# Where the layers to compare with real images lie, as shares of the way from the first layer to that of the unit.
_KEPT_AT = 0.4
_MATCHED_AT = (0.1, 0.4, 0.7, 1.0)
_MATCH = 10.0

_PLAIN = {
    "parameterization": "fourier",
    "decorrelate": True,
    "alpha": False,
    "start_image": None,
}
_PLAIN |= {name: getattr(RunSettings, name) for name in ("scale", "rotate", "steps")}


class Material(NamedTuple):
    """What some presets need besides the objective.

    Attributes:
        photo: Returns the start image at the size of the image; raises a `LucidError` if there is none.
        real: Returns the real images that excite a unit most, or None if they must be looked up first; raises a
            `LucidError` if there are none.
    """

    photo: Callable[[], Any]
    real: Callable[[str, int], Any]


def recipe(model: Model) -> dict[str, Any]:
    """The settings that a model starts with, if they depend on it.

    Transformers get transforms that no grid of patches survives, and a learning rate that falls along a cosine.
    """
    robust_to = default_robustness(model)
    optimizer = "AdamCosine" if robust_to == "tokens" else "Adam"
    return {"robust_to": robust_to, "shift": default_shift(model), "optimizer": optimizer}


def _plain(model: Model) -> dict[str, Any]:
    usual = recipe(model)
    return {**_PLAIN, **usual, "learning_rate": OPTIMIZERS[usual["optimizer"]]}


def default_objective(model: Model) -> Objective:
    """The objective to start with: the model's `first_look`, or channel 0 of a layer in the middle."""
    if model.first_look is not None:
        return objectives.channel(*model.first_look)
    return objectives.channel(middle_layer(model).name, 0)


def find_classes(model: Model, query: str) -> list[dict[str, Any]]:
    """At most 40 classes whose labels contain all words of a query; labels that begin with it come first.

    If there are none, those with the most similar names, which are marked as "near".
    """
    words = query.lower().split()
    found = [
        {"index": index, "label": label}
        for index, label in enumerate(model.labels or ())
        if all(word in label.lower() for word in words)
    ]
    found.sort(key=lambda each: not str(each["label"]).lower().startswith(query.strip().lower()))
    return found[:MAX_FOUND] or _near_classes(model, query)


def _near_classes(model: Model, query: str) -> list[dict[str, Any]]:
    labels = list(model.labels or ())
    names = {name.strip(): index for index, label in reversed(list(enumerate(labels))) for name in label.split(",")}
    near = dict.fromkeys(names[name] for name in closest(query.strip(), list(names), count=5))
    return [{"index": index, "label": labels[index], "near": True} for index in near]


def _channel(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    return {"objective": objectives.channel(layer, number), "batch": 1, **_plain(model)}


def _class(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer = logit_layer(model)
    if layer is None or model.labels is None:
        raise ModelError(f"{model.name} has no labels.", "Maximize a channel of its last layer instead.")
    chosen = model.labels[0] if label is None else label
    return {"objective": objectives.class_logit(layer, chosen), "batch": 1, **_plain(model)}


def _dream(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, _ = _unit(model, objective)
    # Pixels keep the content of a photograph; Fourier frequencies soon overwrite it. Both were compared by eye.
    dream: dict[str, Any] = {"parameterization": "pixels", "learning_rate": 0.02, "steps": 64}
    if model.volume_sheet is None:
        dream["image_size"] = _DREAM_SIZE
    chosen = {"objective": objectives.deepdream(layer), "batch": 1, **_plain(model), **dream}
    del chosen["start_image"]  # keep the photograph that the user chose
    return chosen


def _interpolation(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    other = (number + 1) % (model.get_layer(layer).channels or number + 2)
    between = objectives.channel_interpolate(layer, number, layer, other)
    return {"objective": between, "batch": 6, **_plain(model)}


def _diversity(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    return {
        "objective": objectives.channel(layer, number) - 2 * objectives.diversity(layer),
        "batch": 4,
        **_plain(model),
    }


def _natural(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    natural = {
        "parameterization": "maco",
        "robust_to": "crops",
        "optimizer": "Nadam",
        "learning_rate": 0.2,
        "steps": 256,
    }
    return {"objective": objectives.channel(layer, number), "batch": 1, **_plain(model), **natural}


def _large_first(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    large_first = {"parameterization": "direct_ascent", "optimizer": "Adam", "learning_rate": 0.002, "steps": 256}
    return {"objective": objectives.channel(layer, number), "batch": 1, **_plain(model), **large_first}


def _in_photo(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any]:
    layer, number = _unit(model, objective)
    (kept,) = _before(model, layer, [_KEPT_AT])
    accentuated = objectives.accentuate(layer, number, kept, _needed(material).photo())
    chosen = {"objective": accentuated, "batch": 1, **_plain(model), "steps": 128}
    del chosen["start_image"]  # the photograph
    return chosen


def _like_real(model: Model, objective: Objective, label: Any, material: Material | None) -> dict[str, Any] | None:
    layer, number = _unit(model, objective)
    images = _needed(material).real(layer, number)
    if images is None:
        return None
    matched = [objectives.distribution_diff(each, images) for each in _before(model, layer, _MATCHED_AT)]
    return {
        "objective": objectives.channel(layer, number) - _MATCH * sum(matched[1:], matched[0]),
        "batch": 1,
        **_plain(model),
    }


def _needed(material: Material | None) -> Material:
    if material is None:
        raise ArgumentError("This preset needs images.", "Choose it in a LucidWidget.")
    return material


def _before(model: Model, layer: str, shares: Sequence[float]) -> list[str]:
    """The layers at these shares of the way to a layer, which is the last. Without repetitions, in order."""
    spatial = [each.name for each in model.browsable_layers if each.channels and each.kind in _SPATIAL]
    way = spatial[: spatial.index(layer) + 1] if layer in spatial else [layer]
    return list(dict.fromkeys(way[round(share * (len(way) - 1))] for share in shares))


Preset: TypeAlias = Callable[[Model, Objective, Any, Material | None], dict[str, Any] | None]

PRESETS: MappingProxyType[str, Preset] = MappingProxyType(
    {
        "channel": _channel,
        "class": _class,
        "deep dream": _dream,
        "interpolation": _interpolation,
        "diversity": _diversity,
        "natural amplitudes": _natural,
        "large shapes first": _large_first,
        "in a photo": _in_photo,
        "like real images": _like_real,
    }
)


def preset(
    name: str, model: Model, objective: Objective, label: str | None = None, material: Material | None = None
) -> dict[str, Any] | None:
    """The settings of a preset; None if it needs real images that must be looked up first.

    Args:
        name: One of `PRESETS`.
        model: The model.
        objective: The current objective. Its layer and channel are kept where possible.
        label: For "class": one of the model's labels.
        material: For "in a photo" and "like real images".

    Raises:
        LucidError: If there is no photo, or no real image.
        UnknownNameError: If the preset or the class does not exist.
        ModelError: For "class", if the model has no labels.
    """
    if name not in PRESETS:
        raise unknown_name("preset", str(name), "LucidWidget", list(PRESETS))
    return PRESETS[name](model, objective, label, material)


def _unit(model: Model, objective: Objective) -> tuple[str, int]:
    """The current layer and channel, or those to start with."""
    for leaf in (*objective.leaves(), default_objective(model)):
        single = single_channel(leaf) or _accentuated(leaf)
        if single is not None and model.get_layer(single[0]).kind in _SPATIAL:
            return single
    return middle_layer(model).name, 0


def _accentuated(leaf: Objective) -> tuple[str, int] | None:
    if isinstance(leaf, Call) and leaf.maker is objectives.accentuate:
        return leaf.arguments["layer"], leaf.arguments["n_channel"]
    return None


def middle_layer(model: Model) -> Layer:
    """The first layer after 60 % of the network's compute, preferably one whose channels have positions."""
    layers = [layer for layer in model.browsable_layers if layer.channels]
    spatial = [layer for layer in layers if layer.kind in _SPATIAL] or layers
    if not spatial:
        raise ModelError(f"{model.name} has no layer with channels.", "Pass an objective.")
    return next((layer for layer in spatial if layer.share >= _MIDDLE), spatial[len(spatial) // 2])


__all__ = ["PRESETS", "Material", "default_objective", "find_classes", "middle_layer", "preset", "recipe"]
