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
    refuse_size_of_volumes,
    transforms_for,
)
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.many import default_batch, even_batch
from lucid_widgets.optvis.objectives import Objective
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
    settings = image_settings(model, steps=steps, image_size=image_size, transforms=transforms, batch=batch)
    chosen = _chosen(model, layers)
    plans = [
        settings.layer(model, layer, objectives.channel(layer.name, 0), int(layer.channels or 0)) for layer in chosen
    ]
    if any(variant.kind == "neuron" for variant in variants):
        _require_positions(chosen)
    order = tuple(layer.name for layer in model.browsable_layers)
    return Plan(model, tuple(plans), tuple(variants), settings.recipe, versions(), order)


def versions() -> dict[str, str]:
    """Return the versions of the packages that determine the images."""
    return {name: importlib.metadata.version(name) for name in _VERSIONED}


@dataclass(frozen=True)
class ImageSettings:
    """How the images of any layer are made.

    Args:
        recipe: How images are optimized.
        transforms: The transforms, checked.
        described: The transforms as text.
        size: Longer side of the images in pixels; None for 64, or what the network asks for.
        batch: Number of images per task; None for the fastest number.
    """

    recipe: Recipe
    transforms: Any
    described: str
    size: int | None
    batch: int | None

    def layer(self, model: Model, layer: Layer, first: Objective, count: int, **more: Any) -> LayerPlan:
        """Return the plan of a layer.

        Args:
            model: The network.
            layer: The layer.
            first: The objective of one of the images.
            count: Number of images.
            **more: Fields of `LayerPlan` to set in place of those for channels.

        Raises:
            ArgumentError: The images depend on a function of the user.
        """
        recipe, optimizer = self.recipe, self.recipe.optimizer
        first.validate(model, 1)
        side = default_size(model, first, USUAL_SIZE) if self.size is None else self.size
        make = batch_images(model, side)
        batch = even_batch(count, default_batch(model, first, make) if self.batch is None else self.batch)
        settings: dict[str, Any] = {"steps": recipe.steps, "points": recipe.points, "transforms": self.transforms}
        settings |= {} if optimizer is None else {"optimizer": optimizer}
        key = image_key(model, layer.name, image_size=side, **settings)
        mark = fingerprint(model, layer.name, side)
        if key is None or mark is None:
            raise ArgumentError(
                "The images depend on a function of your own, whose changes cannot be noticed.",
                "Expected transforms of this package, or 'affine', 'standard', 'crops', 'tokens' or 'nothing'.",
            )
        about = {"steps": recipe.steps, "image_size": side, "transforms": self.described, "batch": batch}
        about |= {} if optimizer is None else {"optimizer": "AdamCosine"}
        fields: dict[str, Any] = {
            "name": layer.name,
            "channels": count,
            "shape": (*ImageFormat.of(model).sides(side), 3),
            "size": side,
            "batch": batch,
            "key": key,
            "fingerprint": mark,
            "share": layer.share,
            "labels": _labels(model, layer),
            "recipe": about,
        }
        return LayerPlan(**{**fields, **more})


def image_settings(
    model: Model, *, steps: int, image_size: int | None, transforms: Any, batch: int | None
) -> ImageSettings:
    """Return the settings of images, checked. The arguments are those of `make_plan`.

    Raises:
        ArgumentError: An argument is invalid.
    """
    count = whole_number("steps", steps, 1)
    size = None if image_size is None else whole_number("image_size", image_size, 1)
    refuse_size_of_volumes(model, size)
    most = None if batch is None else whole_number("batch", batch, 1)
    usual = default_robustness(model) if transforms is None else None
    checked = transforms_for(model) if transforms is None else as_transforms(transforms)
    optimizer = Adam(COSINE_RATE, decay_steps=count) if usual == "tokens" else None
    recipe = Recipe(count, checked if usual == "tokens" else transforms, curve_points(count), optimizer)
    described = usual or (transforms if isinstance(transforms, str) else repr(transforms))
    return ImageSettings(recipe, checked, described, size, most)


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


__all__ = ["USUAL_SIZE", "ImageSettings", "Plan", "image_settings", "make_plan", "versions"]
