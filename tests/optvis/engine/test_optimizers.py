"""Optimizers compared with their formulas, and Keras optimizers with Keras."""

from __future__ import annotations

import threading
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny, pixels

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.engine.optimizers import Adam, KerasOptimizer, as_optimizer
from lucid_widgets.optvis.render import iter_vis

pytestmark = pytest.mark.slow

START = [np.asarray([1.0, -2.0, 0.5], np.float32), np.asarray([[0.25]], np.float32)]
GRADS = [[np.random.default_rng(10 * step + i).normal(size=p.shape) for i, p in enumerate(START)] for step in range(5)]


def stepped(optimizer: Any) -> list[list[np.ndarray]]:
    """Parameters after each step with the gradients `GRADS`."""
    params = [tf.constant(p) for p in START]
    slots = optimizer.start(params)
    history = []
    for step, grads in enumerate(GRADS):
        tensors = [tf.constant(g, tf.float32) for g in grads]
        params, slots = optimizer.apply(tf.constant(step), params, slots, tensors, optimizer.numbers)
        history.append([p.numpy() for p in params])
    return history


def adam_in_numpy(learning_rate: float, beta_1: float, beta_2: float, epsilon: float) -> list[list[np.ndarray]]:
    """TensorFlow 1's form: epsilon is added to the root before its bias is corrected."""
    params = [p.astype(np.float64) for p in START]
    means, squares = [0 * p for p in params], [0 * p for p in params]
    history = []
    for t, grads in enumerate(GRADS, 1):
        rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        for i, g in enumerate(grads):
            means[i] = beta_1 * means[i] + (1 - beta_1) * g
            squares[i] = beta_2 * squares[i] + (1 - beta_2) * g**2
            params[i] = params[i] - rate * means[i] / (np.sqrt(squares[i]) + epsilon)
        history.append(list(params))
    return history


def same(one: list[list[Any]], other: list[list[Any]], atol: float = 2e-6) -> None:
    for ours, theirs in zip(one, other, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, atol=atol)


def test_adam_follows_its_formula() -> None:
    same(stepped(Adam()), adam_in_numpy(0.05, 0.9, 0.999, 1e-8))
    same(stepped(Adam(0.3, 0.5, 0.8, 0.1)), adam_in_numpy(0.3, 0.5, 0.8, 0.1))


def test_learning_rate_of_adam_falls_along_a_cosine_to_a_tenth() -> None:
    optimizer = Adam(0.5, decay_steps=8)
    # With a constant gradient, each update of Adam is the learning rate.
    params, slots = [tf.constant([0.0])], optimizer.start([tf.constant([0.0])])
    updates = []
    for step in range(12):
        before = params[0]
        params, slots = optimizer.apply(tf.constant(step), params, slots, [tf.constant([3.0])], optimizer.numbers)
        updates.append(float(before[0] - params[0][0]))
    expected = [0.05 + 0.45 * 0.5 * (1 + np.cos(np.pi * min(step / 8, 1))) for step in range(12)]
    np.testing.assert_allclose(updates, expected, rtol=1e-4)
    assert (updates[0], updates[4], updates[-1]) == pytest.approx((0.5, 0.275, 0.05), rel=1e-4)
    assert optimizer.structure == Adam(0.1, decay_steps=9).structure != Adam().structure


def test_adam_agrees_with_tensorflow_1() -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = [tf.compat.v1.Variable(p, use_resource=True) for p in START]
        fed = [tf.compat.v1.placeholder(tf.float32, p.shape) for p in START]
        apply = tf.compat.v1.train.AdamOptimizer(0.05).apply_gradients(list(zip(fed, variables, strict=True)))
        session.run(tf.compat.v1.global_variables_initializer())
        history = []
        for grads in GRADS:
            session.run(apply, dict(zip(fed, grads, strict=True)))
            history.append(session.run(variables))
    same(stepped(Adam()), history)


def test_adam_takes_any_float_type() -> None:
    params = [tf.constant([1.0], tf.float64)]
    moved, slots = Adam().apply(
        tf.constant(0), params, Adam().start(params), [tf.constant([2.0], tf.float64)], Adam().numbers
    )
    assert moved[0].dtype == slots[0].dtype == tf.float64
    assert float(moved[0][0]) == pytest.approx(0.95)


