"""ReLUs with a redirected gradient where the true gradient is zero.

On an almost gray initial image, the unit to maximize is often inactive. Its ReLU then passes no gradient, and the image
would never change. So in the first steps, for every image whose whole gradient at a ReLU is zero, the gradient passes
wherever following it would raise the input of the ReLU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

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
        `grad` would raise the input. Outside an optimization, every step counts as one of the first.

    Source: Lucid's `redirected_relu_grad`.
    """
    output = op.outputs[0]
    true = tf.raw_ops.ReluGrad(gradients=grad, features=output)

    def redirected() -> Any:
        # For an active unit both terms add up to `grad`. For an inactive one only the negative part remains, which
        # raises the input.
        return tf.raw_ops.ReluGrad(gradients=tf.maximum(grad, 0), features=output) + tf.minimum(grad, 0)

    return _where_dead(true, redirected)


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
    output = op.outputs[0]
    true = tf.raw_ops.Relu6Grad(gradients=grad, features=output)

    def redirected() -> Any:
        x = op.inputs[0]
        blocked = (x < 0) & (grad > 0) | (x > 6) & (grad < 0)
        return tf.where(blocked, tf.zeros_like(grad), grad)

    return _where_dead(true, redirected)


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


def _where_dead(true: Any, redirected: Callable[[], Any]) -> Any:
    def chosen() -> Any:
        axes = list(range(1, true.shape.rank))
        alive = tf.reduce_any(tf.not_equal(true, 0), axes, keepdims=True)
        return tf.where(alive, true, redirected())

    step = seeding.current_step()
    if step is None:
        return chosen()
    # A branch, so that later steps do not compute it.
    return tf.ensure_shape(tf.cond(step < REDIRECTED_STEPS, chosen, lambda: true), true.shape)


__all__ = [
    "REDIRECTED_STEPS",
    "redirected_relu6_grad",
    "redirected_relu_grad",
    "relu_overrides",
    "relu_overrides_map",
]
