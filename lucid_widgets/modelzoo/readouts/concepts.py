"""`concept`: the direction from other images towards images of a concept, and whether it means something."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, ModelError, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.images import ImageSet
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.readout import Readout
from lucid_widgets.modelzoo.readouts import linear
from lucid_widgets.modelzoo.readouts.activations import class_gradients, layer_name, position_means
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["Concept", "ConceptTest", "concept"]

_HELD_OUT = 1 / 3
_REGULARIZATION = 1.0


@dataclass(frozen=True)
class ConceptTest:
    """Whether a class depends on a concept more than on directions between random images.

    Attributes:
        target: The class.
        score: Share of the images whose score rises along the concept, averaged over runs.
        random_score: The same, averaged over random sets in place of the concept.
        p_value: Probability that a random set differs from the other ones by as much, in either direction.
    """

    target: str
    score: float
    random_score: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Concept(Readout):
    """A concept activation vector: one direction of unit length, the mean over runs.

    Attributes:
        vectors: The direction of each run, against other random images, `[runs, channels]`.
        random_vectors: The same for random sets of images in place of the concept, `[sets, runs, channels]`.
        accuracy: Share of held-out images that a run tells apart, averaged over runs.
        random_accuracy: The same, averaged over random sets.
        p_value: Probability that a random set is told apart as well.
    """

    vectors: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32), repr=False)
    random_vectors: FloatArray = field(default_factory=lambda: np.zeros((0, 0, 0), np.float32), repr=False)
    accuracy: float = 0.0
    random_accuracy: float = 0.0
    p_value: float = 1.0

    def __repr__(self) -> str:
        return (
            f"<Concept after {self.layer!r}: accuracy {self.accuracy:.2f}, of random sets "
            f"{self.random_accuracy:.2f}, p = {self.p_value:.2g}>"
        )

    def test(
        self,
        model: Any,
        target: int | str,
        images: Any,
        *,
        scores: str | None = None,
        image_size: int | tuple[int, int] | None = None,
    ) -> ConceptTest:
        """Test whether a class depends on the concept (TCAV).

        An image counts if the score of the class rises as the activations move along the direction at all positions.
        The share of such images is compared with that for random sets of images in place of the concept.

        Args:
            model: The model that the concept was found in.
            target: Index of the class, or its name in `model.labels`.
            images: Images of the class: an `ImageSet`, or what `ImageSet.of` accepts.
            scores: Layer that holds the scores. Default: the logits of the model's classes.
            image_size: As for `concept`.

        Returns:
            A `ConceptTest`.

        Raises:
            UnknownNameError: The model has no such layer or class.
            ModelError: The classes do not depend on the layer.

        Source: Kim et al., "Interpretability Beyond Feature Attribution", ICML 2018. There, a direction has numbers
            for each position; here, it has one for each channel.
        """
        visible = as_model(model)
        if self.layer is None:
            raise ArgumentError("The concept does not say which layer it reads.", "Use what readouts.concept returns.")
        layer = scores or logit_layer(visible)
        if layer is None:
            raise ModelError(f"{visible.name} has no layer of classes.", "Pass scores=, the name of a layer.")
        channels = visible.get_layer(layer).channels
        if isinstance(target, str):
            if target not in (visible.labels or ()):
                raise unknown_name("class", target, visible.name, list(visible.labels or ()))
            index = list(visible.labels or ()).index(target)
        else:
            index = whole_number("target", target, 0, channels - 1 if channels else None, owner=f"layer {layer!r}")
        with waiting("Testing the concept"):
            slopes = class_gradients(visible, self.layer, layer, index, ImageSet.of(images), image_size)
        score = float(np.mean(slopes @ self.vectors.T > 0))
        random_scores = np.mean(np.einsum("ic,src->isr", slopes, self.random_vectors) > 0, axis=(0, 2))
        return ConceptTest(str(target), score, float(random_scores.mean()), _p_value(score, random_scores, 2))


def concept(
    model: Any,
    layer: str | Layer,
    images: Any,
    against: Any,
    *,
    runs: int = 5,
    random_sets: int = 20,
    name: str = "concept",
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
) -> Concept:
    """Find the direction from other images towards images of a concept: a concept activation vector.

    Each run tells the images of the concept from as many random ones, with a linear classifier on the channels of the
    layer, averaged over positions. Random sets of images take the place of the concept for comparison. If `p_value` is
    not small, the layer does not hold the concept. `Concept.test` answers another question: whether a class depends on
    it.

    Args:
        model: Whatever `as_model` accepts.
        layer: The layer, or its name.
        images: Images of the concept: an `ImageSet`, or what `ImageSet.of` accepts.
        against: Other images, at least four. Use several times as many as `images`, because random sets that share most
            of their images differ too little.
        runs: Number of runs for each set of images. Default: 5.
        random_sets: Number of random sets. Default: 20.
        name: Name of the unit. Default: "concept".
        image_size: Size of the images, in pixels: one number, or height and width. Default: the network's, or that of
            the images.
        seed: Seed of the random sets. Default: 0.

    Returns:
        A `Concept`, for `model.with_readout`.

    Raises:
        ArgumentError: There are too few images, or scikit-learn or SciPy is not installed.
        UnknownNameError: The model has no such layer.

    Example:
        >>> found = readouts.concept(model, "mixed3a", images, photographs[:12], runs=3, random_sets=2)
        >>> found.directions.shape, found.vectors.shape
        ((1, 104), (3, 104))

    Source: Kim et al., "Interpretability Beyond Feature Attribution: Quantitative Testing with Concept Activation
        Vectors (TCAV)", ICML 2018.
    """
    visible = as_model(model)
    below = layer_name(visible, layer)
    count, sets = whole_number("runs", runs, 1), whole_number("random_sets", random_sets, 2)
    random = np.random.default_rng(whole_number("seed", seed, 0))
    with waiting("Finding the concept"):
        _, positive = position_means(visible, below, ImageSet.of(images), image_size)
        _, others = position_means(visible, below, ImageSet.of(against), image_size)
        most = min(len(positive), len(others) // 2)
        if most < 2:
            raise ArgumentError(
                f"There are {len(positive)} images of the concept and {len(others)} others.",
                "Expected at least two of the concept, and four others.",
            )
        vectors, accuracy = _direction(positive, others, most, count, random)
        control = []
        for _ in range(sets):
            order = random.permutation(len(others))
            control.append(_direction(others[order[:most]], others[order[most:]], most, count, random))
    random_accuracies = np.array([right for _, right in control])
    mean = vectors.mean(0)
    return Concept(
        (mean / max(float(np.linalg.norm(mean)), 1e-12))[None],
        names=(name,),
        layer=below,
        vectors=vectors,
        random_vectors=np.stack([each for each, _ in control]),
        accuracy=accuracy,
        random_accuracy=float(random_accuracies.mean()),
        p_value=_p_value(accuracy, random_accuracies, 1),
    )


def _direction(
    positive: FloatArray, others: FloatArray, count: int, runs: int, random: np.random.Generator
) -> tuple[FloatArray, float]:
    """Return the direction of each run, and the accuracy, averaged over runs."""
    draws = [others[random.permutation(len(others))[:count]] for _ in range(runs)]
    found = [_run(positive, negative, random) for negative in draws]
    return np.stack([vector for vector, _ in found]), float(np.mean([right for _, right in found]))


def _run(positive: FloatArray, negative: FloatArray, random: np.random.Generator) -> tuple[FloatArray, float]:
    """Return the direction of unit length towards the positive examples, and its accuracy on those held out."""
    values = np.concatenate([negative, positive])
    labels = np.repeat([0, 1], [len(negative), len(positive)])
    fit, held = linear.split(labels, _HELD_OUT, random)
    directions, bias = linear.fitted(values[fit], labels[fit], _REGULARIZATION)
    accuracy = linear.balanced_accuracy(values[held] @ directions.T + bias, labels[held])
    return directions[0] / max(float(np.linalg.norm(directions)), 1e-12), accuracy


def _p_value(value: float, controls: npt.NDArray[Any], sides: int) -> float:
    """Return the probability that another draw of the controls is as large, or as far off if there are two sides.

    As it is a single value that is compared with a sample, the test is that of Crawford and Howell (1998): Student's t,
    with the variance of the controls and that of their mean.
    """
    stats = needed("scipy.stats", "The test of a concept")
    count, deviation = len(controls), float(controls.std(ddof=1))
    difference = value - float(controls.mean())
    if deviation < 1e-9:
        return 1.0 if abs(difference) < 1e-9 else 1 / (count + 1)  # controls that all agree tell no more than that
    statistic = difference / (deviation * np.sqrt(1 + 1 / count))
    return float(sides * stats.t.sf(abs(statistic) if sides == 2 else statistic, count - 1))
