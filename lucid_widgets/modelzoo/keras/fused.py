"""The values before the activation of a layer that applies one itself, such as `Dense(10, activation="softmax")`.

Their address is `name:pre`, or `name_pre_relu` as in Lucid's Inception V1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from lucid_widgets.modelzoo.base.rising_units import dips
from lucid_widgets.modelzoo.keras.replay import Node

__all__ = ["PRE", "activation_of", "before_activation", "post_name", "separate_activation"]

PRE = ":pre"
_PRE_RELU = "_pre_relu"

# Layers that compute `activation(linear(inputs))`. Recurrent layers apply their activation inside a loop.
_FUSED = (
    *(keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Activation),
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D),
    *(keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose),
    *(keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D),
    *(keras.layers.SeparableConv1D, keras.layers.SeparableConv2D),
)


def activation_of(operation: Any) -> str | None:
    """Name of the activation that a layer applies to its result; None if it applies none, or is not known to."""
    if not isinstance(operation, _FUSED) or not type(operation).call.__module__.startswith("keras."):
        return None
    activation = operation.activation
    if activation is None or activation is keras.activations.linear:
        return None
    return str(getattr(activation, "__name__", type(activation).__name__)).lower()


def separate_activation(operation: Any) -> str | None:
    """Name of the activation that an operation consists of: softmax, or a function such as `keras.ops.gelu`."""
    if type(operation) is keras.layers.Softmax:
        return "softmax"
    name = type(operation).__name__.lower()
    is_function = not isinstance(operation, keras.layers.Layer) and type(operation).__module__.startswith("keras.")
    return name if is_function and dips(name) else None


def post_name(name: str) -> str | None:
    """Name of the layer whose activation `name` leaves out, or None if `name` has neither of the two endings."""
    ending = next((each for each in (PRE, _PRE_RELU) if name.endswith(each)), None)
    return name.removesuffix(ending) if ending else None


def before_activation(node: Node) -> Node:
    """The same node without its activation. It shares the layer's weights, and the layer itself is not changed."""
    layer = object.__new__(type(node.operation))
    vars(layer).update(vars(node.operation))
    vars(layer)["activation"] = keras.activations.linear
    return replace(node, operation=layer)
