"""`make_plan`: what `render_model` renders, checked before any work starts."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ArgumentError, ModelError, whole_number
from lucid_widgets.evidence.passes.plan import default_layers
from lucid_widgets.microscope.tasks import LayerPlan, Recipe, Task, Variant, curve_points
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.vision_base import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.cache_keys import image_key
from lucid_widgets.optvis.default_image import (
    COSINE_RATE,
    ImageFormat,
    batch_images,
    default_robustness,
    default_size,
    transforms_for,
)
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.many import default_batch, even_batch
from lucid_widgets.optvis.transform import as_transforms

USUAL_SIZE = 64
"""Image size in pixels for networks that do not ask for another."""

_VERSIONED = ("keras", "numpy", "tensorflow")
_WITH_POSITIONS = 3


@dataclass(frozen=True)
class Plan:
    """What to render.

    Args:
        model: The network.
        layers: The layers, in the order of the network.
        variants: What to render of each unit.
        recipe: How images are optimized.
        versions: Versions of the packages that determine the images.
        order: All layers that the model lists.
    """

    model: Model
    layers: tuple[LayerPlan, ...]
    variants: tuple[Variant, ...]
    recipe: Recipe
    versions: dict[str, str]
    order: tuple[str, ...]

    def tasks(self) -> Iterator[Task]:
        """Yield all tasks, layer by layer, so that a process compiles for one layer after the other."""
        for layer in self.layers:
            for variant in self.variants:
                yield from layer.tasks(variant)

    @property
    def about(self) -> dict[str, Any]:
        """What the whole store has in common."""
        return {"model": self.model.name, "versions": self.versions}

    def record_about(self, layer: LayerPlan) -> dict[str, Any]:
        """What the records of a layer say besides."""
        return {"recipe": dict(layer.recipe), "fingerprint": layer.fingerprint, "versions": self.versions}

    @property
    def key(self) -> str:
        """A name for the model in this plan, by which workers tell models apart."""
        return f"{self.model.name}-{self.layers[-1].fingerprint[:16]}"


@waiting("Looking at the layers of the network")
def make_plan(
    model: Model,
    layers: Sequence[str | Layer] | str | Layer | None,
    variants: Sequence[Variant],
    *,
    steps: int,
    image_size: int | None,
    transforms: Any,
    batch: int | None,
) -> Plan:
    """Return the plan for some layers of a model.

    Args:
        model: The network.
        layers: The layers, or their names; None for all listed layers with channels, after their activation functions.
        variants: What to render of each unit.
        steps: Number of steps per image.
        image_size: Longer side of the images in pixels; None for 64, or what the network asks for.
        transforms: As for `render_vis`; None for those that suit the model, and for transformers also a learning rate
            that falls along a cosine.
        batch: Number of images per task; None for the fastest number.

    Raises:
        ArgumentError: There are no layers, or an argument is invalid, or the images depend on a function of the user.
        UnknownNameError: The model has no such layer.
        ModelError: A layer has no known number of channels, or a neuron is asked for where there are no positions.
    """
    recipe_steps = whole_number("steps", steps, 1)
    size = None if image_size is None else whole_number("image_size", image_size, 1)
    most = None if batch is None else whole_number("batch", batch, 1)
    usual = default_robustness(model) if transforms is None else None
    checked = transforms_for(model) if transforms is None else as_transforms(transforms)
    chosen = _chosen(model, layers)
    optimizer = Adam(COSINE_RATE, decay_steps=recipe_steps) if usual == "tokens" else None
    recipe = Recipe(recipe_steps, checked if usual == "tokens" else transforms, curve_points(recipe_steps), optimizer)
    described = usual or (transforms if isinstance(transforms, str) else repr(transforms))
    plans = []
    for layer in chosen:
        first = objectives.channel(layer.name, 0)
        first.validate(model, 1)
        side = default_size(model, first, USUAL_SIZE) if size is None else size
        make = batch_images(model, side)
        channels = int(layer.channels or 0)
        count = even_batch(channels, default_batch(model, first, make) if most is None else most)
        settings: dict[str, Any] = {"steps": recipe_steps, "points": recipe.points, "transforms": checked}
        settings |= {} if optimizer is None else {"optimizer": optimizer}
        key = image_key(model, layer.name, image_size=side, **settings)
        mark = fingerprint(model, layer.name, side)
        if key is None or mark is None:
            raise ArgumentError(
                "The images depend on a function of your own, whose changes cannot be noticed.",
                "Expected transforms of this package, or 'affine', 'standard', 'crops', 'tokens' or 'nothing'.",
            )
        about = {"steps": recipe_steps, "image_size": side, "transforms": described, "batch": count}
        about |= {} if optimizer is None else {"optimizer": "AdamCosine"}
        shape = (*ImageFormat.of(model).sides(side), 3)
        share, names = layer.share, _labels(model, layer)
        plans.append(LayerPlan(layer.name, channels, shape, side, count, key, mark, share, names, about))
    if any(variant.kind == "neuron" for variant in variants):
        _require_positions(chosen)
    versions = {name: importlib.metadata.version(name) for name in _VERSIONED}
    order = tuple(layer.name for layer in model.browsable_layers)
    return Plan(model, tuple(plans), tuple(variants), recipe, versions, order)


def _chosen(model: Model, layers: Sequence[str | Layer] | str | Layer | None) -> list[Layer]:
    if layers is None:
        chosen = default_layers(model)
    else:
        several = [layers] if isinstance(layers, (str, Layer)) else list(layers)
        names = dict.fromkeys(each.name if isinstance(each, Layer) else each for each in several)
        chosen = [model.get_layer(name) for name in names]
    if not chosen:
        raise ArgumentError("There are no layers to render.", "Pass at least one layer.")
    for layer in chosen:
        if not layer.channels:
            raise ModelError(f"The number of channels of {layer.name!r} is unknown.", "Choose other layers.")
    return chosen


def _require_positions(layers: Sequence[Layer]) -> None:
    for layer in layers:
        if layer.shape is not None and len(layer.shape) < _WITH_POSITIONS:
            raise ModelError(
                f"{layer.name!r} has no neuron in its center, because it has no rows and columns.",
                "Choose convolutional layers, or pass neurons=False.",
            )


def _labels(model: Model, layer: Layer) -> tuple[str, ...]:
    """Labels of the channels, if the layer has one per class."""
    names = model.labels or ()
    scores = layer.kind in ("dense", "softmax") and layer.channels == len(names)
    return tuple(map(str, names)) if scores else ()


__all__ = ["USUAL_SIZE", "Plan", "make_plan"]
