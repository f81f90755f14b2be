"""Compositional pattern-producing networks: images as a function of pixel coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import whole_number
from lucid_widgets.optvis import seeding

_TRUNCATED_DEVIATION = 0.87962566103423978
"""Standard deviation of a standard normal distribution truncated at -2 and 2."""


def _composite_activation(x: Any, biased: bool = True) -> Any:
    """Arctangent and its square, scaled to unit variance. The square is centered if `biased` is False."""
    x = tf.atan(x)
    square = x**2 / 0.6 if biased else (x**2 - 0.45) / 0.396
    return tf.concat([x / 0.67, square], -1)


def _relu_normalized_activation(x: Any) -> Any:
    """ReLU, centered and scaled to unit variance."""
    return (tf.nn.relu(x) - 0.40) / 0.58


def cppn(
    width: int,
    batch: int = 1,
    num_output_channels: int = 3,
    num_hidden_channels: int = 24,
    num_layers: int = 8,
    activation_func: Callable[[Any], Any] = _composite_activation,
    normalize: bool = False,
) -> Any:
    """An image that a small trainable network computes from the coordinates of each pixel.

    Images of a CPPN are smooth shapes without fine noise. They start as a single color near gray.

    Args:
        width: Width and height in pixels.
        batch: Number of images, each computed by its own network. Default: 1.
        num_output_channels: Channels of the image. Default: 3.
        num_hidden_channels: Channels of each hidden layer before its activation. Default: 24.
        num_layers: Number of hidden layers. Default: 8. More layers give finer structure.
        activation_func: Activation of the hidden layers. Default: the arctangent and its square, side by side, which
            doubles the channels.
        normalize: Normalize each hidden layer over all positions. Default: False.

    Returns:
        A float32 tensor `[batch, width, width, num_output_channels]` in [0, 1].

    Raises:
        ArgumentError: If a number is not a whole number.
        OutOfRangeError: If a number is below 1.

    Example:
        >>> render_vis(model, "mixed4a:152", lambda: param.cppn(128), optimizer=keras.optimizers.Adam(5e-3))

    Source: Lucid's `param.cppn`; Stanley, "Compositional pattern producing networks", 2007; Mordvintsev, Pezzotti,
    Schubert & Olah, "Differentiable Image Parameterizations", Distill 2018.
    """
    side = whole_number("width of cppn()", width, 1)
    count = whole_number("batch of cppn()", batch, 1)
    steps = np.linspace(-math.sqrt(3), math.sqrt(3), side, dtype=np.float32)
    # From -sqrt(3) to sqrt(3), so that both coordinates have unit variance.
    x: Any = tf.constant(np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2))
    for _ in range(whole_number("num_layers of cppn()", num_layers, 1)):
        x = _dense(x, whole_number("num_hidden_channels of cppn()", num_hidden_channels, 1), count)
        x = activation_func(_normalized(x, count) if normalize else x)
    colors = tf.sigmoid(_dense(x, num_output_channels, count, zero_weights=True))
    return tf.reshape(colors, [count, side, side, num_output_channels])


def _dense(x: Any, units: int, batch: int, zero_weights: bool = False) -> Any:
    inputs = x.shape[-1]
    deviation = 1 / math.sqrt(inputs) / _TRUNCATED_DEVIATION
    of_weights, of_bias = _sizes(batch, inputs, units), _sizes(batch, 1, units) if batch > 1 else [units]
    if zero_weights:
        weights = tf.Variable(tf.zeros(of_weights), name="weights")
    else:
        draw = _drawn(
            of_weights, lambda key: tf.random.stateless_truncated_normal([inputs, units], key, 0.0, deviation)
        )
        weights = tf.Variable(draw, name="weights", dtype=tf.float32)
    bias = _drawn(of_bias, lambda key: tf.random.stateless_normal([units], key, 0.0, 0.1))
    shift = tf.ensure_shape(tf.Variable(bias, name="bias", dtype=tf.float32), of_bias)
    return tf.matmul(x, tf.ensure_shape(weights, of_weights)) + shift


def _normalized(x: Any, batch: int) -> Any:
    mean, variance = tf.nn.moments(x, [-2], keepdims=True)
    channels = x.shape[-1]
    size = _sizes(batch, 1, channels) if batch > 1 else [channels]
    scale = tf.Variable(tf.ones(size), name="scale")
    shift = tf.Variable(tf.zeros(size), name="shift")
    return (x - mean) * tf.math.rsqrt(variance + 1e-6) * scale + shift


def _sizes(batch: int, *sizes: int) -> list[int]:
    # A single image has no batch axis, as in Lucid, so that a matrix product is one call.
    return list(sizes) if batch == 1 else [batch, *sizes]


def _drawn(size: list[int], draw: Callable[[Any], Any]) -> Callable[[], Any]:
    """Return an initial value of this size: one draw for each image of a batch, or a single one without batch axis."""
    batch = size[0] if len(size) == 3 else 1
    return seeding.lazily(lambda: tf.reshape(tf.stack([draw(key) for key in seeding.image_keys(batch)]), size))


__all__ = ["cppn"]
