"""Activations of many networks on the same images, which Lucid downloaded; `get_activations` replaces them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed

NUMBER_OF_AVAILABLE_SAMPLES = 100_000
"""How many there were for each layer."""


def _removed(name: str) -> Callable[..., NoReturn]:
    return removed(
        f"aligned_activations.{name}",
        "the activations that it downloaded are not served any more",
        "model.get_activations(layer, images) computes a layer's activations for images of your own.",
    )


get_aligned_activations = _removed("get_aligned_activations")
layer_covariance = _removed("layer_covariance")
layer_inverse_covariance = _removed("layer_inverse_covariance")
push_activations = _removed("push_activations")

__all__ = [
    "NUMBER_OF_AVAILABLE_SAMPLES",
    "get_aligned_activations",
    "layer_covariance",
    "layer_inverse_covariance",
    "push_activations",
]
