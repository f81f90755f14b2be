"""Meshes: `meshutil` loads them and places cameras, and `mesh_image` draws them.

Lucid's renderer, which needed a special driver, is missing.
"""

__all__: list[str] = []
