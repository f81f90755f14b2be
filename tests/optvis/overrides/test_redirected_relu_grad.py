"""Redirected ReLU gradients, and which operations an override reaches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.overrides import gradient_override_map, relu_overrides
from lucid_widgets.optvis.overrides.redirected_relu_grad import REDIRECTED_STEPS


def gradient(
    activation: Callable[[Any], Any], x: Any, grad: Any, step: int | None = 0, overrides: Any = relu_overrides
) -> list[Any]:
    """Return the gradient with respect to `x`, as the engine takes it. A `step` of None is outside an optimization."""

    @tf.function(autograph=False)
    def compute(x: Any, grad: Any, step: Any) -> Any:
        with nullcontext() if step is None else seeding.scope(seeding.seed_tensor(0), step), overrides():
            return tf.gradients(activation(x), x, grad_ys=grad)[0]

    shape = (len(x), 1, 1, len(x[0]))
    tensors = (tf.constant(np.reshape(each, shape), tf.float32) for each in (x, grad))
    result = compute(*tensors, None if step is None else tf.constant(step))
    return np.squeeze(result.numpy(), (1, 2)).tolist()


def test_redirected_relu_gradient_of_one_image() -> None:
    # Redirected, because the gradient of every active unit is zero.
    assert gradient(tf.nn.relu, [[-1, -1, 2, 2]], [[3, -3, 0, 0]]) == [[0, -3, 0, 0]]
    # Not redirected, because one gradient of an active unit is not zero.
    assert gradient(tf.nn.relu, [[-1, -1, 2, 2]], [[3, -3, 0, 1e-30]]) == [[0, 0, 0, pytest.approx(1e-30)]]
    assert gradient(tf.nn.relu, [[-1, -1, 2, 2]], [[3, -3, 5, -5]]) == [[0, 0, 5, -5]]


def test_each_image_of_a_batch_is_redirected_independently() -> None:
    x = [[-1, -2, -3], [-1, 2, -3], [-1, -2, -3], [1, 2, 3]]
    grad = [[1, -2, -3], [1, -2, -3], [1, 2, 3], [1, -2, -3]]
    assert gradient(tf.nn.relu, x, grad) == [[0, -2, -3], [0, -2, 0], [0, 0, 0], [1, -2, -3]]


def test_redirected_relu6_gradient() -> None:
    x = [[-1, -1, 7, 7], [-1, -1, 7, 3], [7, 7, 7, 7]]
    grad = [[2, -2, 2, -2], [2, -2, 2, -2], [-1, -2, 0, 4]]
    # Below 0, only gradients that raise the input pass; above 6, only those that lower it.
    assert gradient(tf.nn.relu6, x, grad) == [[0, -2, 2, 0], [0, 0, 0, -2], [0, 0, 0, 4]]


@pytest.mark.parametrize("activation", [tf.nn.relu, tf.nn.relu6])
def test_redirection_ends_after_sixteen_steps(activation: Any) -> None:
    def at(step: int | None) -> list[Any]:
        return gradient(activation, [[-1, -2]], [[-1, 2]], step)

    assert REDIRECTED_STEPS == 16
    assert at(0) == at(15) == at(None) == [[-1, 0]]
    assert at(16) == at(500) == [[0, 0]]


def test_inactive_unit_has_no_gradient_without_overrides() -> None:
    assert gradient(tf.nn.relu, [[-1, -2]], [[-1, 2]], overrides=nullcontext) == [[0, 0]]


def test_redirected_relu_after_a_dense_layer() -> None:
    @tf.function(autograph=False)
    def compute(x: Any, grad: Any) -> Any:
        with relu_overrides():
            return tf.gradients(tf.nn.relu(x), x, grad_ys=grad)[0]

    x, grad = tf.constant([[-1.0, -2], [3, -2]]), tf.constant([[-1.0, 1], [1, -1]])
    assert compute(x, grad).numpy().tolist() == [[-1, 0], [1, 0]]


def _names_in_a_new_graph(overrides: Any) -> list[bytes]:
    with tf.Graph().as_default(), gradient_override_map(overrides):
        op = tf.nn.relu(tf.zeros([1])).op
        return [op.get_attr("_gradient_op_type")]


def test_gradient_function_is_registered_once() -> None:
    def doubled(op: Any, grad: Any) -> Any:
        return 2 * grad

    (first,) = _names_in_a_new_graph({"Relu": doubled})
    assert _names_in_a_new_graph({"Relu": doubled}) == [first]
    assert _names_in_a_new_graph({"Relu": lambda op, grad: grad}) != [first]
    assert b"doubled" in first
    # The name is accepted in place of the function.
    assert _names_in_a_new_graph({"Relu": first.decode()}) == [first]
    assert gradient(tf.nn.relu, [[-1, 2]], [[5, 7]], overrides=lambda: gradient_override_map({"Relu": doubled})) == [
        [10, 14]
    ]


def test_override_reaches_only_named_operations_in_its_context() -> None:
    def nothing(op: Any, grad: Any) -> Any:
        return 0 * grad

    @tf.function(autograph=False)
    def compute(x: Any) -> Any:
        with gradient_override_map({"Tanh": nothing}):
            inside = tf.tanh(x) + tf.nn.relu(x)
        outside = tf.tanh(x)
        return tf.gradients(inside, x)[0], tf.gradients(outside, x)[0]

    inside, outside = compute(tf.constant([0.0, 1.0]))
    assert inside.numpy().tolist() == [0, 1]
    np.testing.assert_allclose(outside, 1 - np.tanh([0, 1]) ** 2, atol=1e-6)


def test_redirected_relu_gradient_equals_numpy() -> None:
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(64, 3)), rng.normal(size=(64, 3)) * rng.integers(0, 2, (64, 3))
    true = np.where(x > 0, grad, 0)
    redirected = np.where((x < 0) & (grad > 0), 0, grad)
    dead = ~true.any(1, keepdims=True)
    assert 8 < dead.sum() < 56
    np.testing.assert_allclose(gradient(tf.nn.relu, x, grad), np.where(dead, redirected, true), atol=1e-6)
