"""Names that are safe to use in file names."""

from __future__ import annotations

__all__ = ["sanitize"]


def sanitize(s: str) -> str:
    """Replace slashes by underscores: `"resnet/block1"` becomes `"resnet_block1"`.

    Source: Lucid's `misc.io.sanitizing`.
    """
    return s.replace("/", "_")
