"""`Plan`: everything that decides the result of a pass, checked, and described in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, unknown_name, whole_number
from lucid_widgets.evidence.fields import Field, field_of
from lucid_widgets.evidence.passes.reductions import REDUCTIONS, Reduction
from lucid_widgets.images import ImageSet
from lucid_widgets.images.sources import digest
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.survey.class_layer import logit_layer, score_layer
from lucid_widgets.modelzoo.survey.fingerprint import fingerprint
from lucid_widgets.modelzoo.survey.image_size import image_size as size_of_images
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.survey.receptive_field import ReceptiveFields

KEEP = 25
"""Default number of largest and of smallest values that are kept per unit."""

SAMPLE = 1024
"""Most images in the random sample."""

LEAST_BATCH, MOST_BATCH = 16, 128
"""Limits of the default number of images per compiled call."""

BATCH_PIXELS = LEAST_BATCH * 224**2
"""Pixels per compiled call within these limits. What a call costs besides the network is the same for every batch."""


@dataclass(frozen=True)
class IndexedLayer:
    """A layer of an index.

    Attributes:
        name: Its name.
        channels: Number of its units.
        field: Receptive fields of its positions.
    """

    name: str
    channels: int
    field: Field


@dataclass(frozen=True, eq=False)
class Plan:
    """What a pass computes.

    Attributes:
        model: A `Model`.
        images: The images.
        size: Height and width that all images are cropped and resized to.
        layers: The layers.
        reduction: How activations become values.
        keep: Number of largest and of smallest values per unit.
        batch: Number of images per compiled call.
        seed: Seed of the sample.
    """

    model: Any
    images: ImageSet
    size: tuple[int, int]
    layers: tuple[IndexedLayer, ...]
    reduction: Reduction
    keep: int
    batch: int
    seed: int

    @property
    def units(self) -> int:
        """Number of units of all layers."""
        return sum(layer.channels for layer in self.layers)

    @cached_property
    def label_names(self) -> tuple[str, ...]:
        """The labels, sorted; none if the images have no labels."""
        return tuple(sorted(set(self.images.labels or ())))

    @cached_property
    def label_numbers(self) -> np.ndarray:
        """The number of each image's label, int32 `[images]`; 0 without labels."""
        numbers = {name: number for number, name in enumerate(self.label_names)}
        labels = self.images.labels
        return np.array([0 if labels is None else numbers[labels[i]] for i in range(len(self.images))], np.int32)

    @cached_property
    def sample(self) -> np.ndarray:
        """The images of the random sample, in ascending order."""
        count = len(self.images)
        chosen = np.random.default_rng(self.seed).permutation(count)[: min(SAMPLE, count)]
        return np.sort(chosen).astype(np.int32)

    @cached_property
    def about(self) -> dict[str, Any]:
        """Description in JSON. Two plans with equal `identity` have the same result, byte by byte."""
        return {
            "model": self.model.name,
            "images": self.images.name,
            "count": len(self.images),
            "size": list(self.size),
            "reduction": str(self.reduction),
            "keep": self.keep,
            "batch": self.batch,
            "seed": self.seed,
            "layers": [
                {"name": each.name, "channels": each.channels, "field": each.field.to_json()} for each in self.layers
            ],
            "classes": self._classes(),
            "labels": list(self.label_names),
            "identity": self.identity,
        }

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What must be equal for an index to be used again, by the words that name it in a message."""
        names = [layer.name for layer in self.layers]
        bounds = [np.asarray(bound).tolist() for bound in self.model.image_value_range]
        return {
            "network": fingerprint(self.model, names, self.size) or digest(self.model.name, names),
            "images": self.images.fingerprint,
            "preprocessing": [list(self.size), "center crop", repr(bounds), bool(self.model.is_BGR)],
            "settings": [names, str(self.reduction), self.keep, self.batch, self.seed],
        }

    @property
    def key(self) -> str:
        """Name of the folder of this plan's index in the cache."""
        return digest(sorted(self.identity.items()))[:32]

    def _classes(self) -> list[str]:
        """Labels of the network's classes, if a layer of classes is among the layers."""
        of_classes = {logit_layer(self.model), score_layer(self.model)}
        return list(self.model.labels or ()) if of_classes & {layer.name for layer in self.layers} else []


