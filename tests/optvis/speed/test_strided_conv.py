"""The gradient of a strided convolution of images, compared with TensorFlow's for many sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.speed.flipped_conv import flipped_conv_grad
from lucid_widgets.optvis.speed.strided_conv import strided_conv_grad


def in_a_graph(kernel: Any, grad: Any, stride: int, size: tuple[int, int], padding: str) -> Any:
    compute = tf.function(lambda k, g: strided_conv_grad(k, g, stride, size, padding), autograph=False)
    return compute(kernel, grad)


def test_one_row_equals_the_hand_computed_values() -> None:
    """Outputs at pixels 0 and 2 use three pixels each, times 1, 2 and 3. Both use the middle one of the five."""
    kernel = tf.reshape(tf.constant([1.0, 2.0, 3.0]), [1, 3, 1, 1])
    grad = tf.reshape(tf.constant([10.0, 100.0]), [1, 1, 2, 1])
    made = in_a_graph(kernel, grad, 2, (1, 5), "VALID")
    assert tf.squeeze(made).numpy().tolist() == [10.0, 20.0, 30.0 + 100.0, 200.0, 300.0]


def test_pixels_that_no_output_uses_have_zero_gradient() -> None:
    kernel = tf.reshape(tf.constant([2.0]), [1, 1, 1, 1])
    grad = tf.reshape(tf.constant([10.0, 100.0]), [1, 1, 2, 1])
    made = in_a_graph(kernel, grad, 3, (1, 6), "VALID")
    assert tf.squeeze(made).numpy().tolist() == [20.0, 0.0, 0.0, 200.0, 0.0, 0.0]


@pytest.mark.slow
@given(
    size=st.tuples(st.integers(1, 13), st.integers(1, 13)),
    taps=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    stride=st.integers(2, 4),
    padding=st.sampled_from(["SAME", "VALID"]),
    channels=st.integers(1, 4),
)
def test_equals_tensorflow_for_any_size(
    size: tuple[int, int], taps: tuple[int, int], stride: int, padding: str, channels: int
) -> None:
    size = (max(size[0], taps[0]), max(size[1], taps[1]))
    rng = np.random.default_rng(0)
    kernel = tf.constant(rng.normal(size=(*taps, channels, 5)), tf.float32)
    image = tf.constant(rng.normal(size=(2, *size, channels)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(image)
        y = tf.nn.conv2d(image, kernel, stride, padding)
    grad = tf.constant(rng.normal(size=y.shape), tf.float32)
    true = tape.gradient(y, image, output_gradients=grad)
    made = in_a_graph(kernel, grad, stride, size, padding)
    np.testing.assert_allclose(made, true, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("channels", "options", "shape", "treated"),
    [
        (3, {"strides": 2, "padding": "SAME"}, (2, 9, 8, 3), True),
        (3, {"strides": 2, "padding": "VALID"}, (None, 9, 8, 3), True),
        (5, {"strides": 2, "padding": "SAME"}, (2, 9, 8, 5), False),
        (3, {"strides": 2, "padding": "SAME"}, (2, None, 8, 3), False),
        (3, {"strides": (1, 2), "padding": "SAME"}, (2, 9, 8, 3), False),
        (3, {"strides": 2, "padding": [[0, 0], [2, 1], [0, 1], [0, 0]]}, (2, 9, 8, 3), False),
        (4, {"strides": 2, "padding": "SAME"}, (2, 9, 8, 4), True),
    ],
    ids=str,
)
def test_applies_to_known_sizes_and_few_channels(
    channels: int, options: dict[str, Any], shape: tuple[Any, ...], treated: bool
) -> None:
    rng = np.random.default_rng(0)
    kernel = tf.constant(rng.normal(size=(3, 3, channels, 6)), tf.float32)
    image = tf.constant(rng.normal(size=[size or 9 if size != shape[0] else 2 for size in shape]), tf.float32)

    def gradients(override: bool) -> tuple[Any, set[str]]:
        @tf.function(autograph=False, input_signature=[tf.TensorSpec(shape, tf.float32)])
        def compute(image: Any) -> Any:
            with gradient_override_map({"Conv2D": flipped_conv_grad} if override else {}):
                y = tf.nn.conv2d(image, kernel, **options)
            return tf.gradients(tf.reduce_sum(y * y), image)[0]

        return compute(image), {op.type for op in compute.get_concrete_function().graph.get_operations()}

    (made, kinds), (true, _) = gradients(True), gradients(False)
    np.testing.assert_allclose(made, true, rtol=1e-4, atol=1e-4)
    assert ("Conv2DBackpropInput" not in kinds) == treated
