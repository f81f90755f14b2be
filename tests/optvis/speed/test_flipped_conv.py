"""The gradient of a convolution as a flipped convolution, compared with TensorFlow's for all kinds of convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.speed.flipped_conv import flipped_conv_grad

RNG = np.random.default_rng(0)


def gradients(kernel: Any, options: dict[str, Any], override: bool, channels: int = 4) -> tuple[list[Any], set[str]]:
    """The gradients with respect to image and kernel, and the types of the operations that compute the first."""
    image = tf.constant(np.random.default_rng(1).normal(size=(2, 9, 8, channels)), tf.float32)

    @tf.function(autograph=False)
    def compute(image: Any, kernel: Any) -> Any:
        with gradient_override_map({"Conv2D": flipped_conv_grad} if override else {}):
            y = tf.nn.conv2d(image, kernel, **options)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        return tf.gradients(y, [image, kernel], pull)

    kernel = tf.constant(kernel, tf.float32)
    made = {op.type for op in compute.get_concrete_function(image, kernel).graph.get_operations()}
    return compute(image, kernel), made


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 5), (1, 3), (5, 1)])
def test_stride_1_uses_a_forward_convolution(size: tuple[int, int]) -> None:
    kernel = RNG.normal(size=(*size, 4, 6))
    options = {"strides": 1, "padding": "SAME"}
    (image, filters), made = gradients(kernel, options, override=True)
    (true_image, true_filters), _ = gradients(kernel, options, override=False)
    np.testing.assert_allclose(image, true_image, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(filters, true_filters, rtol=1e-5, atol=1e-6)
    assert "Conv2DBackpropInput" not in made


@pytest.mark.parametrize(
    ("size", "options", "channels"),
    [
        ((3, 3), {"strides": (2, 1), "padding": "SAME"}, 4),
        ((3, 3), {"strides": 1, "padding": "VALID"}, 4),
        ((2, 2), {"strides": 1, "padding": "SAME"}, 4),
        ((3, 3), {"strides": 1, "padding": [[0, 0], [2, 1], [0, 1], [0, 0]]}, 4),
    ],
    ids=str,
)
def test_other_convolutions_use_tensorflows_gradient(
    size: tuple[int, int], options: dict[str, Any], channels: int
) -> None:
    kernel = RNG.normal(size=(*size, 4, 6))
    ours, made = gradients(kernel, options, override=True, channels=channels)
    true, _ = gradients(kernel, options, override=False, channels=channels)
    for mine, theirs in zip(ours, true, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert "Conv2DBackpropInput" in made
