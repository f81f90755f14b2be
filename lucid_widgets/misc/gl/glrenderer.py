"""Drawing without a screen, which is left to libraries made for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed


def _removed(name: str) -> Callable[..., NoReturn]:
    return removed(
        name,
        "it drew meshes through a driver that Colab's machines once had",
        "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
    )


FBO, MeshRenderer, Shader, Texture = map(_removed, ("FBO", "MeshRenderer", "Shader", "Texture"))

__all__ = ["FBO", "MeshRenderer", "Shader", "Texture"]
