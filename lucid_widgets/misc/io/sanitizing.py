"""Names that are safe to use in file names."""

from __future__ import annotations

from lucid_widgets.misc.outside import in_path

__all__ = ["sanitize"]


def sanitize(string: str) -> str:
    """Return text as the name of a file: `"resnet/block1"` becomes `"resnet_block1"`.

    Source: Lucid's `misc.io.sanitizing`, which replaced slashes only.
    """
    return in_path(string, "_", gap="_")
