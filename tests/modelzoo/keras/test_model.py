"""Keras models: the numbers, and which layers are run."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from modelzoo.keras.towers import conv, fixed, op_types, towers_model
from modelzoo.tiny_nets import RIGHT, VALUE_RANGE, evaluate, images

from lucid_widgets.errors import ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import KerasModel, from_keras

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("restart_layer_numbering")]


v1 = tf.compat.v1


def test_layers_match_hand_computed_values(towers: KerasModel) -> None:
    names = ["left_conv", "relu", "right", "both", "logits"]
    expected = [[-1, 3], [0, 3], [7], [0, 3, 7], [3, 7, 10, 0]]
    for name, value, numbers in zip(names, evaluate(towers, names, images()), expected, strict=True):
        np.testing.assert_allclose(value.reshape(-1, len(numbers))[0], numbers, err_msg=name)


@pytest.mark.parametrize("size", [96, 57])
@pytest.mark.parametrize("built", [8, None])
def test_layers_below_the_reshape_take_any_size(size: int, built: int | None) -> None:
    model = from_keras(towers_model(built), image_value_range=VALUE_RANGE)
    (both,) = evaluate(model, ["both"], images(size, batch=2))
    assert both.shape == (2, size, size, 3)
    np.testing.assert_allclose(both, np.broadcast_to(np.float32([0, 3, 7]), both.shape))


def test_size_that_a_dense_layer_rejects_names_layer_and_size(towers: KerasModel) -> None:
    message = (
        r"^towers cannot compute layer 'probabilities' for images of 57 x 57 pixels: 'logits' below it failed "
        r"\(.*expected axis -1 of input shape to have value 12, but received input with shape \(1, 588\)\)\. "
        r"The model expects 8 x 8 pixels; layers below 'logits' take any size\.$"
    )
    with pytest.raises(ModelError, match=message):
        evaluate(towers, ["probabilities"], images(57))


def test_weights_are_shared_with_the_keras_model(towers: KerasModel) -> None:
    keras_model = towers.keras_model

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        return towers.import_graph(image)("right")

    before = run(tf.constant(images()))
    keras_model.get_layer("right").set_weights([2 * RIGHT[None, None]])
    np.testing.assert_allclose(run(tf.constant(images())), 2 * before)


def test_runs_each_requested_layer_once(towers: KerasModel) -> None:
    left = op_types(towers, "relu")
    assert (left.count("Conv2D"), left.count("Relu"), left.count("ConcatV2")) == (1, 1, 0)
    both = op_types(towers, "relu", "both", "left_conv", "both", "relu:0")
    assert (both.count("Conv2D"), both.count("Relu"), both.count("ConcatV2")) == (2, 2, 1)
    assert both.count("MatMul") == 0


def test_rejects_unknown_layer_before_running_anything(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        graph = v1.get_default_graph()
        T = towers.import_graph(image)
        count = len(graph.get_operations())
        with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'bothh'\. Did you mean 'both'"):
            T("bothh")
        with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'both:1'"):
            T("both:1")
        assert len(graph.get_operations()) == count
        return image

    run(tf.constant(images()))


@pytest.mark.parametrize(("name", "weights"), [("relu", [1, 0, 1]), ("right", [1, 1, 1])])
def test_gradient_override_reaches_keras_relus(towers: KerasModel, name: str, weights: list[float]) -> None:
    @tf.RegisterGradient(f"Keras{name}TimesTen")
    def times_ten(_: Any, gradient: Any) -> Any:
        return 10.0 * gradient

    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        with v1.get_default_graph().gradient_override_map({"Relu": f"Keras{name}TimesTen"}):
            unit = towers.import_graph(image)(name)[..., 0]
        return tf.gradients(unit, image)[0]

    np.testing.assert_allclose(run(tf.constant(images()))[0, 0, 0], 10 * 4 * np.float32(weights))


def test_imports_inside_a_while_loop(towers: KerasModel) -> None:
    @tf.function(autograph=False)
    def run(image: Any) -> Any:
        def body(step: Any, image: Any) -> tuple[Any, Any]:
            T = towers.import_graph(image)
            (gradient,) = tf.gradients(tf.reduce_sum(T("right")), image)
            return step + 1, tf.ensure_shape(image + gradient, image.shape)

        return tf.while_loop(lambda step, _: step < 3, body, (0, image))[1]

    np.testing.assert_allclose(run(tf.constant(images())), images() + 12)


def test_dropout_and_batch_norm_run_in_inference_mode() -> None:
    image = keras.Input((None, None, 3))
    x = layers.Dropout(0.5, name="drop")(image, training=True)
    moments = [np.float32(values) for values in ([1, 1, 2], [0, 0, 1], [0, 1, 2], [4, 1, 1])]
    normal = fixed(layers.BatchNormalization(epsilon=0.0, name="normal"), *moments)(x, training=True)
    model = from_keras(keras.Model(image, normal), image_value_range=VALUE_RANGE)
    drop, normal = evaluate(model, ["drop", "normal"], images(16))
    np.testing.assert_allclose(drop, np.broadcast_to(np.float32([1, 2, 4]), drop.shape))
    # (x - mean) / sqrt(variance) * gamma + beta
    np.testing.assert_allclose(normal[0, 0, 0], [0.5, 1, 5])


def test_mixed_precision_layers_are_returned_as_float32() -> None:
    image = keras.Input((None, None, 3))
    half = conv(RIGHT, dtype="mixed_float16", name="half")(image)
    model = from_keras(keras.Model(image, half), image_value_range=VALUE_RANGE)
    (value,) = evaluate(model, ["half"], images())
    assert (value.dtype, value[0, 0, 0, 0]) == (np.float32, 7)
