"""What Lucid had and this package has not: under its own name, with an error that says what takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from lucid_widgets.errors import ArgumentError


def removed(name: str, why: str, instead: str) -> Callable[..., NoReturn]:
    """A function of that name, which always raises an `ArgumentError`.

    Args:
        name: As Lucid called it.
        why: What it did, and why that cannot be done; a sentence without its full stop.
        instead: What to do now; a sentence.
    """

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise ArgumentError(f"lucid_widgets has no {name}: {why}.", instead)

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Always raises an `ArgumentError`: {why}. {instead}"
    return refuse
