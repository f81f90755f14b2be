"""Gradients other than the true ones, for the first steps of an optimization.

`redirected_relu_grad` and `redirected_relu6_grad` wake units that are dead on the initial image; `relu_overrides` puts
them in place while a network is being traced; `gradient_override_map` does so for any operation.
"""

from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.overrides.redirected_relu import (
    redirected_relu6_grad,
    redirected_relu_grad,
    relu_overrides,
)

__all__ = ["gradient_override_map", "redirected_relu6_grad", "redirected_relu_grad", "relu_overrides"]