class InverseTime(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule without a configuration."""

    def __call__(self, step: Any) -> Any:
        return 0.1 / (1.0 + tf.cast(step, tf.float32))


class Fixed(keras.optimizers.SGD):
    """An optimizer with an argument that its configuration lacks."""

    def __init__(self, factor: float) -> None:
        super().__init__(0.1)
        self.factor = factor

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(self.factor * gradient, variable, learning_rate)


KERAS = [
    lambda: keras.optimizers.Adam(0.05),
    lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    lambda: keras.optimizers.AdamW(0.1, weight_decay=0.1),
    lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.1)),
    lambda: keras.optimizers.RMSprop(0.05, clipnorm=0.5),
    lambda: keras.optimizers.Adam(lambda: 0.05),
    lambda: keras.optimizers.SGD(InverseTime()),
    lambda: Fixed(3.0),
    lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2),
    lambda: keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
]

SCALED = [
    lambda: keras.optimizers.SGD(0.1, loss_scale_factor=64.0),
    lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=4.0, dynamic_growth_steps=2),
]


@pytest.mark.parametrize("make", KERAS)
def test_a_keras_optimizer_computes_what_keras_computes(make: Any) -> None:
    own, variables, history = make(), [keras.Variable(p) for p in START], []
    for grads in GRADS:
        own.apply([tf.constant(g, tf.float32) for g in grads], variables)
        history.append([v.numpy() for v in variables])
    given = make()
    same(stepped(as_optimizer(given)), history)
    assert int(given.iterations.numpy()) == 0
    assert not given.built


@pytest.mark.parametrize("make", SCALED)
def test_gradients_are_scaled_for_optimizers_that_expect_it(make: Any) -> None:
    same(stepped(as_optimizer(make())), stepped(as_optimizer(keras.optimizers.SGD(0.1))))


def test_an_optimizer_that_was_used_starts_again() -> None:
    used = keras.optimizers.SGD(0.1, momentum=0.9)
    used.apply([tf.ones([2])], [keras.Variable([1.0, 2.0])])
    same(stepped(as_optimizer(used)), stepped(as_optimizer(keras.optimizers.SGD(0.1, momentum=0.9))))
    own = Fixed(2.0)
    own.apply([tf.ones([2])], [keras.Variable([1.0, 2.0])])
    with pytest.raises(ArgumentError, match=r"This Fixed has been used.* optimizer=lambda: keras"):
        as_optimizer(own)


def test_optimizers_that_differ_beyond_their_configuration_share_no_program() -> None:
    assert as_optimizer(Fixed(1.0)).structure != as_optimizer(Fixed(2.0)).structure
    one, other = keras.optimizers.Adam(lambda: 0.1), keras.optimizers.Adam(lambda: 0.2)
    assert as_optimizer(one).structure != as_optimizer(other).structure


def test_rejects_averages_for_the_end_of_training() -> None:
    with pytest.raises(ArgumentError, match=r"use_ema=True, which takes effect.* ema_overwrite_frequency=10"):
        as_optimizer(keras.optimizers.Adam(0.1, use_ema=True))


@pytest.mark.parametrize("make", KERAS[:2])
def test_a_run_with_a_keras_optimizer_follows_keras(model: Tiny, make: Any) -> None:
    start = np.random.default_rng(0).random((1, 2, 2, 3)).astype(np.float32)
    target = tf.constant([0.2, 0.5, 0.9])
    objective = lambda T: -tf.reduce_sum(tf.square(T("input") - target))  # noqa: E731
    variable, own, expected = keras.Variable(start), make(), [start]
    for _ in range(5):
        own.apply([2 * (variable.value - target)], [variable])
        expected.append(variable.numpy())
    for every in (1, 5):
        frames = list(iter_vis(model, objective, pixels(start), steps=5, optimizer=make(), transforms=[], every=every))
        assert [frame.step for frame in frames] == list(range(0, 6, every))
        for frame in frames:
            np.testing.assert_allclose(frame.images, expected[frame.step], atol=1e-6)


def run(model: Tiny, optimizer: Any, seed: int = 0, steps: int = 20, size: int = 8) -> np.ndarray:
    *_, last = iter_vis(
        model, "conv:1", steps=steps, seed=seed, image_size=size, transforms=[], optimizer=optimizer, every=steps
    )
    return last.images


def test_each_run_starts_with_fresh_slots(model: Tiny) -> None:
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9)
    first = run(model, optimizer)
    assert not np.allclose(first, run(model, optimizer, seed=1))
    assert np.array_equal(first, run(model, optimizer))


def test_two_runs_may_share_a_keras_optimizer_at_the_same_time(model: Tiny) -> None:
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    alone = [run(model, optimizer, seed, 300, 48) for seed in (1, 2)]
    together: dict[int, np.ndarray] = {}

    ready = threading.Barrier(2)

    def go(seed: int) -> None:
        ready.wait()
        together[seed] = run(model, optimizer, seed, 300, 48)

    threads = [threading.Thread(target=go, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(together[1], alone[0])
    assert np.array_equal(together[2], alone[1])


def test_as_optimizer_accepts_optimizers_functions_and_none() -> None:
    adam, in_keras = Adam(0.1), keras.optimizers.Adam(0.1)
    assert as_optimizer(None) == Adam(0.05, 0.9, 0.999, 1e-8)
    assert as_optimizer(adam) is adam
    assert as_optimizer(lambda: adam) is adam
    assert isinstance(as_optimizer(in_keras), KerasOptimizer)
    assert as_optimizer(in_keras).structure == as_optimizer(lambda: keras.optimizers.Adam(0.1)).structure
    assert as_optimizer(keras.optimizers.Adam).structure == as_optimizer(keras.optimizers.Adam()).structure
    other_rate = as_optimizer(keras.optimizers.Adam(0.2))
    assert as_optimizer(in_keras).structure == other_rate.structure
    assert other_rate.numbers == (pytest.approx(0.2),)
    scheduled = as_optimizer(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)))
    assert scheduled.structure != other_rate.structure
    assert scheduled.numbers == ()
    assert as_optimizer(in_keras).structure != as_optimizer(keras.optimizers.Nadam(0.1)).structure
    assert Adam(0.1).structure == Adam(0.2).structure
    assert Adam(0.1).numbers == (0.1, 0.9, 0.999, 1e-8)
    with pytest.raises(ArgumentError, match=r"'adam' is not an optimizer. Expected a Keras optimizer, such as"):
        as_optimizer("adam")
