"""Activations of many networks on the same images, which Lucid downloaded; `get_activations` replaces them."""

from __future__ import annotations

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"lucid_widgets has no aligned_activations.{name}: the activations that it downloaded are not served any more. "
        "model.get_activations(layer, images) computes a layer's activations for images of your own."
    )
