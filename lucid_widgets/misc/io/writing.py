"""Write files that are complete or not written at all."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.reading import is_remote, local_path
from lucid_widgets.misc.io.scoping import scope_url

__all__ = ["target", "write", "write_handle", "write_whole"]


def write(data: bytes | str, url: str | os.PathLike[str], mode: str = "wb") -> None:
    """Write a file. Missing folders are created.

    Args:
        data: Bytes or text. Text is written as UTF-8.
        url: The path.
        mode: "wb" or "w". It exists for compatibility with Lucid; the type of `data` decides.

    Raises:
        ArgumentError: If the path is a web address.

    Source: Lucid's `misc.io.writing`.
    """
    if mode not in ("w", "wb"):
        raise ArgumentError(f"write received mode={mode!r}.", "Expected 'w' or 'wb'.")
    write_whole(target(url), data.encode() if isinstance(data, str) else data)


@contextmanager
def write_handle(path: str | os.PathLike[str], mode: str | None = None) -> Iterator[IO[Any]]:
    """Open a file for writing within a block. The file is written when the block ends without an error.

    Args:
        path: The path.
        mode: "w" for text, "wb" for bytes. default: bytes.
    """
    place = target(path)
    file: IO[Any] = io.BytesIO() if mode is None or "b" in mode else io.StringIO()
    yield file
    data = file.getvalue()  # type: ignore[attr-defined]
    write_whole(place, data.encode() if isinstance(data, str) else data)


def target(url: str | os.PathLike[str]) -> Path:
    """Return the path to write to, resolved against the current `io_scope`."""
    place = scope_url(url)
    if is_remote(place):
        raise ArgumentError(f"{place} cannot be written to.", "Expected a path on this machine.")
    return Path(local_path(place))


def write_whole(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file under a temporary name, then rename it. If that fails, an existing file stays unchanged.

    Args:
        path: The file.
        data: Its content, or the parts of it in order.
    """
    path = Path(os.path.realpath(path))  # replace the target of a link, not the link
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with temporary.open("xb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
