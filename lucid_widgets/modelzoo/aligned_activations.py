"""Activations of many networks for the same images, which Lucid downloaded. `get_activations` replaces them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed

__all__ = [
    "NUMBER_OF_AVAILABLE_SAMPLES",
    "NUMBER_OF_PAGES",
    "PAGE_SIZE",
    "PATH_TEMPLATE",
    "get_aligned_activations",
    "layer_covariance",
    "layer_inverse_covariance",
    "push_activations",
]

NUMBER_OF_AVAILABLE_SAMPLES = 100_000
"""Number of samples per layer that Lucid downloaded."""

PAGE_SIZE = 10_000
"""Number of samples per file that Lucid downloaded."""

NUMBER_OF_PAGES = NUMBER_OF_AVAILABLE_SAMPLES // PAGE_SIZE
"""Number of files per layer that Lucid downloaded."""

PATH_TEMPLATE = "gs://modelzoo/aligned-activations/{}/{}-{:05d}-of-01000.npy"
"""Address of such a file, given the model's name, the layer's name without slashes, and the number of the file."""


def _removed(name: str) -> Callable[..., NoReturn]:
    return removed(
        f"aligned_activations.{name}",
        "the activations that it downloaded are no longer served",
        "model.get_activations(layer, images) computes a layer's activations for your own images.",
    )


get_aligned_activations = _removed("get_aligned_activations")
layer_covariance = _removed("layer_covariance")
layer_inverse_covariance = _removed("layer_inverse_covariance")
push_activations = _removed("push_activations")
