"""Names of Lucid's offscreen renderer for meshes. They raise an error that says what to use instead."""

from __future__ import annotations

from lucid_widgets.misc._removed import removed

__all__ = ["create_opengl_context"]


create_opengl_context = removed(
    "create_opengl_context",
    "it needed a graphics driver that Colab no longer provides",
    "Use a library such as pyrender or trimesh; misc.gl.meshutil loads meshes and places cameras.",
)
