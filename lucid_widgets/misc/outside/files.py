"""Read the bytes of a file that may be damaged, endless, or made to fill the memory."""

from __future__ import annotations

import lzma
import os
import stat
from pathlib import Path

from lucid_widgets.errors import ArgumentError, LucidError, missing_file

__all__ = ["MAX_FILE", "MAX_UNPACKED", "file_bytes", "refuse_size", "refuse_unpacked", "unpacked_xz"]

MAX_FILE = 2**31
"""Most bytes of a file, unless the caller expects less. TensorFlow's graphs have the same limit."""

MAX_UNPACKED = 2**30
"""Bytes that a compressed file may unpack to, if that is more than 100 times its size."""

_LARGEST_RATIO = 100


def file_bytes(path: str | os.PathLike[str], most: int = MAX_FILE, *, error: type[LucidError] = ArgumentError) -> bytes:
    """Return the content of a file.

    Args:
        path: The file.
        most: Most bytes that it may have.
        error: Kind of the error to raise.

    Raises:
        MissingFileError: If there is no such file.
        LucidError: If it is no regular file, cannot be read, or is too large. (A pipe would block, and a device such
            as `/dev/zero` never ends.)
    """
    try:
        kind = os.stat(path)
        if not stat.S_ISREG(kind.st_mode):
            what = "a folder" if stat.S_ISDIR(kind.st_mode) else "not a regular file"
            raise error(f"{os.fspath(path)!r} is {what}.", "Expected a file.")
        refuse_size(repr(os.fspath(path)), kind.st_size, most, error=error)
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise missing_file(path) from None
    except (OSError, ValueError) as reason:  # ValueError: a null character in the path
        if isinstance(reason, LucidError):
            raise
        raise error(f"{os.fspath(path)!r} cannot be read: {reason}.", "Check the path and its permissions.") from None


def refuse_size(name: str, size: int, most: int, *, error: type[LucidError] = ArgumentError) -> None:
    """Raise an error if a file has more bytes than expected."""
    if size > most:
        raise error(f"{name} has {size:,} bytes.", f"Expected at most {most:,}.")


def refuse_unpacked(name: str, packed: int, unpacked: int) -> None:
    """Raise an `ArgumentError` if a compressed file unpacks to far more than its size."""
    if unpacked > _most_unpacked(packed):
        raise ArgumentError(
            f"The {packed:,} bytes of {name} unpack to {unpacked:,} or more.",
            f"Expected at most {_most_unpacked(packed):,}.",
        )


def unpacked_xz(data: bytes, name: str) -> bytes:
    """Unpack the content of an `.xz` file.

    Raises:
        ArgumentError: If it is damaged, or unpacks to far more than its size.
    """
    most, unpacked = _most_unpacked(len(data)), b""
    try:
        while data:
            part = lzma.LZMADecompressor()
            unpacked += part.decompress(data, max_length=most + 1 - len(unpacked))
            refuse_unpacked(name, len(data), len(unpacked))
            if not part.eof:
                raise lzma.LZMAError("it ends too early")
            data = part.unused_data.lstrip(b"\0")  # a file may consist of several streams, with padding between them
    except (lzma.LZMAError, MemoryError) as error:
        raise ArgumentError(f"{name} is not an xz file: {error}.", "Check that the file is complete.") from error
    return unpacked


def _most_unpacked(packed: int) -> int:
    return max(MAX_UNPACKED, _LARGEST_RATIO * packed)
