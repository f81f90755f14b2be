"""Tensors that stay within a unit ball.

A gradient that would push a value further out is dropped; one that leads back inside passes. Gradients are those of a
quantity being minimized, so a step goes against them. Lucid had the opposite sign, which held values outside the ball.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


def dot(a: Any, b: Any) -> Any:
    """Inner product of two tensors of the same shape, a scalar.

    Source: Lucid's `unit_balls.dot`.
    """
    return tf.reduce_sum(a * b)


@tf.custom_gradient
def constrain_L2(x: Any) -> Any:
    """A tensor scaled to an L2 norm of at most 1, without the gradient that would make it longer.

    Args:
        x: A tensor of any shape.

    Returns:
        `x / max(1, norm(x))`. If the norm is above 1, the gradient loses its component along `x` that points outward.

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
    """A trainable tensor with an L2 norm of at most 1, which starts at zero.

    Args:
        shape: Shape of the tensor.

    Returns:
        A float32 tensor of that shape.

    Source: Lucid's `unit_balls.unit_ball_L2`.
    """
    return constrain_L2(tf.convert_to_tensor(tf.Variable(tf.zeros(shape))))


@tf.custom_gradient
def constrain_L_inf(x: Any) -> Any:
    """A tensor clipped to [-1, 1], without the gradient that would move a clipped element further out.

    Args:
        x: A tensor of any shape.

    Source: Lucid's `unit_balls.constrain_L_inf`.
    """
    return tf.clip_by_value(x, -1.0, 1.0), lambda grad: _inward(x, grad)


@tf.custom_gradient
def constrain_L_inf_precondition(x: Any) -> Any:
    """A tensor clipped to [-1, 1] that passes only the sign of the gradient, so that every element moves equally far.

    Args:
        x: A tensor of any shape.

    Source: Lucid's `unit_balls.constrain_L_inf_precondition`.
    """
    return tf.clip_by_value(x, -1.0, 1.0), lambda grad: tf.sign(_inward(x, grad))


def unit_ball_L_inf(shape: Sequence[int], precondition: bool = True) -> Any:
    """A trainable tensor of elements in [-1, 1], which starts at zero.

    Args:
        shape: Shape of the tensor.
        precondition: Pass only the sign of the gradient. Default: True.

    Returns:
        A float32 tensor of that shape.

    Source: Lucid's `unit_balls.unit_ball_L_inf`.
    """
    x = tf.convert_to_tensor(tf.Variable(tf.zeros(shape)))
    return constrain_L_inf_precondition(x) if precondition else constrain_L_inf(x)


def _inward(x: Any, grad: Any) -> Any:
    outward = (x >= 1) & (grad < 0) | (x <= -1) & (grad > 0)
    return tf.where(outward, tf.zeros_like(grad), grad)


__all__ = [
    "constrain_L2",
    "constrain_L_inf",
    "constrain_L_inf_precondition",
    "dot",
    "unit_ball_L2",
    "unit_ball_L_inf",
]
