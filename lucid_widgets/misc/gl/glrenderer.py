"""Drawing without a screen, which is left to libraries made for it."""

from __future__ import annotations

from typing import Any, NoReturn

from lucid_widgets._errors import ArgumentError


def MeshRenderer(*_: Any, **__: Any) -> NoReturn:
    """Always raises an `ArgumentError`, which names what to use instead."""
    raise ArgumentError(
        "lucid_widgets draws no meshes: Lucid did, through a driver that Colab's machines once had.",
        "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
    )


__all__ = ["MeshRenderer"]
