"""Names of Lucid's offscreen renderer for meshes. They raise an error that says what to use instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lucid_widgets.misc._removed import removed

__all__ = ["FBO", "GLObject", "MeshRenderer", "Shader", "Texture"]


def _removed(name: str) -> Callable[..., NoReturn]:
    return removed(
        name,
        "it needed a graphics driver that Colab no longer provides",
        "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
    )


FBO, GLObject, MeshRenderer, Shader, Texture = map(_removed, ("FBO", "GLObject", "MeshRenderer", "Shader", "Texture"))
