"""A ReLU whose gradient is redirected where it would be dead.

On a near-grey initial image the unit to be maximized is often silent, and its ReLU, and those below it, pass no
gradient at all: nothing would ever move. So for the first steps, and only for an image of the batch whose whole
gradient at a ReLU is zero, the gradient is let through where following it would raise the ReLU's input.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map

REDIRECTED_STEPS = 16
"""Redirection ends after so many steps. (Lucid said 16 and did 17.)"""


def redirected_relu_grad(op: Any, grad: Any) -> Any:
    """Gradient of a ReLU that wakes dead units.

    Args:
        op: The `Relu` operation.
        grad: Gradient, of a quantity being minimised, with respect to its output.

    Returns:
        Gradient with respect to its input: the true one, but for images in which that is zero everywhere. There, in
        the first `REDIRECTED_STEPS` steps, it is `grad` wherever the unit is on or `grad` would raise its input.

    Source: Lucid's `redirected_relu_grad`.
    """
    output = op.outputs[0]
    true = tf.raw_ops.ReluGrad(gradients=grad, features=output)

    def redirected() -> Any:
        # Where the unit is on, both terms together are `grad`; where it is off, only what is negative: what raises it.
        return tf.raw_ops.ReluGrad(gradients=tf.maximum(grad, 0), features=output) + tf.minimum(grad, 0)

    return _where_dead(true, redirected)


def redirected_relu6_grad(op: Any, grad: Any) -> Any:
    """As `redirected_relu_grad`, for a ReLU that is cut off at 6: above, only what lowers the input passes.

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
"""What `relu_overrides` passes to `gradient_override_map`."""


@contextlib.contextmanager
def relu_overrides() -> Iterator[None]:
    """Within it, the graph that is being traced gets ReLUs with redirected gradients.

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
    # A branch, so that all later steps pay nothing for it.
    return tf.ensure_shape(tf.cond(step < REDIRECTED_STEPS, chosen, lambda: true), true.shape)
