"""Gradients at the surface of a ball."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.param.helpers import fitted, made

from lucid_widgets.optvis.param.unit_balls import (
    constrain_L2,
    constrain_L_inf,
    constrain_L_inf_precondition,
    dot,
    unit_ball_L2,
    unit_ball_L_inf,
)


@pytest.mark.parametrize(
    ("x", "grad", "passed"),
    [
        # A step goes against the gradient: at the upper edge a negative one would push further out.
        (1.5, -2.0, 0.0),
        (1.5, 2.0, 2.0),
        (1.0, -2.0, 0.0),
        (1.0, 2.0, 2.0),
        (0.5, -2.0, -2.0),
        (0.5, 2.0, 2.0),
        (-1.0, 2.0, 0.0),
        (-1.0, -2.0, -2.0),
        (-1.5, 2.0, 0.0),
        (-1.5, -2.0, -2.0),
    ],
)
def test_clipped_values_receive_only_inward_gradients(x: float, grad: float, passed: float) -> None:
    variable = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        y = constrain_L_inf(variable)
    assert float(y) == np.clip(x, -1, 1)
    assert float(tape.gradient(y, variable, tf.constant(grad))) == passed


@pytest.mark.parametrize(
    ("x", "grad", "passed"),
    [
        ([0.3, 0.4], [1, 2], [1, 2]),  # inside, every gradient passes
        ([3, 4], [0.6, 0.8], [0.6, 0.8]),  # outside, a step against it leads inward
        ([3, 4], [-0.6, -0.8], [0, 0]),  # a step against it would lead outward
        ([3, 4], [-0.6 + 0.8, -0.8 - 0.6], [0.8, -0.6]),  # only the tangential component passes
    ],
)
def test_gradient_of_the_l2_ball_never_points_outward(x: Any, grad: Any, passed: Any) -> None:
    variable = tf.Variable(np.asarray(x, np.float32))
    with tf.GradientTape() as tape:
        y = constrain_L2(tf.convert_to_tensor(variable))
        loss = dot(y, tf.constant(grad, tf.float32))
    np.testing.assert_allclose(tape.gradient(loss, variable), passed, atol=1e-6)
    np.testing.assert_allclose(y, np.asarray(x) / max(1, np.linalg.norm(x)), rtol=1e-6)


def test_preconditioned_gradient_is_its_sign() -> None:
    variable = tf.Variable([0.5, 2.0, 2.0, -2.0, 0.0])
    with tf.GradientTape() as tape:
        y = constrain_L_inf_precondition(tf.convert_to_tensor(variable))
        loss = dot(y, tf.constant([0.1, 7.0, -7.0, 3.0, -0.2]))
    np.testing.assert_allclose(tape.gradient(loss, variable), [1, 1, 0, 0, -1])


@pytest.mark.parametrize("ball", [unit_ball_L2, unit_ball_L_inf, lambda s: unit_ball_L_inf(s, precondition=False)])
def test_ball_holds_a_value_pulled_outward_at_its_surface(ball: Callable[[Any], Any]) -> None:
    target = np.asarray([2.0, -3.0, 0.0], np.float32)
    start, (zeros,) = made(lambda: ball((3,)))
    assert not start.any()
    assert not zeros.any()
    end, _ = fitted(lambda: ball((3,)), lambda x: tf.reduce_sum((x - target) ** 2), 300)
    expected = target / np.linalg.norm(target) if ball is unit_ball_L2 else [1, -1, 0]
    np.testing.assert_allclose(end, expected, atol=0.06)
