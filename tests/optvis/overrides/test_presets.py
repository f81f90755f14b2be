"""Max pools, linearization and gradients of functions, against numbers computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import overrides

X = np.asarray([1.0, 3.0, 2.0, -4.0], np.float32).reshape(1, 1, 4, 1)


GRAD = np.asarray([10.0, 1.0], np.float32).reshape(1, 1, 2, 1)


def pool(x: Any) -> Any:
    return tf.nn.max_pool2d(x, [1, 2], [1, 2], "VALID")


def gradient(function: Callable[[Any], Any], x: Any, grad: Any, within: Any) -> np.ndarray:
    @tf.function(autograph=False)
    def compute(x: Any) -> Any:
        with within():
            y = function(x)
        return tf.gradients(y, x, grad)[0]

    return compute(tf.constant(x)).numpy().ravel()


def test_average_gradient_reaches_the_whole_window() -> None:
    assert gradient(pool, X, GRAD, lambda: overrides.gradient_override_map({})).tolist() == [0, 10, 1, 0]
    assert gradient(pool, X, GRAD, overrides.pooling_overrides).tolist() == [5, 5, 0.5, 0.5]


def test_l2_gradient_equals_differences_of_the_smooth_pool() -> None:
    def smooth(x: np.ndarray) -> float:
        pairs = x.reshape(2, 2)
        pooled = (pairs**2).mean(1) / (0.01 + np.abs(pairs).mean(1))
        return float((pooled * GRAD.ravel()).sum())

    flat = X.astype(np.float64).ravel()
    steps = np.eye(4) * 1e-5
    expected = [(smooth(flat + step) - smooth(flat - step)) / 2e-5 for step in steps]
    within = {"MaxPool": overrides.l2_smoothed_maxpool_grad}
    found = gradient(pool, X, GRAD, lambda: overrides.gradient_override_map(within))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    with pytest.raises(
        ArgumentError, match=r"smooth_type of make_smoothed_maxpool_grad\(\) is 'max'\. Expected 'avg' or 'L2'"
    ):
        overrides.make_smoothed_maxpool_grad("max")


def test_default_overrides_cover_relus_and_max_pools() -> None:
    assert set(overrides.default_overrides_map) == {"Relu", "Relu6", "MaxPool"}

    def layers(x: Any) -> Any:
        return pool(tf.nn.relu(x - 10))

    # All units are inactive: the gradient that would raise them passes, spread over the windows.
    assert gradient(layers, X, -GRAD, overrides.default_overrides).tolist() == [-5, -5, -0.5, -0.5]


def test_linearization_passes_gradients_through_relus() -> None:
    assert gradient(lambda x: pool(tf.nn.relu(x)), X, GRAD, overrides.linearization_overrides).tolist() == [
        5, 5, 0.5, 0.5,
    ]  # fmt: skip
    assert gradient(tf.nn.relu6, 10 * X, X, overrides.linearization_overrides).tolist() == X.ravel().tolist()


def test_use_gradient_replaces_the_gradient_of_a_function() -> None:
    @overrides.use_gradient(lambda op, grad: grad * op.inputs[0] + op.outputs[0])
    def floor(x: Any) -> Any:
        """Rounds down."""
        return tf.floor(x)

    assert floor.__name__ == "floor"
    assert floor.__doc__ == "Rounds down."
    x = tf.Variable([1.5, 2.25])
    with tf.GradientTape() as tape:
        y = floor(x)
        loss = tf.reduce_sum(y * [2.0, 3.0])
    np.testing.assert_allclose(y, [1, 2])
    np.testing.assert_allclose(tape.gradient(loss, x), [2 * 1.5 + 1, 3 * 2.25 + 2])


def test_use_gradient_of_several_arguments() -> None:
    @overrides.use_gradient(lambda op, grad: (grad * 2, grad * op.inputs[0]))
    def product(a: Any, b: Any) -> Any:
        return a * b

    a, b = tf.Variable(3.0), tf.Variable(5.0)
    with tf.GradientTape() as tape:
        y = product(a, b)
    assert [float(each) for each in tape.gradient(y, [a, b])] == [2, 3]


def test_register_to_random_name_returns_the_same_name_again() -> None:
    name = overrides.register_to_random_name(overrides.identity_grad)
    assert overrides.register_to_random_name(overrides.identity_grad) == name
    assert gradient(tf.nn.relu, -X, X, lambda: overrides.gradient_override_map({"Relu": name})).tolist() == [
        1,
        3,
        2,
        -4,
    ]
