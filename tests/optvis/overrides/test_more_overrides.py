"""Pools, linearization and gradients of one's own, against numbers computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import overrides, seeding, transform

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


def test_a_smoothed_pool_gives_to_all_of_its_window() -> None:
    assert gradient(pool, X, GRAD, lambda: overrides.gradient_override_map({})).tolist() == [0, 10, 1, 0]
    assert gradient(pool, X, GRAD, overrides.pooling_overrides).tolist() == [5, 5, 0.5, 0.5]


def test_an_l2_pool_gives_by_size() -> None:
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


def test_default_overrides_are_both() -> None:
    assert set(overrides.default_overrides_map) == {"Relu", "Relu6", "MaxPool"}

    def layers(x: Any) -> Any:
        return pool(tf.nn.relu(x - 10))

    # All units are dead: what would raise them passes, spread over the windows.
    assert gradient(layers, X, -GRAD, overrides.default_overrides).tolist() == [-5, -5, -0.5, -0.5]


def test_linearized_there_are_no_relus() -> None:
    assert gradient(lambda x: pool(tf.nn.relu(x)), X, GRAD, overrides.linearization_overrides).tolist() == [
        5, 5, 0.5, 0.5,
    ]  # fmt: skip
    assert gradient(tf.nn.relu6, 10 * X, X, overrides.linearization_overrides).tolist() == X.ravel().tolist()


def test_a_gradient_of_ones_own() -> None:
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


def test_a_gradient_for_each_of_several_arguments() -> None:
    @overrides.use_gradient(lambda op, grad: (grad * 2, grad * op.inputs[0]))
    def product(a: Any, b: Any) -> Any:
        return a * b

    a, b = tf.Variable(3.0), tf.Variable(5.0)
    with tf.GradientTape() as tape:
        y = product(a, b)
    assert [float(each) for each in tape.gradient(y, [a, b])] == [2, 3]


def test_a_gradient_has_one_name() -> None:
    name = overrides.register_to_random_name(overrides.identity_grad)
    assert overrides.register_to_random_name(overrides.identity_grad) == name
    assert gradient(tf.nn.relu, -X, X, lambda: overrides.gradient_override_map({"Relu": name})).tolist() == [
        1,
        3,
        2,
        -4,
    ]


# Transforms that have to do with gradients and alpha.


@pytest.mark.parametrize(("scales", "lengths"), [(None, [1, 1, 0]), ([2.0, 0.5, 3.0], [2, 0.5, 0])])
def test_normalized_gradients_have_the_length_asked_for(scales: Any, lengths: list[float]) -> None:
    image = tf.Variable(np.random.default_rng(0).random((3, 4, 5, 3)).astype(np.float32))
    pull = np.random.default_rng(1).normal(size=(3, 4, 5, 3)).astype(np.float32)
    pull[2] = 0  # an image that nothing pulls at
    with tf.GradientTape() as tape:
        seen = transform.normalize_gradient(scales)(tf.convert_to_tensor(image))
        loss = tf.reduce_sum(seen * pull)
    slope = tape.gradient(loss, image).numpy()
    np.testing.assert_array_equal(seen, image)
    np.testing.assert_allclose(np.sqrt((slope**2).sum((1, 2, 3))), lengths, rtol=1e-5)
    np.testing.assert_allclose(slope[0] / np.linalg.norm(slope[0]), pull[0] / np.linalg.norm(pull[0]), atol=1e-6)


def test_what_is_transparent_is_random_at_each_step() -> None:
    image = np.random.default_rng(0).random((2, 6, 6, 4)).astype(np.float32)
    image[..., 3] = [[[1.0] * 3 + [0.0] * 3] * 6] * 2

    def at(step: int) -> np.ndarray:
        with seeding.scope(seeding.seed_tensor(0), step):
            return transform.collapse_alpha_random(sd=0.5)(tf.constant(image)).numpy()

    np.testing.assert_allclose(at(0)[:, :, :3], image[:, :, :3, :3], atol=1e-6)
    assert np.abs(at(0)[:, :, 3:] - at(1)[:, :, 3:]).mean() > 0.01
    np.testing.assert_array_equal(at(1), at(1))
    with pytest.raises(ArgumentError, match=r"received images of shape \(2, 6, 6, 3\)\. Expected .*height, width, 4"):
        transform.collapse_alpha_random()(tf.zeros((2, 6, 6, 3)))
