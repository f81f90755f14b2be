"""Max pools with the gradient of a smoother pool, which reaches every position of a window instead of one."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.overrides.gradient_override import GradientFunction

_SMOOTH_TYPES = ("L2", "avg")


def make_smoothed_maxpool_grad(smooth_type: str = "avg", epsilon: float = 1e-2) -> GradientFunction:
    """Gradient function for max pools: the gradient of a smoother pool with the same windows.

    Args:
        smooth_type: "avg" for average pooling, or "L2" for the mean of squares divided by the mean of absolute values,
            in which large values count more. Default: "avg".
        epsilon: Added to the divisor of "L2". Default: 0.01.

    Returns:
        A function `(op, grad) -> grad` for `gradient_override_map`.

    Raises:
        ArgumentError: If `smooth_type` is unknown.

    Example:
        >>> with gradient_override_map({"MaxPool": make_smoothed_maxpool_grad("L2")}):
        ...     pooled = tf.nn.max_pool2d(x, 3, 2, "SAME")

    Source: Lucid's `make_smoothed_maxpool_grad`, which assumed that channels are the last dimension.
    """
    if smooth_type not in _SMOOTH_TYPES:
        raise ArgumentError(
            f"smooth_type of make_smoothed_maxpool_grad() is {smooth_type!r}.", "Expected 'avg' or 'L2'."
        )

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
        return tf.compat.v1.gradients(pooled, x, grad)[0]

    return smoothed_maxpool_grad


avg_smoothed_maxpool_grad = make_smoothed_maxpool_grad("avg")
"""Gradient function of an average pool, for `gradient_override_map`."""

l2_smoothed_maxpool_grad = make_smoothed_maxpool_grad("L2")
"""Gradient function of a pool in which large values count more, for `gradient_override_map`."""


__all__ = ["avg_smoothed_maxpool_grad", "l2_smoothed_maxpool_grad", "make_smoothed_maxpool_grad"]
