"""`probe`: the directions of a layer that tell the labels of images apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, finite_number, unknown_name, whole_number
from lucid_widgets.images import ImageSet
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.readout import Readout
from lucid_widgets.modelzoo.readouts import linear
from lucid_widgets.modelzoo.readouts.activations import layer_name, position_means
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Probe", "probe"]


@dataclass(frozen=True, eq=False)
class Probe(Readout):
    """A linear classifier on a layer. Its units are the labels; their values are logits.

    Attributes:
        accuracy: Share of the held-out images that it labels right, averaged over labels.
        chance: The accuracy of guessing.
        fitted_on: Number of images that it was fitted on.
        held_out: Number of images that `accuracy` was measured on.
    """

    accuracy: float = 0.0
    chance: float = 0.0
    fitted_on: int = 0
    held_out: int = 0

    def __repr__(self) -> str:
        return (
            f"<Probe of {len(self.names)} {'label' if len(self.names) == 1 else 'labels'} after {self.layer!r}: "
            f"accuracy {self.accuracy:.2f} on {self.held_out} held-out images, {self.chance:.2f} by chance>"
        )


def probe(
    model: Any,
    layer: str | Layer,
    images: Any,
    label: str | None = None,
    *,
    held_out: float = 0.25,
    regularization: float = 1.0,
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
) -> Probe:
    """Fit a linear probe: a logistic regression from the channels of a layer to the labels of images.

    Each channel is averaged over positions, so the mean of a unit over positions, which `objectives.channel` maximizes,
    is its logit. All labels count the same, however many images they have. The weights are those that were fitted
    without the held-out images.

    Args:
        model: Whatever `as_model` accepts.
        layer: The layer, or its name.
        images: An `ImageSet` with labels, or what `ImageSet.of` accepts.
        label: The label to tell from all others, which gives one unit. Default: one unit for each label.
        held_out: Share of the images of each label that the accuracy is measured on. Default: 0.25.
        regularization: Strength of the penalty on squared weights, scikit-learn's `1 / C`. Default: 1.
        image_size: Size of the images, in pixels: one number, or height and width. Default: the network's, or that of
            the images.
        seed: Seed of the split. Default: 0.

    Returns:
        A `Probe`, for `model.with_readout`.

    Raises:
        ArgumentError: The images have no labels, a label has fewer than two images, there is only one label, or
            scikit-learn is not installed.
        UnknownNameError: The model has no such layer, or no image has the label.

    Example:
        >>> animal = readouts.probe(model, "mixed3a", models.emoji_images(320), "panda")
        >>> animal.names, animal.directions.shape
        (('panda',), (1, 104))

    Source: Alain & Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
    """
    visible = as_model(model)
    name = layer_name(visible, layer)
    photos = ImageSet.of(images)
    if photos.labels is None:
        raise ArgumentError(f"The image set {photos.name!r} has no labels.", "Pass labels= where it is made.")
    share = finite_number("held_out", held_out, 0.01, 0.9)
    penalty = finite_number("regularization", regularization, 1e-9)
    random = np.random.default_rng(whole_number("seed", seed, 0))
    known = sorted(set(photos.labels))
    if label is not None and label not in known:
        raise unknown_name("label", str(label), photos.name, known)
    if len(known) < 2:
        raise ArgumentError(f"All images have the label {known[0]!r}.", "Expected at least two labels.")
    with waiting("Fitting a probe"):
        places, means = position_means(visible, name, photos, image_size)
        # Of labels in the places that could be read.
        given = [photos.labels[place] for place in places]
        classes = sorted(set(given)) if label is None else ["", label]
        numbers = np.array([int(each == label) if label is not None else classes.index(each) for each in given])
        counts = np.bincount(numbers, minlength=len(classes))
        if counts.min() < 2 or len(classes) < 2:
            few = classes[int(counts.argmin())] or "other labels"
            raise ArgumentError(
                f"There are {counts.min()} images of {few!r}.", "Expected at least two: one to fit, and one held out."
            )
        fit, held = linear.split(numbers, share, random)
        directions, bias = linear.fitted(means[fit], numbers[fit], penalty)
        accuracy = linear.balanced_accuracy(means[held] @ directions.T + bias, numbers[held])
        if label is None and len(classes) == 2:
            directions, bias = np.concatenate([-directions, directions]), np.concatenate([-bias, bias])
    return Probe(
        directions,
        bias=bias,
        names=classes if label is None else [label],
        layer=name,
        accuracy=accuracy,
        chance=1 / len(classes),
        fitted_on=len(fit),
        held_out=len(held),
    )
