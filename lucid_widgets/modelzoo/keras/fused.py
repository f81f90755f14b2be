"""The values before the activation of a layer that applies one itself, such as `Dense(10, activation="softmax")`.

Their address is `name:pre`, or `name_pre_relu` as in Lucid's Inception V1.

The gradient of a unit behind a GELU or SiLU is almost zero or negative where the unit is off: below about -0.75, a GELU
falls as its input rises, so following its slope turns off a unit that is inactive on the initial image. Objectives that
read such a layer directly therefore follow its input wherever that is negative, as objectives of a sparse autoencoder
follow the values before its activation. The layers below keep their true gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.modelzoo.keras.replay import Node

__all__ = [
    "PRE",
    "activation_of",
    "before_activation",
    "dips",
    "post_name",
    "raised",
    "raises_units",
    "raising_units",
    "separate_activation",
]

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


_DIPPING = ("gelu", "quickgelu", "silu", "swish", "hardsilu", "hardswish", "mish")

_active: ContextVar[bool] = ContextVar("raising units", default=False)


def dips(activation: str) -> bool:
    """Whether an activation of this name falls before it rises, as "gelu" and "hard_silu" do."""
    return activation.replace("_", "").lower() in _DIPPING


@contextmanager
def raising_units() -> Iterator[None]:
    """Context in which the layers of a network that end in one of these activations get gradients that raise units."""
    token = _active.set(True)
    try:
        yield
    finally:
        _active.reset(token)


def raises_units() -> bool:
    """Return whether such gradients are wanted now."""
    return _active.get()


@tf.custom_gradient
def raised(before: Any, after: Any) -> Any:
    """Return `after`, with another gradient where `before` is negative.

    Args:
        before: What the activation was applied to.
        after: The result, of the same shape.

    Returns:
        `after`. Where `before` is negative, the gradient of a quantity being minimized passes to `before` unchanged if
        a step against it would raise the unit. Everywhere else, it is the gradient of the activation.
    """

    def gradient(grad: Any) -> Any:
        redirected = (before < 0) & (grad < 0)
        nothing = tf.zeros_like(grad)
        return tf.where(redirected, grad, nothing), tf.where(redirected, nothing, grad)

    return tf.identity(after), gradient
