"""Gradients of a graph with respect to the image, without those of weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.optvis.speed.graph_gradients import skip_constant_inputs

RNG = np.random.default_rng(0)
FIRST, SECOND = (RNG.normal(size=(6, 6)).astype(np.float32) for _ in range(2))
SCALE, SHIFT = (RNG.normal(size=6).astype(np.float32) for _ in range(2))
IMAGE = RNG.normal(size=(4, 6)).astype(np.float32)


def gradient(skips: bool) -> tuple[np.ndarray, list[str]]:
    """Return the gradient of a small network, and the kinds of operations in its graph."""
    weights = [tf.Variable(each) for each in (FIRST, SECOND)]

    def compute(image: Any) -> Any:
        x = tf.matmul(image, weights[0]) * SCALE + SHIFT
        x = tf.matmul(weights[1], x, transpose_b=True) / (1 + tf.square(SCALE)[:, None])
        value = tf.reduce_sum(tf.matmul(x, tf.nn.softplus(SHIFT[:, None] - x), transpose_a=True))
        if skips:
            skip_constant_inputs([image])
        return tf.compat.v1.gradients(value, [image])[0]

    traced = tf.function(compute, autograph=False).get_concrete_function(tf.TensorSpec(IMAGE.shape))
    return np.asarray(traced(tf.constant(IMAGE))), [op.type for op in traced.graph.get_operations()]


def test_only_gradients_of_what_depends_on_the_image_are_built() -> None:
    whole, all_kinds = gradient(skips=False)
    found, kinds = gradient(skips=True)
    np.testing.assert_array_equal(found, whole)
    # Three products; one gradient of each of the first two, two of the third, whose factors both depend on the image.
    assert all_kinds.count("MatMul") == 3 + 2 + 2 + 2
    assert kinds.count("MatMul") == 3 + 1 + 1 + 2
    assert kinds.count("Sum") < all_kinds.count("Sum")
