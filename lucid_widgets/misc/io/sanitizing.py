"""Names as parts of file names."""

from __future__ import annotations


def sanitize(s: str) -> str:
    """A name without slashes, `"resnet/block1"` as `"resnet_block1"`.

    Source: Lucid's `misc.io.sanitizing`.
    """
    return s.replace("/", "_")


__all__ = ["sanitize"]
