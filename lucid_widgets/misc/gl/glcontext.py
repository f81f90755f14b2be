"""Drawing without a screen, which is left to libraries made for it."""

from __future__ import annotations

from lucid_widgets.misc._removed import removed

create_opengl_context = removed(
    "create_opengl_context",
    "it drew meshes through a driver that Colab's machines once had",
    "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
)

__all__ = ["create_opengl_context"]
