"""Combinations of gradient overrides, as context managers and as mappings."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.overrides.identity_grad import identity_grad
from lucid_widgets.optvis.overrides.redirected_relu_grad import relu_overrides_map
from lucid_widgets.optvis.overrides.smoothed_maxpool_grad import avg_smoothed_maxpool_grad

pooling_overrides_map = {"MaxPool": avg_smoothed_maxpool_grad}
"""Max pools with the gradient of average pools."""

default_overrides_map = {**relu_overrides_map, **pooling_overrides_map}
"""ReLUs with redirected gradients, and max pools with the gradient of average pools."""

linearization_overrides_map = {"Relu": identity_grad, "Relu6": identity_grad, **pooling_overrides_map}
"""ReLUs that pass every gradient, and max pools with the gradient of average pools."""


def pooling_overrides() -> AbstractContextManager[None]:
    """Context manager in which max pools get the gradient of average pools.

    Example:
        >>> with pooling_overrides():
        ...     pooled = tf.nn.max_pool2d(x, 3, 2, "SAME")

    Source: Lucid's `overrides.pooling_overrides`.
    """
    return gradient_override_map(pooling_overrides_map)


def default_overrides() -> AbstractContextManager[None]:
    """Context manager in which ReLUs get redirected gradients, and max pools the gradient of average pools.

    Example:
        >>> with default_overrides():
        ...     pooled = tf.nn.max_pool2d(tf.nn.relu(x), 3, 2, "SAME")

    Source: Lucid's `overrides.default_overrides`.
    """
    return gradient_override_map(default_overrides_map)


def linearization_overrides() -> AbstractContextManager[None]:
    """Context manager in which gradients pass ReLUs unchanged, and max pools as if they averaged.

    The gradient is then that of a linear network, in which an inactive unit still receives one.

    Example:
        >>> with linearization_overrides():
        ...     pooled = tf.nn.max_pool2d(tf.nn.relu(x), 3, 2, "SAME")

    Source: Lucid's `overrides.linearization_overrides`. ReLU6 is new.
    """
    return gradient_override_map(linearization_overrides_map)


__all__ = [
    "default_overrides",
    "default_overrides_map",
    "linearization_overrides",
    "linearization_overrides_map",
    "pooling_overrides",
    "pooling_overrides_map",
]
