"""Meshes: `meshutil` loads them and places cameras. Lucid's renderer, which needed a special driver, is missing."""

__all__: list[str] = []
