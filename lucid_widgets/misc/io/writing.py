"""Files that appear whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.reading import is_remote, local_path
from lucid_widgets.misc.io.scoping import scope_url


def write(data: bytes | str, url: str | os.PathLike[str], mode: str = "wb") -> None:
    """Writes a file, and makes its folder if need be.

    Args:
        data: Bytes or text; text is written as UTF-8.
        url: The path.
        mode: "wb" or "w"; without meaning here, for the data says what it is.

    Raises:
        ArgumentError: The path is a URL of the web.

    Source: Lucid's `misc.io.writing`.
    """
    if mode not in ("w", "wb"):
        raise ArgumentError(f"write received mode={mode!r}.", "Expected 'w' or 'wb'.")
    write_whole(target(url), data.encode() if isinstance(data, str) else data)


@contextmanager
def write_handle(path: str | os.PathLike[str], mode: str | None = None) -> Iterator[IO[Any]]:
    """Gives a file that is open for writing, for `with`; it appears when the block ends without an error.

    Args:
        path: The path.
        mode: "w" for text, "wb" for bytes; bytes unless given.
    """
    place = target(path)
    file: IO[Any] = io.BytesIO() if mode is None or "b" in mode else io.StringIO()
    yield file
    data = file.getvalue()  # type: ignore[attr-defined]
    write_whole(place, data.encode() if isinstance(data, str) else data)


def target(url: str | os.PathLike[str]) -> Path:
    """The path to write to, within the current `io_scope`."""
    place = scope_url(url)
    if is_remote(place):
        raise ArgumentError(f"Nothing can be written to {place}.", "Expected a path on this machine.")
    return Path(local_path(place))


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside its place first, so that a failure leaves what was there."""
    path = Path(os.path.realpath(path))  # what a link points to is replaced, not the link
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with beside.open("xb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


__all__ = ["target", "write", "write_handle", "write_whole"]
