"""Gradients of units behind a GELU or SiLU, which raise units that are off."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.modelzoo.keras.fused import raised, raising_units
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.render import iter_vis

BEFORE = np.array([-3, -2, -0.5, 0.5, 2], np.float32)


def gelu_slope(x: np.ndarray) -> np.ndarray:
    """The derivative of x * Phi(x), from its definition."""
    normal = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    below = np.array([0.5 * (1 + float(tf.math.erf(each / np.sqrt(2)))) for each in x])
    return below + x * normal


def gradient(push: Any) -> np.ndarray:
    before = tf.constant(BEFORE)
    with tf.GradientTape() as tape:
        tape.watch(before)
        after = keras.activations.gelu(before, approximate=False)
        value = tf.reduce_sum(raised(before, after) * push)
    return np.asarray(tape.gradient(value, before))


def test_units_that_are_off_follow_their_input_when_they_shall_rise() -> None:
    true = gelu_slope(BEFORE)
    assert (true[:2] < 0).all()  # the slope itself would turn these units off
    np.testing.assert_allclose(gradient(-2.0), -2 * np.where(BEFORE < 0, 1, true), rtol=1e-5)
    np.testing.assert_allclose(gradient(2.0), 2 * true, rtol=1e-5, atol=1e-7)


def network(activation: str, how: str = "layer") -> Any:
    """Two channels at each pixel: its brightness minus 3, and the same with the opposite sign."""
    image = keras.Input((4, 4, 1))
    conv = keras.layers.Conv2D(2, 1, activation=activation if how == "argument" else None, name="unit")
    x = conv(image)
    if how == "layer":
        x = keras.layers.Activation(activation, name="unit_off")(x)
    if how == "function":
        x = getattr(keras.ops, activation)(x)
    network = keras.Model(image, keras.layers.Conv2D(1, 1, name="next")(x))
    conv.set_weights([np.array([[[[1, -1]]]], np.float32), np.array([-3, 3], np.float32)])
    return from_keras(network, image_value_range=(0, 1))


def slope(model: Any, objective: Any, raising: bool = True) -> np.ndarray:
    @tf.function(autograph=False)
    def compute(image: Any) -> Any:
        if raising:
            with raising_units():
                value = objective(model.import_graph(image))
        else:
            value = objective(model.import_graph(image))
        return tf.gradients(-value, image)[0]

    return np.asarray(compute(tf.fill((1, 4, 4, 1), 0.5)))


@pytest.mark.parametrize(("activation", "how"), [("gelu", "argument"), ("gelu", "function"), ("silu", "layer")])
def test_an_objective_follows_the_input_of_its_layer(activation: str, how: str) -> None:
    model = network(activation, how)
    layer = {"argument": "unit", "layer": "unit_off"}.get(how, model.layers.names[-2])
    unit = objectives.channel(layer, 0)  # -2.5 before the activation
    np.testing.assert_allclose(slope(model, unit), -1 / 16, rtol=1e-5)
    assert (slope(model, unit, raising=False) > 0).all()  # darker, which turns the unit off
    on = objectives.channel(layer, 1)  # 2.5
    np.testing.assert_allclose(slope(model, on), slope(model, on, raising=False), rtol=1e-5)
    # Layers below an objective's layer have their own gradients.
    after = objectives.channel("next", 0)
    np.testing.assert_array_equal(slope(model, after), slope(model, after, raising=False))
    image = np.full((1, 4, 4, 1), 0.5, np.float32)

    def value(raising: bool) -> float:
        def compute() -> Any:
            return unit(model.import_graph(tf.constant(image)))

        if not raising:
            return float(tf.function(compute, autograph=False)())
        with raising_units():
            return float(tf.function(compute, autograph=False)())

    assert value(True) == value(False) < 0


def test_a_run_raises_a_unit_that_is_off() -> None:
    model = network("gelu")

    def ends(redirected: bool) -> np.ndarray:
        make = lambda: param.image(4, channels=1, fft=False)  # noqa: E731
        frames = iter_vis(model, "unit_off:0", make, steps=8, transforms=[], relu_gradient_override=redirected)
        *_, last = frames
        return last.images

    assert ends(True).mean() > 0.55 > 0.45 > ends(False).mean()
