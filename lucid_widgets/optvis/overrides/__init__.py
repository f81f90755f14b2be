"""Gradients other than the true ones, for the first steps of an optimization.

| | |
|---|---|
| for any operation | `gradient_override_map`; `use_gradient` for a function of one's own |
| wake units that are dead on the initial image | `redirected_relu_grad`, `redirected_relu6_grad`; `relu_overrides` |
| spread what a maximum pool gives to one place | `make_smoothed_maxpool_grad`; `pooling_overrides` |
| both | `default_overrides` |
| as if there were no ReLUs | `identity_grad`; `linearization_overrides` |

Those named `..._overrides` are for `with`, around whatever builds the network; those named `..._overrides_map` are what
they pass to `gradient_override_map`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from lucid_widgets.optvis.overrides.gradient_override import (
    gradient_override_map,
    identity_grad,
    register_to_random_name,
    use_gradient,
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

pooling_overrides_map = {"MaxPool": avg_smoothed_maxpool_grad}
default_overrides_map = {**relu_overrides_map, **pooling_overrides_map}
linearization_overrides_map = {"Relu": identity_grad, "Relu6": identity_grad, **pooling_overrides_map}


def pooling_overrides() -> AbstractContextManager[None]:
    """Within it, maximum pools get the gradient of average pools.

    Source: Lucid's `overrides.pooling_overrides`.
    """
    return gradient_override_map(pooling_overrides_map)


def default_overrides() -> AbstractContextManager[None]:
    """Within it, ReLUs get redirected gradients and maximum pools those of average pools.

    Source: Lucid's `overrides.default_overrides`.
    """
    return gradient_override_map(default_overrides_map)


def linearization_overrides() -> AbstractContextManager[None]:
    """Within it, gradients pass ReLUs as if they were not there, and maximum pools as if they averaged.

    Source: Lucid's `overrides.linearization_overrides`.
    """
    return gradient_override_map(linearization_overrides_map)


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
