"""Names of the layers of Keras models, nested and shared ones included, and what is known of each layer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from modelzoo.keras.towers import conv, op_types, towers_model
from modelzoo.tiny_nets import LEFT, LEFT_BIAS, RIGHT, VALUE_RANGE, evaluate, images

from lucid_widgets.errors import ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("restart_layer_numbering")]


def test_sequential_model() -> None:
    model = keras.Sequential([keras.Input((8, 8, 3)), conv(LEFT, LEFT_BIAS, name="left"), layers.ReLU(name="relu")])
    adapter = from_keras(model, image_value_range=VALUE_RANGE)
    assert adapter.layers.names == ("left", "relu")
    (relu,) = evaluate(adapter, ["relu"], images(5))
    np.testing.assert_allclose(relu[0, 0, 0], [0, 3])


def nested_model() -> Any:
    inner_image = keras.Input((8, 8, 3), name="inner_image")
    inner = keras.Model(
        inner_image, layers.ReLU(name="relu")(conv(LEFT, LEFT_BIAS, name="left")(inner_image)), name="inner"
    )
    sequence = keras.Sequential([conv(np.float32([[1], [10]]), name="mix")], name="sequence")
    image = keras.Input((8, 8, 3), name="image")
    return keras.Model(image, layers.ReLU(name="top")(sequence(inner(image))), name="outer")


def test_layers_of_nested_models_have_paths() -> None:
    model = from_keras(nested_model(), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("inner/left", "inner/relu", "sequence/mix", "top")
    names = ["inner/left", "left", "inner/relu", "inner", "sequence/mix", "mix", "sequence", "top"]
    values = evaluate(model, names, images(11))
    expected = [[-1, 3], [-1, 3], [0, 3], [0, 3], [30], [30], [30], [30]]
    for name, value, numbers in zip(names, values, expected, strict=True):
        np.testing.assert_allclose(value[0, -1, -1], numbers, err_msg=name)
    assert model.get_layer("left").channels == 2
    assert op_types(model, "left").count("Conv2D") == 1


def test_ambiguous_inner_name_needs_its_path() -> None:
    def branch(name: str) -> Any:
        image = keras.Input((8, 8, 3))
        return keras.Model(image, conv(RIGHT, name="conv")(image), name=name)

    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.Add(name="sum")([branch("a")(image), branch("b")(image)])))
    with pytest.raises(UnknownNameError, match=r"no layer named 'conv'\. Did you mean '[ab]/conv' or '[ab]/conv'"):
        model.get_layer("conv")
    assert model.get_layer("b/conv").channels == 1


def test_shared_layer_has_a_name_for_each_use() -> None:
    image = keras.Input((8, 8, 3))
    twice = conv(np.float32(2 * np.eye(3)), name="twice")
    first = twice(image)
    model = from_keras(keras.Model(image, twice(layers.ReLU(name="relu")(first))), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("twice", "relu", "twice@2")
    once, again = evaluate(model, ["twice", "twice@2"], images())
    np.testing.assert_allclose(once[0, 0, 0], [2, 4, 8])
    np.testing.assert_allclose(again[0, 0, 0], [4, 8, 16])


def test_shared_nested_model_has_a_name_for_each_use() -> None:
    inner_image = keras.Input((8, 8, 3))
    inner = keras.Model(inner_image, conv(np.float32(2 * np.eye(3)), name="twice")(inner_image), name="inner")
    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, inner(inner(image))), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("inner/twice", "inner@2/twice")
    np.testing.assert_allclose(evaluate(model, ["inner@2/twice"], images())[0][0, 0, 0], [4, 8, 16])


def test_further_outputs_of_a_layer_have_names() -> None:
    @keras.saving.register_keras_serializable("tests")
    class Halves(layers.Layer):
        def call(self, x: Any) -> tuple[Any, Any]:
            return x[..., :1], x[..., 1:]

    image = keras.Input((8, 8, 3))
    first, rest = Halves(name="halves")(image)
    model = from_keras(keras.Model(image, [first, rest]), image_value_range=VALUE_RANGE)
    assert [(layer.name, layer.channels) for layer in model.layers] == [("halves", 1), ("halves:1", 2)]
    one, two, zero = evaluate(model, ["halves", "halves:1", "halves:0"], images())
    np.testing.assert_allclose(two[0, 0, 0], [2, 4])
    np.testing.assert_allclose(one, zero)


def test_model_cut_from_another_has_only_its_own_layers() -> None:
    whole = towers_model()
    model = from_keras(keras.Model(whole.input, whole.get_layer("both").output), image_value_range=VALUE_RANGE)
    assert model.layers.names == ("left_conv", "relu", "right", "both")


def test_input_map_replaces_a_layer(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return towers.import_graph(image, input_map={"right": tf.fill([1, 8, 8, 1], 70.0)})("both")

    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], [0, 3, 70])


def test_layers_have_kinds_channels_and_shares(towers: KerasModel) -> None:
    assert [(layer.name, layer.kind, layer.channels) for layer in towers.layers] == [
        ("left_conv", "conv", 2),
        ("relu", "relu", 2),
        ("right", "conv", 1),
        ("both", "concat", 3),
        ("pool", "pool", 3),
        ("flat", "reshape", 12),
        ("logits", "dense", 4),
        ("probabilities", "softmax", 4),
    ]
    left, right, head = 8 * 8 * 3 * 2, 8 * 8 * 3 * 1, 12 * 4
    total = left + right + head
    shares = {layer.name: layer.share for layer in towers.layers}
    assert shares["relu"] == pytest.approx(left / total)
    assert shares["both"] == pytest.approx((left + right) / total)
    assert shares["logits"] == 1


def test_shares_count_depthwise_and_strided_convolutions() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, name="depthwise")(image)
    model = from_keras(keras.Model(image, layers.Conv2D(5, 3, strides=2, padding="same", name="strided")(x)))
    depthwise, strided = 8 * 8 * 6 * 9, 4 * 4 * 5 * 9 * 6
    assert model.layers["depthwise"].share == pytest.approx(depthwise / (depthwise + strided))


@pytest.mark.parametrize("name", ["layer:0", "größe", "a layer", "_hidden"])
def test_a_layer_is_found_whose_name_tensorflow_refuses_as_a_scope(name: str) -> None:
    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, layers.ReLU(name=name)(image)))
    (values,) = evaluate(model, [name], images())
    np.testing.assert_allclose(values[0, 0, 0], [0, 0, 1])
    assert model.layers.names == (name,)
    assert model.get_layer(name).kind == "relu"


class Fails(layers.Layer):
    def compute_output_spec(self, values: Any) -> Any:
        return keras.KerasTensor(values.shape, values.dtype)

    def call(self, values: Any) -> Any:
        return layers.ReLU(name="a:0")(values)


def test_a_layer_that_fails_leaves_no_name_scope_open() -> None:
    image = keras.Input((8, 8, 3))
    model = from_keras(keras.Model(image, Fails(name="fails")(image)))
    with pytest.raises(ModelError, match="a:0"):
        evaluate(model, ["fails"], images())
    assert keras.Variable(0.0, name="value").path == "value"
