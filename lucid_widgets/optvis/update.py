"""The end of a step: the optimizer's update, made only where all that it goes by and leads to is finite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.optimizers import Optimizer, Tensors


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

    Args:
        optimizer: Makes the update.
        step: The step's number.
        value: The objective's value.
        params: The parameters before the step; they and the slots are returned as they are where something is not
            finite.
        slots: What the optimizer remembers.
        grads: Gradients of what is to be minimized.
        numbers: Stand for the optimizer's own.
    """
    moved, kept = optimizer.apply(step, params, slots, grads, numbers)
    # A finite gradient times a large learning rate need not be finite.
    finite = tf.math.is_finite(value) & _all_finite(grads) & _all_finite(moved)

    # Choosing costs less than a branch, and a step that fails is the last.
    def chosen(new: Sequence[Any], old: Sequence[Any]) -> Tensors:
        return [tf.where(finite, n, o) for n, o in zip(new, old, strict=True)]

    return finite, chosen(moved, params), chosen(kept, slots)


def _all_finite(tensors: Sequence[Any]) -> Any:
    # A sum is finite only where all its terms are.
    return tf.reduce_all([tf.math.is_finite(tf.reduce_sum(each)) for each in tensors])


__all__ = ["update"]
