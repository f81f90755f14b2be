"""Numbers kept within a ball, with gradients that never push against its wall.

Gradients are of a quantity being minimised, so a step goes against them. (Lucid dropped the other half, which held
numbers outside instead of letting them return.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


def dot(a: Any, b: Any) -> Any:
    """The inner product of two tensors of the same shape."""
    return tf.reduce_sum(a * b)


@tf.custom_gradient
def constrain_L2(x: Any) -> Any:
    """Scales a tensor to length 1 where it is longer; gradients along it that would make it longer still are dropped.

    Source: Lucid's `unit_balls.constrain_L2`.
    """
    length = tf.norm(x)

    def gradient(grad: Any) -> Any:
        direction = x / tf.maximum(length, 1e-12)
        along = dot(direction, grad)
        outward = (length > 1) & (along < 0)
        return tf.where(outward, grad - along * direction, grad)

    return x / tf.maximum(1.0, length), gradient


def unit_ball_L2(shape: Sequence[int]) -> Any:
    """A trainable tensor of at most length 1, zero at first.

    Args:
        shape: Its shape.

    Source: Lucid's `unit_balls.unit_ball_L2`.
    """
    return constrain_L2(tf.convert_to_tensor(tf.Variable(tf.zeros(shape))))


@tf.custom_gradient
def constrain_L_inf(x: Any) -> Any:
    """Clips to [-1, 1], and drops the part of the gradient that would move a number at the edge further out.

    Source: Lucid's `unit_balls.constrain_L_inf`.
    """
    return tf.clip_by_value(x, -1.0, 1.0), lambda grad: _inward(x, grad)


@tf.custom_gradient
def constrain_L_inf_precondition(x: Any) -> Any:
    """As `constrain_L_inf`, and of the gradient only the sign passes: a step changes all numbers alike.

    Source: Lucid's `unit_balls.constrain_L_inf_precondition`.
    """
    return tf.clip_by_value(x, -1.0, 1.0), lambda grad: tf.sign(_inward(x, grad))


def unit_ball_L_inf(shape: Sequence[int], precondition: bool = True) -> Any:
    """A trainable tensor of numbers in [-1, 1], zero at first.

    Args:
        shape: Its shape.
        precondition: Lets only the sign of gradients pass.

    Source: Lucid's `unit_balls.unit_ball_L_inf`.
    """
    x = tf.convert_to_tensor(tf.Variable(tf.zeros(shape)))
    return constrain_L_inf_precondition(x) if precondition else constrain_L_inf(x)


def _inward(x: Any, grad: Any) -> Any:
    outward = (x >= 1) & (grad < 0) | (x <= -1) & (grad > 0)
    return tf.where(outward, tf.zeros_like(grad), grad)
