"""Meshes: `meshutil` has the mathematics. Drawing them needed a driver of its own, and is gone."""
