"""`stamp`: detects whether files have changed since they were read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path

__all__ = ["stamp"]


def stamp(paths: Iterable[Path]) -> tuple[Hashable, ...]:
    """Return path, time of change and size of files, and of all files in folders; None for those that are missing."""
    return tuple(_of_file(file) for path in paths for file in _files(path))


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _of_file(file: Path) -> Hashable:
    try:
        found = file.stat()
    except OSError:
        return str(file), None
    return str(file), found.st_mtime_ns, found.st_size
