"""Numbers kept within a ball, with gradients that never push against its wall."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


@tf.custom_gradient
def constrain_L_inf(x: Any) -> Any:
    """Clips to [-1, 1], and drops the part of the gradient that would move a number at the edge further out.

    Gradients are of a quantity being minimised, so a step goes against them. (Lucid dropped the other part, which
    held numbers outside instead of letting them return.)
    """

    def gradient(grad: Any) -> Any:
        outward = (x >= 1) & (grad < 0) | (x <= -1) & (grad > 0)
        return tf.where(outward, tf.zeros_like(grad), grad)

    return tf.clip_by_value(x, -1.0, 1.0), gradient
