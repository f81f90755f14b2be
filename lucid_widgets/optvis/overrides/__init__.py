"""Gradient overrides: operations whose gradient is replaced while an image is optimized.

| | |
|---|---|
| any operation | `gradient_override_map`; for a Python function, `use_gradient` |
| ReLUs that are inactive on the initial image | `redirected_relu_grad`, `redirected_relu6_grad`; `relu_overrides` |
| max pools that give the gradient to one position | `make_smoothed_maxpool_grad`; `pooling_overrides` |
| ReLUs and max pools | `default_overrides` |
| a linear network | `identity_grad`; `linearization_overrides` |

Functions named `..._overrides` are context managers for the code that builds the network. Mappings named
`..._overrides_map` are what they pass to `gradient_override_map`.
"""

from lucid_widgets.optvis.overrides.gradient_override import (
    gradient_override_map,
    register_to_random_name,
    use_gradient,
)
from lucid_widgets.optvis.overrides.identity_grad import identity_grad
from lucid_widgets.optvis.overrides.presets import (
    default_overrides,
    default_overrides_map,
    linearization_overrides,
    linearization_overrides_map,
    pooling_overrides,
    pooling_overrides_map,
)
from lucid_widgets.optvis.overrides.redirected_relu_grad import (
    redirected_relu6_grad,
    redirected_relu_grad,
    relu_overrides,
    relu_overrides_map,
)
from lucid_widgets.optvis.overrides.smoothed_maxpool_grad import (
    avg_smoothed_maxpool_grad,
    l2_smoothed_maxpool_grad,
    make_smoothed_maxpool_grad,
)

__all__ = [
    "avg_smoothed_maxpool_grad",
    "default_overrides",
    "default_overrides_map",
    "gradient_override_map",
    "identity_grad",
    "l2_smoothed_maxpool_grad",
    "linearization_overrides",
    "linearization_overrides_map",
    "make_smoothed_maxpool_grad",
    "pooling_overrides",
    "pooling_overrides_map",
    "redirected_relu6_grad",
    "redirected_relu_grad",
    "register_to_random_name",
    "relu_overrides",
    "relu_overrides_map",
    "use_gradient",
]
