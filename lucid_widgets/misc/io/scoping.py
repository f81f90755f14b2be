"""Paths that users pass: `~` is the home folder, and `io_scope` sets a folder for relative paths within a block."""

from __future__ import annotations

import os
import posixpath
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lucid_widgets.errors import ArgumentError

__all__ = ["current_io_scopes", "expanded", "io_scope", "path_text", "scope_url", "set_io_scopes"]


_active = threading.local()


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path that a user passed, with the home folder in place of a leading `~` or `~name`.

    Everything that opens, writes or stores a path calls this (or `scope_url`, which includes it), so that the same
    argument names the same file for reading and for writing. `~name` stays as it is if there is no such user.

    Example:
        >>> expanded("~/cat.png") == Path.home() / "cat.png"
        True
    """
    return Path(os.path.expanduser(path_text(path)))


def path_text(path: object) -> str:
    """Return a path that a user passed as text.

    Raises:
        ArgumentError: If it is neither text nor a path.
    """
    if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str):
        what = repr(path) if path is None or isinstance(path, (int, float)) else f"of type {type(path).__name__!r}"
        raise ArgumentError(f"The path is {what}.", "Expected text or a pathlib.Path.")
    return os.fspath(path)


def current_io_scopes() -> tuple[str, ...]:
    """Return the folders of the enclosing blocks, the outermost first. Each thread has its own."""
    return getattr(_active, "scopes", ())


def set_io_scopes(scopes: Sequence[str]) -> None:
    """Replace the folders of this thread, for example by those of the thread that started it."""
    _active.scopes = tuple(scopes)


@contextmanager
def io_scope(path: str | os.PathLike[str], replace_current_scopes: bool = False) -> Iterator[None]:
    """Within the block, `load`, `save`, `read` and `write` resolve relative paths against a folder.

    Args:
        path: The folder. A relative path is resolved against the folder of the enclosing block.
        replace_current_scopes: Ignore the enclosing block.

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
    """Resolve a path against the folders of `io_scope`.

    Args:
        url: A path or a URL. Absolute ones are returned unchanged; `~` becomes the home folder.
        io_scopes: The folders. default: those of the enclosing blocks.

    Returns:
        The path. If there is a folder, `..` and `.` are resolved.
    """
    path, result = os.path.expanduser(path_text(url)), ""
    scopes = [*map(os.path.expanduser, current_io_scopes() if io_scopes is None else io_scopes)]
    if not scopes or _is_absolute(path):
        return path
    for part in (*scopes, path):
        result = part if _is_absolute(part) else posixpath.join(result, part)
    scheme, found, rest = result.partition("://")
    return scheme + found + posixpath.normpath(rest) if found else posixpath.normpath(result)


def _is_absolute(path: str) -> bool:
    return "://" in path or path.startswith("//") or os.path.isabs(path)
