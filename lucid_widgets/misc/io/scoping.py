"""`io_scope`: a folder that the paths within a block are meant to be in."""

from __future__ import annotations

import os
import posixpath
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_active = threading.local()


def current_io_scopes() -> tuple[str, ...]:
    """The folders of the blocks around, the outermost first. Each thread has its own."""
    return getattr(_active, "scopes", ())


def set_io_scopes(scopes: Sequence[str]) -> None:
    """Replaces them: what a thread calls that is to write where the thread that started it does."""
    _active.scopes = tuple(scopes)


@contextmanager
def io_scope(path: str | os.PathLike[str], replace_current_scopes: bool = False) -> Iterator[None]:
    """Within it, paths that are not absolute are below a folder, for `load`, `save`, `read` and `write`.

    Args:
        path: The folder; below that of the block around it unless it is absolute.
        replace_current_scopes: Leaves the block around out of it.

    Example:
        >>> with io_scope("out"), io_scope("mixed4a"):
        ...     save(image, "476.png")  # out/mixed4a/476.png

    Source: Lucid's `misc.io.scoping`.
    """
    outer = current_io_scopes()
    set_io_scopes([os.fspath(path)] if replace_current_scopes else [*outer, os.fspath(path)])
    try:
        yield
    finally:
        set_io_scopes(outer)


def scope_url(url: str | os.PathLike[str], io_scopes: Sequence[str] | None = None) -> str:
    """A path as it is within `io_scope`s.

    Args:
        url: A path or a URL. Those that are absolute stay what they are.
        io_scopes: Instead of the current ones.

    Returns:
        The path, without `..` and `.` where there is a scope.
    """
    path, result = os.fspath(url), ""
    scopes = current_io_scopes() if io_scopes is None else io_scopes
    if not scopes or _is_absolute(path):
        return path
    for part in (*scopes, path):
        result = part if _is_absolute(part) else posixpath.join(result, part)
    scheme, found, rest = result.partition("://")
    return scheme + found + posixpath.normpath(rest) if found else posixpath.normpath(result)


def _is_absolute(path: str) -> bool:
    return "://" in path or path.startswith("//") or os.path.isabs(path)


__all__ = ["current_io_scopes", "io_scope", "scope_url", "set_io_scopes"]
