"""The gradient of a linear operation, for operations that are not linear."""

from __future__ import annotations

from typing import Any


def identity_grad(_op: Any, grad: Any) -> Any:
    """Gradient function that passes the gradient unchanged, for `gradient_override_map`.

    Source: Lucid's `identity_grad`.
    """
    return grad


__all__ = ["identity_grad"]
