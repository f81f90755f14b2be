"""Functions of Lucid that this package does not have: each raises an error that says what to use instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from lucid_widgets.errors import ArgumentError


def removed(name: str, why: str, instead: str) -> Callable[..., NoReturn]:
    """Return a function that raises an `ArgumentError`.

    Args:
        name: Lucid's name of the function.
        why: What it did, and why that is not possible; a sentence without a period.
        instead: What to use instead; a sentence.
    """

    def unavailable(*_: Any, **__: Any) -> NoReturn:
        raise ArgumentError(f"lucid_widgets has no {name}: {why}.", instead)

    unavailable.__name__ = unavailable.__qualname__ = name
    unavailable.__doc__ = f"Raise an `ArgumentError`: {why}. {instead}"
    return unavailable
