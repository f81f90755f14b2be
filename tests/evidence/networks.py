"""Networks whose activations are exact, so that they can be compared with NumPy bit by bit."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lucid_widgets import models


def whole_network(size: int = 12) -> Any:
    """A network of small whole numbers: every sum is exact in float32, in any order, and ties are common."""
    random = np.random.default_rng(3)

    def weights(*shape: int) -> np.ndarray:
        return random.integers(-2, 3, shape).astype(np.float32)

    image = keras.Input((size, size, 3))
    first = keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="first")
    second = keras.layers.Conv2D(8, 3, activation="relu", name="second")
    scores = keras.layers.Dense(4, name="scores")
    seen = second(first(image))
    made = keras.Model(image, scores(keras.layers.Flatten(name="flat")(seen)))
    first.set_weights([weights(3, 3, 3, 6), -np.arange(6, dtype=np.float32)])
    # Channel 7 is dead.
    bias = np.zeros(8, np.float32)
    bias[7] = -1e6
    second.set_weights([weights(3, 3, 6, 8), bias])
    scores.set_weights([weights(*scores.kernel.shape), np.zeros(4, np.float32)])
    return models.from_keras(made, image_value_range=(0, 255), labels=["cat", "dog", "fox", "owl"], name="Whole")


LAYERS = ("first", "second", "scores")


def images(count: int = 500, size: int = 12) -> np.ndarray:
    """Images of few colors, some of them equal."""
    random = np.random.default_rng(5)
    made = random.integers(0, 3, (count, size, size, 3)).astype(np.uint8)
    made[count // 2 :: 7] = made[: len(made[count // 2 :: 7])]
    return made


def labels(count: int = 500) -> list[str]:
    """Three labels in turn."""
    return [("a", "b", "c")[index % 3] for index in range(count)]
