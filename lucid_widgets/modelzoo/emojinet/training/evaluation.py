"""`score`, the accuracy of a network on new images, and `Scores`, its result."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes

__all__ = ["Scores", "score"]


@dataclasses.dataclass(frozen=True)
class Scores:
    """Accuracy of a network on images that it was not trained on.

    Attributes:
        top1: Fraction of images whose label has the highest score.
        top5: Fraction of images whose label is among the five highest scores.
        confusions: int `[classes, classes]`: number of images by label and predicted class.
    """

    top1: float
    top5: float
    confusions: np.ndarray


def score(model: Any, seed: int, size: int = 96, images: int = 3200, sprites: np.ndarray | None = None) -> Scores:
    """Evaluate a network on new images.

    Args:
        model: A Keras model with a layer `logits`.
        seed: Seed of the images. With the recipe's seed plus `HELD_OUT`, the network has not seen them.
        size: Side of the images, in pixels.
        images: Number of images, rounded up to a multiple of 160.
        sprites: As for `Scenes`.
    """
    scenes = Scenes(seed, size, sprites=sprites)
    logits_of = keras.Model(model.input, model.get_layer("logits").output)

    @tf.function(autograph=False)
    def answer(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = scenes.batch(index, 160)
        return labels, tf.math.top_k(logits_of(images, training=False), 5).indices

    answers = [answer(tf.constant(index)) for index in range(-(-images // 160))]
    labels, named = (np.concatenate(part) for part in zip(*answers, strict=True))
    confusions = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusions, (labels, named[:, 0]), 1)
    right = named == labels[:, None]
    return Scores(float(right[:, 0].mean()), float(right.any(1).mean()), confusions)
