"""The end of a step: the optimizer's update, and whether all that it goes by and leads to is finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.engine.optimizers import Optimizer, Tensors


def update(
    optimizer: Optimizer,
    step: Any,
    value: Any,
    params: Sequence[Any],
    slots: Sequence[Any],
    grads: Sequence[Any],
    numbers: Sequence[Any],
) -> tuple[Any, Tensors, Tensors]:
    """Whether objective, gradient and update are finite, and the parameters and slots after the step.

    Where they are not, the run ends with what it had before. The loop holds on to that (`last_good`) instead of
    choosing here at each step, which would copy all of it.

    Args:
        optimizer: Makes the update.
        step: The step's number.
        value: The objective's value.
        params: The parameters before the step.
        slots: What the optimizer remembers.
        grads: Gradients of what is to be minimized.
        numbers: Stand for the optimizer's own.
    """
    moved, kept = optimizer.apply(step, params, slots, grads, numbers)
    # A finite gradient times a large learning rate need not be finite.
    finite = tf.math.is_finite(value) & _all_finite(grads) & _all_finite(moved)
    return finite, moved, kept


def last_good(finite: Any, before: Any, after: Any) -> Any:
    """What a loop ends with: the state after its last step where that was finite, else the one before it."""
    return tf.cond(finite, lambda: after, lambda: before)


def _all_finite(tensors: Sequence[Any]) -> Any:
    # A sum is finite only where all its terms are.
    return tf.reduce_all([tf.math.is_finite(tf.reduce_sum(each)) for each in tensors])


__all__ = ["last_good", "update"]
