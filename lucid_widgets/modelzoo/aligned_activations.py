"""Activations of many networks on the same images, which Lucid downloaded; `get_activations` replaces them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._gone import gone

NUMBER_OF_AVAILABLE_SAMPLES = 100_000
"""How many there were for each layer."""


def _gone(name: str) -> Callable[..., NoReturn]:
    return gone(
        f"aligned_activations.{name}",
        "the activations that it downloaded are not served any more",
        "model.get_activations(layer, images) computes a layer's activations for images of your own.",
    )


get_aligned_activations = _gone("get_aligned_activations")
layer_covariance = _gone("layer_covariance")
layer_inverse_covariance = _gone("layer_inverse_covariance")
push_activations = _gone("push_activations")

__all__ = [
    "NUMBER_OF_AVAILABLE_SAMPLES",
    "get_aligned_activations",
    "layer_covariance",
    "layer_inverse_covariance",
    "push_activations",
]
