"""Networks whose attributions are computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lucid_widgets import models

IMAGE = np.asarray([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [[0.7, 0.8, 0.9], [1.0, 0.0, 0.5]]], np.float32)

# From the 12 numbers of `features` to the scores of the classes "fox" and "owl".
WEIGHTS = np.stack([np.arange(12) - 4.0, np.where(np.arange(12) == 5, 3.0, 0.0)], -1).astype(np.float32)
BIAS = np.asarray([0.5, -1.0], np.float32)


def network(head: Callable[[Any], Any] = lambda features: features) -> Any:
    """An image of 2 x 2 pixels, which the layer `features` repeats, then `head`, then a linear layer `scores`."""
    image = keras.Input((2, 2, 3))
    features = keras.layers.Conv2D(3, 1, use_bias=False, name="features")
    scores = keras.layers.Dense(2, name="scores")
    top = head(features(image))
    made = keras.Model(image, scores(keras.layers.Flatten(name="flat")(top)))
    features.set_weights([np.eye(3)[None, None]])
    size = scores.kernel.shape[0]
    scores.set_weights([WEIGHTS[:size], BIAS])
    return models.from_keras(made, image_value_range=(0, 1), labels=["fox", "owl"])
