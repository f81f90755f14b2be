"""`class_layer`: the layer of a model that scores its classes."""

from __future__ import annotations

from typing import Any

__all__ = ["class_layer"]


def class_layer(model: Any) -> str | None:
    """Return the layer with one channel per label, preferably before the softmax; None if the model has no labels."""
    if model.labels is None:
        return None
    fitting = [layer for layer in model.layers if layer.channels == len(model.labels)]
    before = [layer for layer in fitting if layer.kind != "softmax"]
    return (before or fitting)[-1].name if fitting else None
