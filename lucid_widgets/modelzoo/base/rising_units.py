"""Gradients that raise a unit behind a GELU or SiLU, whose own slope is almost zero or negative where the unit is off.

Below about -0.75, a GELU falls as its input rises: following its slope turns a unit off for good that is inactive on
the initial image. Objectives that read such a layer directly therefore follow its input wherever that is negative, as
objectives of a sparse autoencoder follow the values before its activation. The layers below keep their true gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import tensorflow as tf

__all__ = ["dips", "raised", "raises_units", "raising_units"]

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
