"""CPU replacements for TensorFlow kernels. Results are equal up to rounding.

On many processors TensorFlow computes with oneDNN instead of its own kernels. Which replacements pay off depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.overrides.gradient_override import GradientFunction
from lucid_widgets.optvis.speed import devices
from lucid_widgets.optvis.speed.flipped_conv import flipped_conv_grad
from lucid_widgets.optvis.speed.lrn import lrn, lrn_grad
from lucid_widgets.optvis.speed.max_pool_grad import max_pool_grad
from lucid_widgets.optvis.speed.private_names import find

EARLY_GRADIENTS: Mapping[str, GradientFunction] = {"Conv2D": flipped_conv_grad}
"""Gradients by operation type, for `gradient_override_map`. None of them is compiled by XLA."""

SUBSTITUTES = {"LRN": lrn}
"""Operations by type, for `substituting`. They take effect where XLA compiles parts of a step."""


def late_gradients() -> Mapping[str, GradientFunction]:
    """Return gradients by operation type, for `gradient_override_map`. XLA compiles some of them."""
    compiled: dict[str, GradientFunction] = {**EARLY_GRADIENTS, "LRN": lrn_grad}
    # oneDNN's pools record where the maxima are, which is faster than any search for them.
    return compiled if devices.uses_onednn() else {**compiled, "MaxPool": max_pool_grad}


def kept_separate(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that TensorFlow does not inline into the loop that calls it, if it computes with oneDNN.

    TensorFlow rewrites a pool's gradient to oneDNN only if it visits the pool before its gradient. A loop has no first
    operation, so inside one the order is random at each start of Python, and the wrong order makes the gradient 15
    times slower.
    """
    attributes = find("noinline") if devices.uses_onednn() else None
    if attributes is None:
        return function
    separate: Callable[..., Any] = tf.function(function, autograph=False, experimental_attributes=attributes)
    return separate


__all__ = ["EARLY_GRADIENTS", "SUBSTITUTES", "kept_separate", "late_gradients"]
