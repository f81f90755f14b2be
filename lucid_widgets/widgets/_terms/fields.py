"""Arguments of objectives as fields of a form, derived from the objectives, so that a new one has a form at once."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lucid_widgets.optvis.objectives.arguments import indices, real, text, whole, whole_or_text
from lucid_widgets.optvis.objectives.registry import OBJECTIVES, AnyMaker

_TYPES_BY_NAME = {
    "vec": "vector",
    "orig_img": "image",
    "images": "images",
    "mask": "mask",
    "shp": "shape",
    "w": "whole",
    "cossim_pow": "real",
    "unit": "text",
}
_TYPES_BY_CHECK = {whole: "whole", real: "real", whole_or_text: "label", indices: "channels", text: "text"}

# Weights at which the effect is visible without taking over, found by trial, and whether the term is subtracted.
_SUGGESTED_WEIGHTS: Mapping[str, tuple[float, bool]] = {
    "L1": (0.05, True),
    "L2": (0.05, True),
    "alignment": (0.1, False),
    "blur_alpha_each_step": (1, True),
    "blur_input_each_step": (1, True),
    "distribution_diff": (10, True),
    "diversity": (100, True),
    "input_diff": (1, True),
    "penalize_boundary_complexity": (0.01, False),
    "total_variation": (0.001, True),
}
_SUGGESTED_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {"L1": {"constant": 0.5}, "L2": {"constant": 0.5}}


@dataclass(frozen=True)
class Field:
    """A field for one argument of an objective.

    Args:
        name: Name of the argument.
        type: "layer", "channel", "channels", "label", "text", "vector", "pattern", "image", "images", "mask", "shape",
            "whole" or "real".
        of: Name of the argument with the layer that this one belongs to. Default: "", none.
        default: Default value of the argument. Default: None.
        optional: Whether the field may be empty. Default: False.
    """

    name: str
    type: str
    of: str = ""
    default: Any = None
    optional: bool = False


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """Fields of an objective in the order of its arguments; empty if the package has no objective of that name."""
    maker = OBJECTIVES.get(kind)
    return () if maker is None else tuple(_field(maker, name) for name in maker.signature.parameters)


def suggested_weight(kind: str) -> tuple[float, bool]:
    """Weight of a new term, and whether the term is subtracted."""
    return _SUGGESTED_WEIGHTS.get(kind, (1, False))


def suggested_arguments(kind: str) -> dict[str, Any]:
    """Arguments of a new term: the defaults, except that L1 and L2 measure from gray instead of black."""
    return {field.name: field.default for field in fields_of(kind)} | dict(_SUGGESTED_ARGUMENTS.get(kind, {}))


def described_kinds() -> list[dict[str, Any]]:
    """All objectives with their fields, as JSON for the page."""
    return [{"kind": kind, "fields": [vars(field) for field in fields_of(kind)]} for kind in OBJECTIVES]


def _field(maker: AnyMaker, name: str) -> Field:
    default = maker.signature.parameters[name].default
    required = default is inspect.Parameter.empty
    layers = {channel: layer for layer, channel in maker.units.items() if channel}
    *_, last_layer = maker.units or ("",)
    if name in maker.units:
        return Field(name, "layer", default=None if required else default)
    type_ = _TYPES_BY_CHECK.get(maker.numbers.get(name), "") or _TYPES_BY_NAME.get(name, "real")  # type: ignore[arg-type]
    if name in layers:
        type_ = "channels" if type_ == "channels" else "channel"
    if type_ == "vector" and maker.name == "tensor_direction":
        type_ = "pattern"
    of = layers.get(name, last_layer if type_ in ("label", "vector", "pattern") else "")
    return Field(name, type_, of, None if required else default, optional=not required and default is None)


__all__ = ["Field", "described_kinds", "fields_of", "suggested_arguments", "suggested_weight"]
