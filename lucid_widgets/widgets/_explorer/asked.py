"""Checks of what an explorer is asked, and positions that keep their place in the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lucid_widgets.attribution.inputs import checked_layer
from lucid_widgets.attribution.targets import class_index
from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.classification import required_class_layer
from lucid_widgets.widgets._explorer.analysis import Question
from lucid_widgets.widgets._explorer.explorer_traits import MOST_PINS

MOST_CLASSES = 2


def checked(model: Model, values: Mapping[str, Any], places: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values of those traits that need more than their type.

    Args:
        model: The model.
        values: New values of traits.
        places: Where the positions of the current layer are; empty if unknown.

    Raises:
        UnknownNameError: The model has no such layer or class.
        OutOfRangeError: The layer has no such position or channel, or the model no such class.
        ArgumentError: A value has another type.
    """
    found: dict[str, Any] = {}
    if "layer" in values:
        found["layer"] = checked_layer(model, values["layer"])
        places = {} if found["layer"] != places.get("layer") else places
    if "position" in values:
        found["position"] = _position(values["position"], places)
    if "pins" in values:
        if len(values["pins"]) > MOST_PINS:
            raise ArgumentError(f"There are {len(values['pins'])} pins.", f"Expected at most {MOST_PINS}.")
        found["pins"] = [_position(each, places) for each in values["pins"]]
    if "classes" in values:
        found["classes"] = _classes(model, values["classes"])
    if values.get("units") is not None:
        name = found.get("layer") or places.get("layer", "")
        count = model.get_layer(name).channels if name else None
        last = None if count is None else count - 1
        units = [whole_number("unit", each, 0, last, owner=f"layer {name!r}") for each in values["units"]]
        found["units"] = list(dict.fromkeys(units))
    return found


def fraction(position: Sequence[int], places: Mapping[str, Any]) -> tuple[float, float]:
    """Return where a position is in the image, from 0 to 1 in each direction."""
    return (position[0] + 0.5) / places["rows"], (position[1] + 0.5) / places["columns"]


def place_at(fractions: tuple[float, float] | None, position: Sequence[int], places: Mapping[str, Any]) -> list[int]:
    """Return the position of a layer that is at some place in the image; if None, the nearest one to `position`."""
    sizes = places["rows"], places["columns"]
    if fractions is None:
        return [min(size - 1, place) for place, size in zip(position, sizes, strict=True)]
    return [min(size - 1, max(0, int(part * size))) for part, size in zip(fractions, sizes, strict=True)]


def moved(pins: Sequence[Sequence[int]], places: Mapping[str, Any]) -> list[list[int]]:
    """Return the pins that exist in a layer; none if the number of its positions differs."""
    return [list(pin) for pin in pins if pin[0] < places["rows"] and pin[1] < places["columns"]]


def strongest(question: Question | None, view: str, position: Sequence[int], most: int) -> list[int]:
    """Return the channels that a view shows, as the page chooses them; none while they are unknown."""
    if question is None or view not in ("fires", "class"):
        return []
    if view == "fires":
        values = question.findings.activated(question.layer).grid[tuple(position)]
        order = np.argsort(-values, kind="stable")[:most]
        return [int(each) for each in order if values[each] > 0]
    sums = question.findings.sums(question.layer, question.target, question.method)
    order = np.argsort(-sums, kind="stable")
    half = most // 2
    return [
        *(int(each) for each in order[:half] if sums[each] > 0),
        *(int(each) for each in order[::-1][:half] if sums[each] < 0),
    ]


def _position(value: Any, places: Mapping[str, Any]) -> list[int]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != MOST_CLASSES:
        raise ArgumentError(f"position is {value!r}.", "Expected [row, column].")
    owner = f"layer {places['layer']!r}" if places else ""
    last = [places[name] - 1 if places else None for name in ("rows", "columns")]
    row = whole_number("row", value[0], 0, last[0], owner=owner)
    return [row, whole_number("column", value[1], 0, last[1], owner=owner)]


def _classes(model: Model, value: Any) -> list[int]:
    given = [value] if isinstance(value, (str, int, np.integer)) else list(value)
    if len(given) > MOST_CLASSES:
        raise ArgumentError(f"There are {len(given)} classes.", "Expected one, or two for their difference.")
    found = []
    for each in given:
        required_class_layer(model, logit_layer)
        index = class_index(model, each)
        if index is None:
            names = [str(label).partition(",")[0] for label in model.labels or ()]
            raise unknown_name("class", str(each), model.name, names)
        found.append(index)
    if len(set(found)) < len(found):
        raise ArgumentError("The two classes are the same.", "Expected different ones.")
    return found


__all__ = ["checked", "fraction", "moved", "place_at", "strongest"]
