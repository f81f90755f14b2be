"""Utilities under Lucid's names. `io` loads, saves and shows arrays and images."""

__all__: list[str] = []
