"""Random damage to bytes, text and JSON."""

from __future__ import annotations

import copy
import random
from typing import Any

_NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**40, 0.5, -0.0, 1e308, float("nan"), float("inf"))
_TEXTS = (
    "",
    "\0",
    "a\nb",
    "../x",
    "/etc/passwd",
    "\ud800",
    "x" * 10_000,
    "😀",
    "conv:0",
    "NaN",
    "3",
    "None",
    "{}",
    "[",
)
_OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [{}], {"": ""}, [None], [0, "x"], b"")


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes with a few changes: replaced, removed, repeated and inserted parts, and numbers at the limits."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(changed) + 1)
        match rng.randrange(7):
            case 0:
                changed[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                changed[place : place + rng.choice((1, 2, 4, 8))] = rng.choice(
                    (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff", b"\x80\0\0\0", b"\0")
                )
            case 2:
                del changed[place : place + rng.choice((1, 2, 16, 64))]
            case 3:
                other = rng.randrange(len(changed) + 1)
                changed[place:place] = changed[other : other + rng.choice((1, 4, 16, 64))]
            case 4:
                changed[place:place] = rng.randbytes(rng.choice((1, 4, 32)))
            case 5:
                changed[place : place + 1] = bytes(
                    [(changed[place] if place < len(changed) else 0) ^ 1 << rng.randrange(8)]
                )
            case _:
                del changed[place:]
    return bytes(changed)


def junk(rng: random.Random, depth: int = 2) -> Any:
    """A value that JSON can hold, mostly of an unexpected kind."""
    match rng.randrange(6):
        case 0:
            return rng.choice(_NUMBERS)
        case 1:
            return rng.choice(_TEXTS)
        case 2 if depth:
            return [junk(rng, depth - 1) for _ in range(rng.randrange(4))]
        case 3 if depth:
            return {rng.choice(_TEXTS): junk(rng, depth - 1) for _ in range(rng.randrange(3))}
        case _:
            return copy.copy(rng.choice(_OTHERS[:-1]))


def mutated(rng: random.Random, value: Any) -> Any:
    """JSON with a few values replaced, removed, added or swapped."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(_places(root))
        holder, key = rng.choice(places)
        match rng.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[rng.choice(_TEXTS)] = junk(rng)
            case 2 if isinstance(holder, list):
                holder.insert(key, junk(rng)) if holder is not root else None
            case 3:
                other, name = rng.choice(places)
                holder[key] = copy.deepcopy(other[name]) if name in other or isinstance(other, list) else None
            case _:
                holder[key] = junk(rng)
    return root[0]


def _places(value: Any) -> Any:
    """All (container, key) pairs in nested lists and dicts."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(pairs):
        yield value, key
        if isinstance(item, (dict, list)):
            yield from _places(item)


def scrambled(rng: random.Random, parts: tuple[str, ...], text: str) -> str:
    """Text with parts of the grammar inserted, removed and repeated."""
    for _ in range(rng.randrange(1, 6)):
        place, end = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        match rng.randrange(4):
            case 0:
                text = text[:place] + rng.choice(parts) + text[place:]
            case 1:
                text = text[:place] + text[end:]
            case 2:
                text = text[:place] + text[place:end] * rng.choice((2, 2, 60)) + text[end:]
            case _:
                text = text[:place] + rng.choice(parts) + text[end:]
    return text
