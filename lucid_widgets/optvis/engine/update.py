"""The end of a step: apply the optimizer, and report whether objective, gradients and new parameters are finite."""

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
    sums: Sequence[int] = (),
) -> tuple[Any, Tensors, Tensors]:
    """Return whether objective, gradients and update are finite, and the parameters and slots after the step.

    If they are not finite, the run ends with the values from before the step. The loop keeps those (see `last_good`);
    choosing here, in every step, would copy all of them.

    Args:
        optimizer: Makes the update.
        step: Number of the step.
        value: The objective's value.
        params: The parameters before the step.
        slots: The optimizer's slots before the step.
        grads: Gradients of the quantity to minimize.
        numbers: Used in place of the optimizer's own numbers.
        sums: Places of the parameters that the optimizer does not change. Their gradients are added to them.
    """
    some, kept = optimizer.apply(step, optimized(params, sums), slots, optimized(grads, sums), numbers)
    rest = iter(some)
    moved = [p + g if i in sums else next(rest) for i, (p, g) in enumerate(zip(params, grads, strict=True))]
    # A finite gradient times a large learning rate need not be finite.
    finite = tf.math.is_finite(value) & _all_finite(grads) & _all_finite(moved)
    return finite, moved, kept


def optimized(params: Sequence[Any], sums: Sequence[int]) -> Tensors:
    """Return the parameters that the optimizer changes: all but those at `sums`."""
    return [each for index, each in enumerate(params) if index not in sums]


def last_good(finite: Any, before: Any, after: Any) -> Any:
    """Return the final state of a loop: the one after its last step if that step was finite, else the one before it."""
    return tf.cond(finite, lambda: after, lambda: before)


def _all_finite(tensors: Sequence[Any]) -> Any:
    # A sum is finite only if all its terms are.
    return tf.reduce_all([tf.math.is_finite(tf.reduce_sum(each)) for each in tensors])


__all__ = ["last_good", "optimized", "update"]
