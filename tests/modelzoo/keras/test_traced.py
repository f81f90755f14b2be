"""Subclassed Keras models: which operations become layers, under which names, and with which weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from modelzoo.tiny_nets import LEFT, LEFT_BIAS, VALUE_RANGE, evaluate, images

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.vision_models import KerasModel, as_model, from_keras

pytestmark = pytest.mark.slow


class Block(layers.Layer):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.conv = layers.Conv2D(2, 1, name="conv", activation="relu")

    def call(self, image: Any) -> Any:
        return self.conv(image)


class Subclassed(keras.Model):
    """Twice the layer `left` of tiny_nets, with dropout that must be off."""

    def __init__(self, size: int | None = None, scale: bool = False) -> None:
        super().__init__(name="mine")
        self.size = size
        self.scale = layers.Rescaling(1 / 255) if scale else None
        self.block = Block(name="block")
        self.drop = layers.Dropout(0.5)

    def call(self, image: Any, training: bool = False) -> Any:
        if self.size not in (None, image.shape[1]):
            raise ValueError(f"Expected {self.size} pixels.")
        image = image if self.scale is None else self.scale(image)
        return keras.ops.relu(2 * self.drop(self.block(image), training=training))


@pytest.fixture
def subclassed() -> Any:
    keras.utils.clear_session()
    model = Subclassed()
    model(images())
    model.block.conv.set_weights([LEFT[None, None], LEFT_BIAS])
    return model


def relus(model: Any) -> list[str]:
    return [layer.name for layer in model.layers if layer.kind == "relu"]


def test_operations_are_layers(subclassed: Any) -> None:
    model = from_keras(subclassed, VALUE_RANGE)
    within, last = relus(model)
    assert within.endswith("conv_1/Relu")
    assert not within.startswith("mine")
    first, doubled = evaluate(model, [within, last], images(57))
    np.testing.assert_allclose(first[0, 0, 0], [0, 3])
    np.testing.assert_allclose(doubled, np.broadcast_to(np.float32([0, 6]), (1, 57, 57, 2)))
    assert (model.name, model.input_name, model.layers[last].channels) == ("mine", "image", 2)


def test_weights_are_copied_when_traced(subclassed: Any) -> None:
    before = as_model(subclassed)
    subclassed.block.conv.set_weights([2 * LEFT[None, None], LEFT_BIAS])
    after = as_model(subclassed)
    name = relus(before)[0]
    half = images(pixel=(0.625, 0.75, 1))  # in (-1, 1): 0.25, 0.5, 1
    # (0.25 + 1 - 6, -0.5 + 1 + 1), and with weights that are twice as large (2.5 - 6, 1 + 1).
    np.testing.assert_allclose(evaluate(before, [name], half)[0][0, 0, 0], [0, 1.5])
    np.testing.assert_allclose(evaluate(after, [name], half)[0][0, 0, 0], [0, 2])


def test_builds_a_model_that_was_never_called() -> None:
    assert len(relus(from_keras(Subclassed()))) == 2


def test_image_shape_is_passed_to_a_model_that_requires_it() -> None:
    message = (
        r"^The Keras model 'mine' failed for images of shape \(None, None, 3\): .*from_keras\(model, image_shape=\(he"
    )
    with pytest.raises(ModelError, match=message):
        from_keras(Subclassed(size=8))
    model = from_keras(Subclassed(size=8), image_shape=(8, 8, 3), name="other")
    assert (model.name, model.image_shape) == ("other", (8, 8, 3))
    assert evaluate(model, [model.layers.names[-1]], images())[0].shape == (1, 8, 8, 2)


def test_model_that_scales_images_expects_0_to_255(subclassed: Any) -> None:
    assert from_keras(subclassed).image_value_range == (-1, 1)
    assert from_keras(Subclassed(scale=True)).image_value_range == (0, 255)
    assert from_keras(subclassed, preprocess="caffe").is_BGR


class Gray(keras.Model):
    """A dense layer behind a Flatten, which fixes the size, for images of one channel."""

    def __init__(self, wrong: bool = False) -> None:
        super().__init__(name="gray")
        self.wrong = wrong
        self.conv, self.flatten = layers.Conv2D(2, 3, name="conv"), layers.Flatten(name="flatten")
        self.dense = layers.Dense(4, name="dense")

    def call(self, image: Any) -> Any:
        if self.wrong and image.shape[-1] != 2:
            raise ValueError("The sensor has two bands.")
        return self.dense(self.flatten(self.conv(image)))


def test_the_shape_of_an_earlier_call_is_used() -> None:
    keras_model = Gray()
    keras_model(np.zeros((2, 8, 8, 1), np.float32))
    model = from_keras(keras_model)
    assert model.image_shape == (8, 8, 1)
    image = np.random.default_rng(0).uniform(0, 1, (1, 8, 8, 1)).astype(np.float32)
    (values,) = evaluate(model, [model.layers[-1].name], image)
    np.testing.assert_allclose(values, keras_model(2 * image - 1), rtol=1e-5, atol=1e-6)


def test_the_reason_of_a_failure_is_shown() -> None:
    with pytest.raises(ModelError, match=r"of shape \(None, None, 3\): The sensor has two bands\. Pass the shape"):
        from_keras(Gray(wrong=True))


def test_rejects_image_shape_for_other_models(subclassed: Any) -> None:
    image = keras.Input((8, 8, 3))
    functional = keras.Model(image, layers.ReLU()(image), name="functional")
    with pytest.raises(ArgumentError, match=r"^image_shape= was passed for 'functional', which is not a subclassed"):
        from_keras(functional, image_shape=(8, 8, 3))
    with pytest.raises(
        ModelError, match=r"^'mine' is a subclassed model \(Subclassed\).* Use from_keras\(model\), which traces it"
    ):
        KerasModel(subclassed)
