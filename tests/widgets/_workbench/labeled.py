"""A small network with labels, and widgets that show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.widgets.lucid_widget import LucidWidget

LABELS = ("bear", "panda", "giant panda", "pan")

Make = Callable[..., LucidWidget]
"""Makes a widget of the network, from an objective and settings."""


def labeled_network() -> Any:
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(6, 3, activation="relu", name="late"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(4, name="logits"),
            keras.layers.Softmax(name="probabilities"),
        ],
        name="tiny",
    )
    return from_keras(network, labels=LABELS)


def finished(widget: LucidWidget) -> LucidWidget:
    widget.run()
    assert widget.wait(120) == "done"
    return widget
