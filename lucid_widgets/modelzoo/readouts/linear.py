"""A logistic regression by scikit-learn, and its accuracy on images that it was not fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.frames import FloatArray
from lucid_widgets.misc._optional import needed

__all__ = ["balanced_accuracy", "fitted", "split"]

_MAX_ITERATIONS = 2000


def fitted(values: FloatArray, labels: npt.NDArray[np.int64], regularization: float) -> tuple[FloatArray, FloatArray]:
    """Fit a classifier, in which each label counts the same however many images have it.

    Args:
        values: `[images, channels]`.
        labels: Number of the label of each image, from 0.
        regularization: scikit-learn's `1 / C`, for channels of unit deviation.

    Returns:
        Directions `[labels, channels]` and biases `[labels]` in the units of `values`; with two labels, those of label
        1 alone, `[1, channels]` and `[1]`.
    """
    linear_model = needed("sklearn.linear_model", "A linear probe")
    center, scale = values.mean(0), values.std(0)
    scale = np.where(scale > 1e-6 * max(float(scale.max()), 1e-12), scale, np.inf)  # constant channels get no weight
    classifier = linear_model.LogisticRegression(
        C=1 / regularization, class_weight="balanced", max_iter=_MAX_ITERATIONS
    )
    # On several threads, which wait for each other, these small problems take 20 times as long.
    with needed("threadpoolctl", "A linear probe").threadpool_limits(1):
        classifier.fit((values - center) / scale, labels)
    directions = np.asarray(classifier.coef_ / scale, np.float32)
    bias = np.asarray(classifier.intercept_ - (classifier.coef_ / scale) @ center, np.float32)
    return directions, bias


def split(
    labels: npt.NDArray[np.int64], share: float, random: np.random.Generator
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the places to fit on and those to hold out: of each label this share, at least one and not all."""
    fit: list[npt.NDArray[Any]] = []
    held: list[npt.NDArray[Any]] = []
    for label in range(int(labels.max()) + 1):
        places = random.permutation(np.flatnonzero(labels == label))
        count = min(max(1, round(share * len(places))), len(places) - 1)
        held.append(places[:count])
        fit.append(places[count:])
    return np.concatenate(fit), np.concatenate(held)


def balanced_accuracy(scores: FloatArray, labels: npt.NDArray[np.int64]) -> float:
    """Return the share of images whose label has the highest score, averaged over labels.

    Args:
        scores: `[images, labels]`; `[images, 1]` for two labels, above 0 for label 1.
        labels: Number of the label of each image.
    """
    found = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)
    return float(np.mean([np.mean(found[labels == label] == label) for label in np.unique(labels)]))
