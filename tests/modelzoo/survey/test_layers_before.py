"""The earlier layers of a layer, compared with what a reader of the network would say."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as L

from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.modelzoo.survey.layers_before import _by_order, layers_before
from lucid_widgets.modelzoo.vision_models import EmojiNet


@pytest.fixture(scope="module")
def model() -> Any:
    """A residual block of two branches between two convolutions, and a classifier."""
    image = keras.Input((16, 16, 3))
    x = L.Rescaling(2.0, -1.0, name="scaled")(image)
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="stem_conv")(x)
    x = L.BatchNormalization(name="stem_norm")(x)
    stem = L.ReLU(name="stem")(x)
    wide = L.ReLU(name="wide")(L.Conv2D(4, 3, padding="same", name="wide_conv")(stem))
    joined = L.Add(name="joined")([stem, L.Conv2D(4, 1, name="narrow")(wide)])
    pooled = L.GlobalAveragePooling2D(name="pooled")(L.Conv2D(6, 3, name="last", activation="relu")(joined))
    return from_keras(keras.Model(image, L.Dense(2, name="scores")(pooled)), image_value_range=(0, 1))


def test_passes_by_branches_and_activations(model: Any) -> None:
    assert layers_before(model, "scores") == ("pooled", "joined", "stem", "input")
    assert layers_before(model, "last") == ("joined", "stem", "input")
    # Both branches begin at the stem; the layer between them is no input of the other one.
    assert layers_before(model, "joined") == ("stem", "input")
    assert layers_before(model, "narrow") == ("wide", "stem", "input")
    # Neither a layer's own convolution nor a change of the range is an earlier layer.
    assert layers_before(model, "stem") == ("input",)
    assert layers_before(model, "scaled") == ("input",)


def test_layers_inside_blocks_and_readouts() -> None:
    model = EmojiNet()
    assert layers_before(model, "mixed3b") == ("mixed3a", "conv2d1", "conv2d0", "input")
    assert layers_before(model, "mixed3b_3x3_pre_relu") == ("mixed3a", "conv2d1", "conv2d0", "input")
    extended = model.with_readout("pair", np.eye(2, model.layers["mixed3a"].channels), after="mixed3a")
    assert layers_before(extended, "pair") == ("mixed3a", "conv2d1", "conv2d0", "input")


def test_order_of_the_list_where_connections_are_unknown(model: Any) -> None:
    assert _by_order(list(model.layers), "last") == ("joined", "wide", "stem", "input")
