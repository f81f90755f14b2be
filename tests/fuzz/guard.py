"""Watches what Python does while input is fed: files, processes, connections, code."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PROCESSES = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.spawn")
_OTHERS = ("socket.connect", "socket.getaddrinfo", "pickle.find_class", "ctypes.dlopen", "code.__new__")
_CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.symlink", "os.link", "shutil.rmtree")

_watching: dict[int, tuple[Path, list[str]]] = {}
_is_installed = False

# Where Python and libraries read their own code and data.
_OWN = tuple({sys.prefix, sys.base_prefix, *(path for path in sys.path if path), "/proc", "/sys", "/dev/null", "/usr"})


def _hook(event: str, args: tuple[Any, ...]) -> None:
    found = _watching.get(threading.get_ident())
    if found is None:
        return
    folder, faults = found
    if event in _PROCESSES or event in _OTHERS:
        faults.append(f"{event} {args[:1]!r}"[:200])
    elif event == "open" and isinstance(args[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(args[0]))
        flags = args[2] if isinstance(args[2], int) else 0
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if not path.startswith(str(folder)) and (writes or not path.startswith(_OWN)):
            faults.append(f"{'writes' if writes else 'reads'} {path[:200]}")
    elif event in _CHANGES and isinstance(args[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(args[0]))
        if not path.startswith(str(folder)):
            faults.append(f"{event} {path[:200]}")


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """Watch the current thread within a block.

    Args:
        folder: The only folder in which files may be written, or read apart from Python's own.

    Yields:
        What happened that must not, filled during the block.
    """
    global _is_installed
    if not _is_installed:
        sys.addaudithook(_hook)
        _is_installed = True
    faults: list[str] = []
    _watching[threading.get_ident()] = folder, faults
    try:
        yield faults
    finally:
        del _watching[threading.get_ident()]
