"""Keras models with more inputs than the image, with channels first, and of whole numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from modelzoo.tiny_nets import evaluate, images

from lucid_widgets.errors import ArgumentError, ModelError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import from_graphdef, from_keras


def two_inputs() -> Any:
    """The image times 2, and next to its mean over positions two numbers plus 1."""
    photo, age = keras.Input((8, 8, 3), name="photo"), keras.Input((2,), name="age")
    double = layers.Rescaling(2.0, name="double")(photo)
    pooled = layers.GlobalAveragePooling2D(name="pool")(double)
    older = layers.Rescaling(1.0, offset=1.0, name="older")(age)
    return keras.Model([photo, age], layers.Concatenate(name="both")([pooled, older]), name="two")


@pytest.mark.parametrize("batch", [1, 3])
def test_constants_set_the_other_inputs(batch: int) -> None:
    model = from_keras(two_inputs(), (0, 1), constants={"age": [5, 7]})
    assert model.layers.names == ("double", "pool", "both")
    assert (model.input_name, model.image_shape) == ("photo", (8, 8, 3))
    (both,) = evaluate(model, ["both"], images(batch=batch))
    np.testing.assert_allclose(both, [[0.5, 1, 2, 6, 8]] * batch)


def test_a_nested_model_with_a_constant_is_opened() -> None:
    image = keras.Input((8, 8, 3), name="image")
    model = from_keras(keras.Model(image, two_inputs()([image, keras.ops.convert_to_tensor([[5.0, 7.0]])])), (0, 1))
    assert model.layers.names == ("two/double", "two/pool", "two/both")
    double, both = evaluate(model, ["double", "two/both"], images(batch=2))
    np.testing.assert_allclose(double[0, 0, 0], [0.5, 1, 2])
    np.testing.assert_allclose(both, [[0.5, 1, 2, 6, 8]] * 2)


@pytest.mark.parametrize(
    ("constants", "kind", "message"),
    [
        (None, ModelError, r"has 2 inputs: 'photo' and 'age'\. .*from_keras\(model, constants=\{'age': value\}\)"),
        ({"agee": 1}, UnknownNameError, r"'two' has no input named 'agee'\. Did you mean 'age'\?"),
        ({"age": [1, 2, 3]}, ArgumentError, r"constants\['age'\] has the shape \(3,\)\. Expected \(2,\)\."),
        ({"age": "old"}, ArgumentError, r"constants\['age'\] is 'old'\. Expected float32 of shape \(2,\)\."),
        ({"age": [1, 2], "photo": 0}, ModelError, r"^Every input of the Keras model 'two' is a constant\."),
    ],
)
def test_wrong_constants_are_named(constants: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        from_keras(two_inputs(), constants=constants)


def test_channels_first_inputs_are_transposed(tmp_path: Any) -> None:
    image = keras.Input((3, 8, 6), name="image")
    last = layers.Permute((2, 3, 1), name="permute")(image)
    model = from_keras(keras.Model(image, layers.Rescaling(2.0, name="double")(last)), (0, 1))
    assert model.image_shape == (8, 6, 3)
    pixels = np.random.default_rng(0).uniform(0, 1, (2, 8, 6, 3)).astype(np.float32)
    (double,) = evaluate(model, ["double"], pixels)
    np.testing.assert_allclose(double, 2 * pixels)
    model.save(tmp_path / "net.pb")
    (again,) = evaluate(from_graphdef(tmp_path / "net.pb", image_value_range=(0, 1)), ["double"], pixels)
    np.testing.assert_allclose(again, 2 * pixels)


@pytest.mark.parametrize(
    ("dtype", "prepare", "value_range"),
    [
        ("uint8", layers.Rescaling(1 / 51), (0, 255)),
        ("int32", layers.Rescaling(1 / 51), (0, 255)),
        ("int8", layers.Rescaling(1 / 51), (-128, 127)),
        # It divides whole numbers by 255, and leaves floats unchanged.
        ("uint8", layers.Lambda(lambda image: tf.image.convert_image_dtype(image, tf.float32)), (0, 1)),
    ],
)
def test_images_of_whole_numbers(dtype: str, prepare: Any, value_range: Any) -> None:
    image = keras.Input((8, 8, 3), dtype=dtype, name="image")
    model = from_keras(keras.Model(image, layers.ReLU(name="out")(prepare(image))))
    assert (model.image_value_range, model.input_range) == (value_range, "declared")
    (given,) = evaluate(model, ["out"], images(pixel=(1.0, 1.0, 1.0)))
    expected = keras.Model(image, prepare(image))(np.full((1, 8, 8, 3), 127 if dtype == "int8" else 255, dtype))
    np.testing.assert_allclose(given, expected, rtol=1e-6)
