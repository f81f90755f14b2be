"""`Findings`: what a network does with one image, computed once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lucid_widgets.attribution import (
    Method,
    NeuronGroups,
    activations,
    channel_attribution,
    faithfulness,
    spatial_attribution,
)
from lucid_widgets.attribution import neuron_groups as factorized
from lucid_widgets.attribution.attributions import Attribution
from lucid_widgets.attribution.geometry import as_grid, position_grid
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.survey.class_layer import score_layer
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.classification import TOP, class_name, class_probabilities, most_probable
from lucid_widgets.widgets._explorer.packing import packed

MOST_KEPT = 24
"""Most results that are kept for an image, so that going back through layers computes nothing."""

POINTS = 20
"""Steps of a faithfulness curve. The default of `faithfulness` would take longer than the attribution."""

_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Activated:
    """Activations of a layer for the image.

    Attributes:
        layer: Name of the layer.
        grid: `[rows, columns, channels]`; `[1, 1, channels]` for a layer without positions.
        spatial: Whether the layer has positions.
        places: Where they are in the image, for the page.
        about: Description of `data`.
        data: The activations, packed for the page.
    """

    layer: str
    grid: FloatArray
    spatial: bool
    places: dict[str, Any]
    about: dict[str, Any]
    data: bytes


class Findings:
    """Results for one image. Used on the worker only.

    Args:
        model: The model.
        image: `[height, width, channels]` in [0, 1].

    Attributes:
        model: The model.
        image: The image.
    """

    def __init__(self, model: Model, image: FloatArray) -> None:
        self.image, self.model = image, model
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def probabilities(self) -> FloatArray | None:
        """Probabilities of all classes, `[classes]`; None if the model has no layer that scores classes."""
        if score_layer(self.model) is None:
            return None
        found: FloatArray = self._once("classes", lambda: class_probabilities(self.model, self.image[None])[0])
        return found

    def scores(self, chosen: tuple[int, ...]) -> list[list[Any]]:
        """Index, label and probability of the most probable classes, and of chosen ones that are not among them."""
        found = self.probabilities()
        if found is None:
            return []
        top = [each.index for each in most_probable(self.model, found, TOP)]
        indices = [*top, *(each for each in chosen if each not in top)]
        return [[each, class_name(self.model, each).partition(",")[0], float(found[each])] for each in indices]

    def activated(self, layer: str) -> Activated:
        """Activations of a layer, in one forward pass."""
        found: Activated = self._once(("activations", layer), lambda: self._activated(layer))
        return found

    def why(self, layer: str, target: Any, method: Method) -> tuple[dict[str, Any], bytes]:
        """The attribution to a target, described for the page and packed."""
        found = self._attribution(layer, target, method)
        grid = as_grid(found.contributions, self.model.token_grid)
        contributions = found.contributions.reshape(1, 1, -1) if grid is None else grid
        places = as_grid(found.values[..., None], self.model.token_grid) if found.axis == "positions" else None
        about, data = packed(contributions)
        values = [] if places is None else [float(f"{each:.4g}") for each in places.reshape(-1)]
        numbers = {"value": found.value, "baseline": found.baseline_value, "error": min(found.error, 1e6)}
        return {"layer": layer, "method": method, "values": values, **numbers, **about}, data

    def sums(self, layer: str, target: Any, method: Method) -> FloatArray:
        """Contribution of each channel to a target, `[channels]`."""
        found = self._attribution(layer, target, method)
        return found.contributions.reshape(-1, found.contributions.shape[-1]).sum(0)

    def faith(self, layer: str, target: Any, method: Method) -> dict[str, Any]:
        """Deletion and insertion curves of the attribution, for the page."""
        given = self._attribution(layer, target, method)
        key = ("faith", layer, target, method)
        found = self._once(key, lambda: faithfulness(self.model, self.image, given, points=POINTS, random_orders=1))
        fractions = found.fractions.tolist()
        curves = {name: np.round(getattr(found, name), 5).tolist() for name in _CURVES}
        halves = {f"{name}_half": _halved(fractions, curves[name]) for name in ("deletion", "random_deletion")}
        areas = {f"{name}_area": round(getattr(found, f"{name}_area"), 4) for name in _CURVES}
        about = {"layer": layer, "method": method, "axis": given.axis, "label": found.label}
        return {**about, "fractions": fractions, **curves, **halves, **areas}

    def groups(self, layer: str, count: int, target: Any) -> NeuronGroups:
        """Groups of channels, without images."""
        targets = [] if target is None else [target]
        key = ("groups", layer, count, target)
        found: NeuronGroups = self._once(
            key, lambda: factorized(self.model, self.image, layer, count, targets=targets, render_steps=0)
        )
        return found

    def _activated(self, layer: str) -> Activated:
        values = activations(self.model, self.image, [layer])[layer]
        grid = as_grid(values, self.model.token_grid)
        shown = values.reshape(1, 1, -1) if grid is None else grid
        about, data = packed(shown)
        rows, columns = shown.shape[:2]
        height, width = self.image.shape[:2]
        places: dict[str, Any] = {"rows": 1, "columns": 1, "height": height, "width": width, "spatial": False}
        if grid is not None:
            places = {**asdict(position_grid(self.model, self.image.shape, layer, rows, columns)), "spatial": True}
            if values.ndim < grid.ndim:
                places["first_token"] = len(values) - rows * columns
        return Activated(layer, shown, grid is not None, {"layer": layer, **places}, {"layer": layer, **about}, data)

    def _attribution(self, layer: str, target: Any, method: Method) -> Attribution:
        attribute = spatial_attribution if self.activated(layer).spatial else channel_attribution
        found: Attribution = self._once(
            ("why", layer, target, method), lambda: attribute(self.model, self.image, layer, target, method=method)
        )
        return found

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


_CURVES = ("deletion", "insertion", "random_deletion", "random_insertion")


def _halved(fractions: list[float], curve: list[float]) -> float | None:
    """The fraction at which a curve has fallen to half of its start; None if it never does."""
    half = _HALF * curve[0]
    for (before, high), (after, low) in zip(
        zip(fractions, curve, strict=True), zip(fractions[1:], curve[1:], strict=True), strict=False
    ):
        if low <= half < high:
            return before + (after - before) * (high - half) / (high - low)
    return None


__all__ = ["Activated", "Findings"]
