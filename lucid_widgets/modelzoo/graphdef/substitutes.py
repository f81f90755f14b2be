"""Operations of frozen graphs that are computed otherwise: the same numbers, sooner.

`gradient_override_map` replaces what TensorFlow makes of an operation on the way back. This replaces the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

Substitute = Callable[..., Any]
"""From the `NodeDef` of an operation and its inputs, in the graph that is being built, to its one output; or to None,
where the operation shall be imported as it is."""

_active: ContextVar[Mapping[str, Substitute]] = ContextVar("substitutes", default=MappingProxyType({}))


@contextmanager
def substituting(substitutes: Mapping[str, Substitute]) -> Iterator[None]:
    """Within it, `import_graph` of a frozen graph puts these in the place of operations, also in layers built later.

    Args:
        substitutes: By type of operation, such as "LRN".
    """
    token = _active.set(substitutes)
    try:
        yield
    finally:
        _active.reset(token)


def active() -> Mapping[str, Substitute]:
    """What holds now, by type of operation."""
    return _active.get()


__all__ = ["Substitute", "active", "substituting"]
