"""Maximum pools whose gradient is that of a smoother pool, so that it reaches more than one place of each window."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.overrides.gradient_override import GradientFunction

_SMOOTH_TYPES = ("L2", "avg")


def make_smoothed_maxpool_grad(smooth_type: str = "avg", epsilon: float = 1e-2) -> GradientFunction:
    """A gradient for `MaxPool` operations: that of another pool with the same windows.

    Args:
        smooth_type: "avg" for the average, "L2" for the average of squares over the average of absolute values.
        epsilon: Added to what the latter divides by.

    Returns:
        A function `(op, grad) -> grad` for `gradient_override_map`.

    Raises:
        ArgumentError: For another `smooth_type`.

    Example:
        >>> with gradient_override_map({"MaxPool": make_smoothed_maxpool_grad("L2")}):
        ...     pooled = tf.nn.max_pool2d(x, 3, 2, "SAME")

    Source: Lucid's `make_smoothed_maxpool_grad`. (It took all images for channels last.)
    """
    if smooth_type not in _SMOOTH_TYPES:
        raise ArgumentError(f"There is no smooth pool {smooth_type!r}.", "Expected 'avg' or 'L2'.")

    def smoothed_maxpool_grad(op: Any, grad: Any) -> Any:
        data_format = op.get_attr("data_format").decode()

        def averaged(t: Any) -> Any:
            return tf.raw_ops.AvgPool(
                value=t,
                ksize=op.get_attr("ksize"),
                strides=op.get_attr("strides"),
                padding=op.get_attr("padding").decode(),
                data_format=data_format,
            )

        x = op.inputs[0]
        pooled = averaged(x) if smooth_type == "avg" else averaged(x**2) / (epsilon + averaged(tf.abs(x)))
        return tf.gradients(pooled, x, grad)[0]

    return smoothed_maxpool_grad


avg_smoothed_maxpool_grad = make_smoothed_maxpool_grad("avg")
"""The gradient of an average pool, for `gradient_override_map`."""

l2_smoothed_maxpool_grad = make_smoothed_maxpool_grad("L2")
"""The gradient of a pool that weights each value with itself, for `gradient_override_map`."""
