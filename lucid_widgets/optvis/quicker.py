"""What a processor computes otherwise than TensorFlow would, with the same numbers but for rounding."""

from __future__ import annotations

from lucid_widgets.optvis.overrides.flipped_conv import flipped_conv_grad
from lucid_widgets.optvis.overrides.quick_lrn import quick_lrn, quick_lrn_grad
from lucid_widgets.optvis.overrides.routed_pool import routed_pool_grad

EARLY_GRADIENTS = {"Conv2D": flipped_conv_grad}
"""Gradients by type of operation, for `gradient_override_map`; none has to be compiled by XLA."""

LATE_GRADIENTS = {**EARLY_GRADIENTS, "MaxPool": routed_pool_grad, "LRN": quick_lrn_grad}
"""Likewise, with those that have to."""

SUBSTITUTES = {"LRN": quick_lrn}
"""Operations themselves by type, for `substituting`, where XLA compiles parts of a step."""

__all__ = ["EARLY_GRADIENTS", "LATE_GRADIENTS", "SUBSTITUTES"]
