"""ReLUs with a redirected gradient where the true gradient is zero.

On an almost gray initial image, the unit to maximize is often inactive. Its ReLU then passes no gradient, and the image
would never change. So in the first steps, for every image whose whole gradient at a ReLU is zero, the gradient passes
wherever following it would raise the input of the ReLU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.base.private_names import is_function_graph
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map

REDIRECTED_STEPS = 16
"""Number of first steps in which gradients are redirected. Lucid's documentation says 16; its code did 17."""


def redirected_relu_grad(op: Any, grad: Any) -> Any:
    """Gradient function of a ReLU that activates inactive units, for `gradient_override_map`.

    Args:
        op: The operation, of type "Relu".
        grad: Gradient of a quantity being minimized, with respect to the output of the ReLU; at least two-dimensional,
            with the batch first.

    Returns:
        The gradient with respect to the input. It is the true gradient, except for images for which that is zero
        everywhere: for them, in the first 16 steps, `grad` passes where the unit is active or where a step against
        `grad` would raise the input. Outside an optimization, the global step of a graph of TensorFlow 1 counts; where
        there is none, every step is one of the first.

    Source: Lucid's `redirected_relu_grad`.
    """
    true = tf.raw_ops.ReluGrad(gradients=grad, features=op.outputs[0])
    # Where an image is dead, `grad` is zero at its active units, so the second term concerns the inactive ones.
    return true + tf.minimum(grad * _dead(true), 0)


def redirected_relu6_grad(op: Any, grad: Any) -> Any:
    """Gradient function of a ReLU6 that activates inactive units, for `gradient_override_map`.

    As `redirected_relu_grad`. Above 6, the gradient passes where a step against it would lower the input.

    Args:
        op: The operation, of type "Relu6".
        grad: As for `redirected_relu_grad`.

    Returns:
        The gradient with respect to the input.

    Source: Lucid's `redirected_relu6_grad`.
    """
    x, output = op.inputs[0], op.outputs[0]
    true = tf.raw_ops.Relu6Grad(gradients=grad, features=output)
    # `x - output` is negative below 0 and positive above 6.
    blocked = (x - output) * grad < 0
    # Where an image is dead, `grad` is zero between 0 and 6.
    return true + tf.where(blocked, tf.zeros_like(grad), grad * _dead(true))


relu_overrides_map = {"Relu": redirected_relu_grad, "Relu6": redirected_relu6_grad}
"""ReLUs with redirected gradients, for `gradient_override_map`."""


@contextlib.contextmanager
def relu_overrides() -> Iterator[None]:
    """Context manager in which ReLUs get redirected gradients.

    Example:
        >>> with relu_overrides():
        ...     activations = tf.nn.relu(x)

    Source: Lucid's `overrides.relu_overrides`.
    """
    with gradient_override_map(relu_overrides_map):
        yield


def _dead(true: Any) -> Any:
    """Return 1 for images whose gradient is redirected and 0 for the others, `[batch, 1, ...]`.

    The arithmetic costs later steps a few percent. A `tf.cond` would spare them, but tracing one for each ReLU takes as
    long as ten steps, and seconds in deep networks.
    """
    axes = list(range(1, true.shape.rank))
    dead = ~tf.reduce_any(tf.cast(true, tf.bool), axes, keepdims=True)
    step = seeding.current_step()
    if step is None and not is_function_graph(tf.compat.v1.get_default_graph()):
        step = tf.compat.v1.train.get_global_step()
    return tf.cast(dead if step is None else dead & (step < REDIRECTED_STEPS), true.dtype)


__all__ = [
    "REDIRECTED_STEPS",
    "redirected_relu6_grad",
    "redirected_relu_grad",
    "relu_overrides",
    "relu_overrides_map",
]
