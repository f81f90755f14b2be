"""Drawing without a screen, which is left to libraries made for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._gone import gone


def _gone(name: str) -> Callable[..., NoReturn]:
    return gone(
        name,
        "it drew meshes through a driver that Colab's machines once had",
        "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
    )


FBO, MeshRenderer, Shader, Texture = map(_gone, ("FBO", "MeshRenderer", "Shader", "Texture"))

__all__ = ["FBO", "MeshRenderer", "Shader", "Texture"]
