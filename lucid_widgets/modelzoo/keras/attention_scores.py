"""The attention weights of a Keras layer, `[batch, heads, tokens, tokens]`. Their address is `name:scores`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import keras

from lucid_widgets.modelzoo.base.private_names import closed_scopes, repeated_arguments
from lucid_widgets.modelzoo.keras.replay import Node

__all__ = ["attention_scores", "has_scores"]


def has_scores(operation: Any) -> bool:
    """Whether a layer can return its attention weights."""
    return isinstance(operation, keras.layers.MultiHeadAttention)


def attention_scores(node: Node, tensors: MutableMapping[int, Any]) -> Any:
    """Return the attention weights of a node, whose inputs are read from `tensors`.

    Returns:
        `[batch, heads, from, to]`: how much each token reads from each other one. The weights of a token add up to 1.
    """
    args, kwargs = repeated_arguments(node.record, {key: tensors[slot] for key, slot in node.inputs.items()})
    with closed_scopes(node.operation):
        return node.operation(*args, **{**kwargs, "return_attention_scores": True, "training": False})[1]
