"""What stands before a fused activation, computed by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import GradientWarning
from lucid_widgets.modelzoo.get_activations import get_activations
from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.optvis.objectives import channel, class_logit
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.widgets._workbench.presets import preset

IMAGE = np.random.default_rng(0).random((1, 6, 6, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((6, 6, 3)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.Conv2D(4, 1, name="plain"),
            keras.layers.Activation("tanh", name="tanh"),
            keras.layers.Flatten(),
            keras.layers.Dense(5, activation="softmax", name="preds"),
        ]
    )


def test_pre_is_the_layer_without_its_activation(network: Any) -> None:
    model = from_keras(network, image_value_range=(0, 1))
    conv, plain, preds = (network.get_layer(name) for name in ("conv", "plain", "preds"))
    before = tf.nn.conv2d(IMAGE, conv.kernel, 1, "VALID") + conv.bias
    for name in ("conv:pre", "conv_pre_relu"):
        np.testing.assert_allclose(get_activations(model, name, IMAGE), before, atol=1e-6)
        assert model.get_layer(name).channels == 4
        assert model.get_layer(name).kind == "pre_relu"
    linear = tf.matmul(tf.nn.relu(before), tf.reshape(plain.kernel, (1, 1, 4, 4))) + plain.bias
    np.testing.assert_allclose(get_activations(model, "tanh:pre", IMAGE), linear, atol=1e-6)
    logits = tf.reshape(tf.tanh(linear), (1, -1)) @ tf.convert_to_tensor(preds.kernel) + preds.bias
    np.testing.assert_allclose(get_activations(model, "preds:pre", IMAGE), logits, atol=1e-5)
    np.testing.assert_allclose(get_activations(model, "preds", IMAGE), tf.nn.softmax(logits), atol=1e-6)
    assert preds.activation is keras.activations.softmax


def test_pre_exists_only_where_there_is_an_activation(network: Any) -> None:
    model = from_keras(network)
    assert not model.network.has("plain:pre")
    assert not model.network.has("nothing:pre")
    assert model.network.before_activation("preds") == ("preds:pre", "softmax")
    assert model.network.before_activation("plain") is None
    assert "conv:pre" not in model.layers
    with pytest.raises(ValueError, match=r"no layer named 'plain:pre'"):
        model.get_layer("plain:pre")


def test_changed_weights_are_seen(network: Any) -> None:
    model = from_keras(network)
    before = get_activations(model, "preds:pre", IMAGE)
    bias = network.get_layer("preds").bias
    bias.assign(bias + 1)
    np.testing.assert_allclose(get_activations(model, "preds:pre", IMAGE), before + 1, atol=1e-5)


def sure_network() -> Any:
    """A classifier that is sure of class 0, whatever it sees."""
    network = keras.Sequential(
        [
            keras.Input((6, 6, 3)),
            keras.layers.Conv2D(4, 3, name="conv"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(5, activation="softmax", name="preds"),
        ]
    )
    network.get_layer("preds").bias.assign([80.0, 0, 0, 0, 0])
    return from_keras(network, image_value_range=(0, 1), labels=list("abcde"))


def test_a_run_that_cannot_move_says_why() -> None:
    model = sure_network()
    run = {"steps": 8, "image_size": 6, "every": 8, "transforms": []}
    with pytest.warns(GradientWarning, match=r"hardly changed in the first 8 steps.*softmax.*Use 'preds:pre' in its"):
        list(iter_vis(model, "preds:3", **run))
    first, last = iter_vis(model, "preds:pre:3", **run)
    assert np.abs(last.images - first.images).max() > 0.1


def test_a_run_with_a_tiny_gradient_says_which_weight_helps() -> None:
    network = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Conv2D(4, 3, use_bias=False, name="conv")])
    conv = network.get_layer("conv")
    conv.kernel.assign(1e-15 * conv.kernel)
    model = from_keras(network, image_value_range=(0, 1))
    run = {"steps": 8, "image_size": 6, "every": 8, "transforms": []}
    with pytest.warns(GradientWarning, match=r'random weights, maximize 1e\+17 \* channel\("conv", 1\)\.$') as caught:
        list(iter_vis(model, "conv:1", **run))
    advice = str(caught[0].message).partition("maximize ")[2].rstrip(".")
    first, last = iter_vis(model, advice, **run)
    assert np.abs(last.images - first.images).max() > 0.1


def test_class_logit_of_a_probability_names_the_logit() -> None:
    model = sure_network()
    with pytest.warns(GradientWarning, match=r"'preds' holds probabilities.* Use class_logit\('preds:pre', 'd'\)"):
        class_logit("preds", "d").validate(model)
    class_logit("preds:pre", "d").validate(model)
    assert preset("class", model, channel("conv", 0))["objective"] == class_logit("preds:pre", "a")
