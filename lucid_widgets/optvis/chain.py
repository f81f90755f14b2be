"""`Chain`: a sequence to which another one is joined in constant time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

__all__ = ["Chain"]

T = TypeVar("T")


@dataclass(frozen=True)
class Chain(Generic[T]):
    """Things in order. They must not be tuples.

    Attributes:
        pairs: A single thing, or a pair of such `pairs`; None if there are none.
        count: The number of things.
    """

    pairs: Any = None
    count: int = 0

    @classmethod
    def of(cls, things: Iterable[T]) -> Chain[T]:
        """Return a chain of these things."""
        return reduce(Chain.then, (Chain(each, 1) for each in things), Chain())

    def then(self, other: Chain[T]) -> Chain[T]:
        """Return this chain followed by another one."""
        if not (self.count and other.count):
            return self if self.count else other
        return Chain((self.pairs, other.pairs), self.count + other.count)

    def flat(self) -> list[T]:
        """Return the things as a list."""
        found, waiting = [], [self.pairs] if self.count else []
        while waiting:  # not recursive, because the pairs of a long chain are deeply nested
            pairs = waiting.pop()
            if isinstance(pairs, tuple):
                waiting.extend(reversed(pairs))
            else:
                found.append(pairs)
        return found

    def __reduce__(self) -> Any:
        return Chain.of, (self.flat(),)  # pickle and copy would follow the pairs recursively
