"""What a processor computes otherwise than TensorFlow would by itself, with the same numbers but for rounding.

On many processors TensorFlow calls oneDNN, a library, in place of kernels of its own; what pays differs.
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

EARLY_GRADIENTS = {"Conv2D": flipped_conv_grad}
"""Gradients by type of operation, for `gradient_override_map`; none has to be compiled by XLA."""

SUBSTITUTES = {"LRN": lrn}
"""Operations themselves by type, for `substituting`, where XLA compiles parts of a step."""


def late_gradients() -> Mapping[str, GradientFunction]:
    """Gradients by type of operation, for `gradient_override_map`, some of which are compiled by XLA."""
    compiled: dict[str, GradientFunction] = {**EARLY_GRADIENTS, "LRN": lrn_grad}
    # oneDNN notes in each pool where the maxima were, and so is quicker than any comparing.
    return compiled if devices.uses_onednn() else {**compiled, "MaxPool": max_pool_grad}


def as_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that TensorFlow keeps apart, instead of making it part of the loop that calls it.

    To give a pool's gradient to oneDNN, TensorFlow must have come past the pool. In a loop, which has no beginning, it
    may come past the gradient first: a lottery at each start of Python, and where it is lost, the gradient takes
    fifteen times as long.
    """
    if not devices.uses_onednn():
        return function
    apart: Callable[..., Any] = tf.function(function, autograph=False, experimental_attributes={"_noinline": True})
    return apart


__all__ = ["EARLY_GRADIENTS", "SUBSTITUTES", "as_one", "late_gradients"]
