"""A small network whose activations are means over squares of the image, so that tests know them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from waiting import until

from lucid_widgets import ImageExplorer, models
from lucid_widgets.modelzoo.vision_models import Model

LABELS = ["fox", "owl", "<b>newt</b>"]

# What each of the six channels of `parts` takes of the three colors.
MIX = np.asarray([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 0]], np.float32).T

# From channels, averaged over positions, to the scores of the classes.
WEIGHTS = np.asarray([[4, 0, 0], [-2, 4, 0], [0, 0, 0.2], [1, 0, 0], [0, -3, 0], [0, 0, 9]], np.float32)


def network(labels: Any = tuple(LABELS)) -> Model:
    """An image of 8 x 8 pixels, a layer `parts` of 4 x 4 positions and 6 channels, and linear scores."""
    image = keras.Input((8, 8, 3))
    parts = keras.layers.Conv2D(6, 2, strides=2, use_bias=False, activation="relu", name="parts")
    mean = keras.layers.GlobalAveragePooling2D(name="mean")
    scores = keras.layers.Dense(3, use_bias=False, name="scores")
    made = keras.Model(image, scores(mean(parts(image))))
    parts.set_weights([np.broadcast_to(MIX / 4, (2, 2, 3, 6)).copy()])
    scores.set_weights([WEIGHTS])
    return models.from_keras(made, image_value_range=(0, 1), labels=labels, name="Small")


def picture() -> np.ndarray:
    """An image whose top left corner is red and whose bottom right one is green, over a dark blue."""
    pixels = np.zeros((8, 8, 3), np.float32)
    pixels[..., 2] = 0.25
    pixels[:2, :2, 0] = 1
    pixels[6:, 6:, 1] = 0.5
    return pixels


def parts() -> np.ndarray:
    """The activations of `parts` for the picture, `[4, 4, 6]`."""
    means = picture().reshape(4, 2, 4, 2, 3).mean((1, 3))
    return np.asarray(means @ MIX)


def explorer(model: Any = None, kind: Any = ImageExplorer, **settings: Any) -> ImageExplorer:
    """An explorer of the picture, or a part of one, that has answered its first question."""
    given = network() if model is None else model
    made: ImageExplorer = kind(given, **{"image": picture(), "layer": "parts", "cache": False, **settings})
    answered(made)
    return made


def answered(widget: ImageExplorer) -> None:
    """Wait until the question is answered, whether or not it had an answer."""
    try:
        widget._analysis.runner.wait(120)
    except Exception:
        # `wait` may raise the error before the widget has published it.
        until(lambda: widget._problem)
    assert not widget._analysis.runner.in_motion
