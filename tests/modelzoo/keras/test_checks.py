"""Which Keras models are accepted, with which input range, and what the errors say."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from modelzoo.tiny_nets import evaluate, images

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.vision_models import from_keras

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("restart_layer_numbering")]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (lambda: layers.Rescaling(1 / 255), (0, 255)),
        (lambda: layers.Normalization(mean=[127.5] * 3, variance=[127.5**2] * 3), (0, 255)),
        (lambda: layers.ReLU(), (-1, 1)),
    ],
)
def test_scaling_layer_determines_the_value_range(layer: Any, expected: tuple[float, float]) -> None:
    image = keras.Input((8, 8, 3))
    assert from_keras(keras.Model(image, layers.ReLU()(layer()(image)))).image_value_range == expected


def image_and(other: Any) -> Any:
    image = keras.Input((8, 8, 3), name="image")
    return keras.Model([image, other], layers.Flatten()(image))


def one_input(shape: tuple[int, ...], dtype: str = "float32", layer: Any = None) -> Any:
    image = keras.Input(shape, dtype=dtype, name="image")
    return keras.Model(image, (layer or layers.Flatten())(image), name="net")


def only_an_input() -> Any:
    image = keras.Input((8, 8, 3))
    return keras.Model(image, image, name="net")


def test_padding_the_channels_does_not_make_a_model_channels_first() -> None:
    image = keras.Input((8, 8, 3))
    padded = layers.ZeroPadding2D(((0, 0), (1, 2)), data_format="channels_first", name="pad")(image)
    model = from_keras(keras.Model(image, layers.ReLU(name="relu")(padded)))
    (values,) = evaluate(model, ["relu"], images(pixel=(0.75, 0.5, 1)))
    np.testing.assert_allclose(values[0, 0, 0], [0, 0.5, 0, 1, 0, 0])


def test_the_reason_of_a_layers_own_error_is_shown() -> None:
    class Tokens(layers.Layer):
        def call(self, image: Any) -> Any:
            if image.shape[1] == 9:
                raise ValueError("Nine rows are too many.")
            return image

    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.ReLU(name="relu")(Tokens(name="tokens")(image))))
    with pytest.raises(ModelError, match=r"'tokens' below it failed \(Nine rows are too many\)\."):
        evaluate(model, ["relu"], images(9))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: image_and(keras.Input((2,), name="size")),
            r"has 2 inputs: 'image' and 'size'\. Expected a single input",
        ),
        (
            lambda: one_input((8, 8, 3), "bool"),
            r"^The Keras model 'net' takes an input of type bool\. Expected images of numbers",
        ),
        (lambda: one_input((8,)), r"takes an input of shape \(None, 8\)\. Expected images, \(batch, height, width"),
        (lambda: keras.Sequential(name="empty"), r"^The Keras model 'empty' has no layers\.$"),
        (only_an_input, r"^The Keras model 'net' has no layers\.$"),
        (
            lambda: keras.Sequential([layers.ReLU()], name="raw"),
            r"^The Sequential model 'raw' is not built.* call model\.build\(\(None, height, width, 3\)\)\.$",
        ),
        (
            lambda: one_input((3, 8, 8), layer=layers.MaxPooling2D(data_format="channels_first", name="pool")),
            r"has channels first: layer 'pool' is channels_first\. Build it after keras\.config\.set_image_data_f",
        ),
        (lambda: {"not": "a model"}, r"^Expected a Keras 3 model, received a dict \(builtins\)\.$"),
    ],
)
def test_rejects_models_that_cannot_be_used(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        from_keras(make())
