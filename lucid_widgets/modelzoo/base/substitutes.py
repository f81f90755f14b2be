"""Replacements for operations of frozen graphs, used by the engine for faster kernels with the same results.

TensorFlow's `gradient_override_map` replaces the gradient of an operation; `substituting` replaces the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

__all__ = ["Substitute", "active", "substituting"]

Substitute = Callable[..., Any]
"""A function that is called with the `NodeDef` of an operation and its input tensors while a graph is being built. It
returns the single output, or None to import the operation unchanged."""

_active: ContextVar[Mapping[str, Substitute]] = ContextVar("substitutes", default=MappingProxyType({}))


@contextmanager
def substituting(substitutes: Mapping[str, Substitute]) -> Iterator[None]:
    """Context in which `import_graph` of a frozen graph replaces operations, also in layers that are built later.

    Args:
        substitutes: A function for each type of operation, such as "LRN".
    """
    token = _active.set(substitutes)
    try:
        yield
    finally:
        _active.reset(token)


def active() -> Mapping[str, Substitute]:
    """Return the active substitutes by type of operation."""
    return _active.get()
