"""Lucid's second import path for `lucid_widgets.optvis.overrides.redirected_relu_grad`."""

from lucid_widgets.optvis.overrides.redirected_relu_grad import redirected_relu6_grad, redirected_relu_grad

__all__ = ["redirected_relu6_grad", "redirected_relu_grad"]
