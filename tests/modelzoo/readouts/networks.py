"""Networks and images for tests of readouts."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras


def pixelwise(kernel: Any, name: str = "colors") -> KerasModel:
    """A network with one layer `hidden`, `[batch, height, width, units]`: `image @ kernel`, then logits of its mean."""
    weights = np.asarray(kernel, np.float32)
    image = keras.Input((None, None, weights.shape[0]))
    hidden = keras.layers.Conv2D(weights.shape[1], 1, use_bias=False, name="hidden")
    head = keras.layers.Dense(2, use_bias=False, name="logits")
    x = keras.layers.GlobalAveragePooling2D(name="pool")(hidden(image))
    model = keras.Model(image, head(x), name=name)
    hidden.set_weights([weights[None, None]])
    head.set_weights([np.eye(weights.shape[1], 2, dtype=np.float32)])
    return from_keras(model, image_value_range=(0, 1), labels=["first", "second"])


def colored(count: int, channel: int, seed: int = 0) -> np.ndarray:
    """Images `[count, 8, 8, 3]` of noise that are brighter in one channel, uint8."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 120, (count, 8, 8, 3))
    images[..., channel] += 100
    return images.astype(np.uint8)