def make_plan(
    model: Any,
    images: Any,
    layers: Sequence[str | Layer] | str | None,
    *,
    reduction: str,
    neuron: tuple[int, int] | None,
    image_size: int | tuple[int, int] | None,
    keep: int,
    batch: int | None,
    seed: int,
) -> Plan:
    """Check the arguments of `ActivationIndex.build`.

    Raises:
        ArgumentError: There are no images, or an argument is invalid.
        UnknownNameError: The model has no such layer.
        ModelError: The network cannot be computed for images of this size.
    """
    visible = as_model(model)
    found = ImageSet.of(images)
    if not len(found):
        raise ArgumentError(f"The image set {found.name!r} has no images.", "Pass at least one image.")
    if reduction not in REDUCTIONS:
        raise unknown_name("reduction", str(reduction), "ActivationIndex", REDUCTIONS)
    if (reduction == "neuron") != (neuron is not None):
        raise ArgumentError("neuron and reduction do not agree.", 'Pass reduction="neuron", neuron=(row, column).')
    row, column = (0, 0) if neuron is None else (whole_number("neuron", each, 0) for each in neuron)
    channels = visible.image_shape[-1]
    if visible.volume_sheet is not None or visible.image_shape[0] == 1 or channels not in (None, 1, 3):
        raise ModelError(
            f"{visible.name} takes {'images' if visible.volume_sheet is None else 'volumes as sheets'} of shape "
            f"{visible.image_shape}.",
            "An index needs a network for RGB or gray images.",
        )
    size = size_of_images(visible, found, image_size)
    names = [layer.name for layer in default_layers(visible)] if layers is None else _names(layers)
    return Plan(
        visible,
        found,
        size,
        tuple(_surveyed(visible, names, size)),
        Reduction(reduction, row, column),
        whole_number("keep", keep, 1),
        default_batch(size, len(found)) if batch is None else whole_number("batch", batch, 1),
        whole_number("seed", seed, 0),
    )


def default_batch(size: tuple[int, int], count: int) -> int:
    """Return the default number of images per compiled call.

    Args:
        size: Height and width of the images.
        count: Number of images of the set. Fewer than a batch would be filled up.
    """
    most = min(MOST_BATCH, BATCH_PIXELS // (size[0] * size[1]), count)
    return max(LEAST_BATCH, most // LEAST_BATCH * LEAST_BATCH)


def default_layers(model: Any) -> list[Layer]:
    """Return the layers that are indexed by default: those with channels, each after its activation function."""
    names = {layer.name for layer in model.layers}
    return [
        layer
        for layer in model.layers
        if layer.channels and not (layer.name.endswith("_pre_relu") and layer.name.removesuffix("_pre_relu") in names)
    ]


def _names(layers: Sequence[str | Layer] | str) -> list[str]:
    several = [layers] if isinstance(layers, (str, Layer)) else list(layers)
    names = list(dict.fromkeys(each.name if isinstance(each, Layer) else each for each in several))
    if not names:
        raise ArgumentError("layers is empty.", "Pass at least one layer.")
    return names


def _surveyed(model: Any, names: Sequence[str], size: tuple[int, int]) -> list[IndexedLayer]:
    for name in names:
        model.get_layer(name)
    found: list[IndexedLayer] = []
    channels = model.image_shape[-1] or 3

    def build(images: tf.Tensor) -> None:
        T = model.network.evaluator(images, "survey/", {})
        tensors = [T(name) for name in names]
        fields = ReceptiveFields(tf.compat.v1.get_default_graph(), images)
        for name, tensor in zip(names, tensors, strict=True):
            shape = tensor.shape[1:]
            if not tensor.dtype.is_floating or not shape.rank or None in shape or shape.rank > 3:
                raise ModelError(
                    f"Layer {name!r} has activations of shape {tuple(tensor.shape)}.",
                    "Expected [batch, height, width, channels], [batch, tokens, channels] or [batch, channels].",
                )
            window = fields.window(tensor) if shape.rank == 3 else None
            tokens = model.token_grid
            folds = tokens is not None and shape.rank == 2 and tokens.first_patch(shape[0]) is not None
            places = [tokens.rows, tokens.columns] if folds else shape[:-1].as_list()
            found.append(IndexedLayer(name, int(shape[-1]), field_of(places, size, window)))

    try:
        tf.function(build, autograph=False).get_concrete_function(tf.TensorSpec((1, *size, channels), tf.float32))
    except (ValueError, TypeError) as error:
        if isinstance(error, (ModelError, ArgumentError)):
            raise
        first = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(
            f"{model.name} cannot be computed for images of {size[0]} × {size[1]} pixels ({first})."
        ) from error
    return found


__all__ = ["KEEP", "SAMPLE", "IndexedLayer", "Plan", "default_batch", "default_layers", "make_plan"]
