"""The input range of a model: declared, measured on what the network does to an image first, or guessed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from modelzoo.tiny_nets import graph_def, placeholder, write

from lucid_widgets.modelzoo.vision_models import as_model, from_graphdef, from_keras, from_saved_model

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BYTES = {"mean": [255 * each for each in MEAN], "variance": [(255 * each) ** 2 for each in DEVIATION]}

PREPARATIONS: dict[str, tuple[Any, tuple[float, float]]] = {
    "divided": (lambda: layers.Lambda(lambda x: x / 255), (0, 255)),
    "to minus one": (lambda: layers.Rescaling(1 / 127.5, -1), (0, 255)),
    "preprocess_input": (lambda: layers.Lambda(keras.applications.mobilenet.preprocess_input), (0, 255)),
    "caffe": (lambda: layers.Lambda(lambda x: x - [123.7, 116.8, 103.9]), (0, 255)),
    "standardized": (lambda: layers.Normalization(**BYTES), (0, 255)),
    "standardized from 1": (lambda: layers.Normalization(mean=MEAN, variance=np.square(DEVIATION)), (0, 1)),
    "doubled": (lambda: layers.Rescaling(2, -1), (0, 1)),
    "times 255": (lambda: layers.Rescaling(255, -127), (0, 1)),
}


def own(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Records of this package. TensorFlow logs too, depending on what ran before."""
    return [record for record in caplog.records if record.name.startswith("lucid_widgets")]


def network(*preparation: Any, side: int | None = 8) -> Any:
    return keras.Sequential([keras.Input((side, side, 3)), *preparation, layers.Conv2D(2, 3, name="conv")])


@pytest.mark.parametrize("name", PREPARATIONS)
def test_the_range_is_measured_on_the_first_layers(name: str, caplog: pytest.LogCaptureFixture) -> None:
    make, expected = PREPARATIONS[name]
    model = from_keras(network(make()))
    assert (model.image_value_range, model.input_range) == (expected, "measured")
    assert not own(caplog)


def test_batch_normalization_shows_the_range_that_it_was_trained_on() -> None:
    layer = layers.BatchNormalization()
    model = network(layer)
    layer.moving_mean.assign(BYTES["mean"])
    layer.moving_variance.assign(BYTES["variance"])
    assert as_model(model).image_value_range == (0, 255)


@pytest.mark.parametrize("layer", [None, layers.RandomFlip(), layers.Resizing(16, 16), layers.ZeroPadding2D(2)])
def test_a_guess_is_told_once(layer: Any, caplog: pytest.LogCaptureFixture) -> None:
    net = network(*([layer] if layer else []))
    with caplog.at_level(logging.WARNING):
        model = as_model(net)
        as_model(net)
    assert (model.image_value_range, model.input_range) == ((-1, 1), "guessed")
    [record] = own(caplog)
    assert "is a guess" in record.getMessage()
    assert "models.from_keras(..., image_value_range=(0, 255))" in record.getMessage()


def test_what_was_declared_is_neither_measured_nor_a_guess(caplog: pytest.LogCaptureFixture) -> None:
    net = network(layers.Rescaling(1 / 255))
    model = from_keras(net, image_value_range=(0, 1))
    assert (model.image_value_range, model.input_range) == ((0, 1), "declared")
    assert from_keras(net, preprocess="tf").input_range == "declared"
    assert as_model("EmojiNet").input_range == "declared"
    assert not own(caplog)


def test_setting_the_range_declares_it() -> None:
    model = from_keras(network())
    model.image_value_range = (0, 1)
    assert model.input_range == "declared"


def scaled_graph(divisor: float | None) -> Any:
    def build() -> None:
        image = placeholder()
        prepared = image if divisor is None else image / divisor
        tf.nn.conv2d(prepared, tf.ones((1, 1, 3, 2)), 1, "SAME", name="conv")

    return graph_def(build)


@pytest.mark.parametrize(
    ("divisor", "expected"),
    [(255.0, ((0, 255), "measured")), (None, ((-1, 1), "guessed"))],
)
def test_the_range_of_a_frozen_graph(
    divisor: float | None, expected: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = write(scaled_graph(divisor), tmp_path / "net.pb")
    model = from_graphdef(file)
    assert (model.image_value_range, model.input_range) == expected
    assert [("models.from_graphdef(" in record.getMessage()) for record in own(caplog)] == (
        [True] if expected[1] == "guessed" else []
    )
    assert from_graphdef(file, image_value_range=(0, 4)).input_range == "declared"


def test_the_range_of_a_saved_model(tmp_path: Path) -> None:
    module = tf.Module()
    module.kernel = tf.Variable(tf.ones((3, 3, 3, 2)))
    call = tf.function(
        lambda x: {"y": tf.nn.conv2d(x / 127.5 - 1.0, module.kernel, 1, "SAME")},
        input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32)],
    )
    tf.saved_model.save(module, str(tmp_path / "net"), signatures=call)
    model = from_saved_model(tmp_path / "net")
    assert (model.image_value_range, model.input_range) == ((0, 255), "measured")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "expected"),
    [("MobileNet", (-1, 1)), ("MobileNetV2", (-1, 1)), ("ResNet50V2", (-1, 1)), ("NASNetMobile", (-1, 1)),
     ("Xception", (-1, 1)), ("EfficientNetB0", (0, 255)), ("MobileNetV3Small", (0, 255))],
)  # fmt: skip
def test_networks_of_keras_are_no_guess(
    build: str, expected: tuple[float, float], caplog: pytest.LogCaptureFixture
) -> None:
    model = as_model(getattr(keras.applications, build)(weights=None))
    assert model.image_value_range == expected
    assert not own(caplog)


@pytest.mark.parametrize("value_range", [(0, 1), (0, 255)])
def test_a_preprocessing_layer_states_the_range(value_range: tuple[int, int]) -> None:
    image = keras.Input((8, 8, 3))
    changed = keras.layers.RandomBrightness(0.2, value_range=value_range)(image)
    model = from_keras(keras.Model(image, keras.layers.Conv2D(2, 3)(changed)))
    assert (model.image_value_range, model.input_range) == (value_range, "declared")
