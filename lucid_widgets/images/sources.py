"""`Source`, what an `ImageSet` reads images from, and the sources with random access: files, a zip and arrays."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.images.decoding import MAX_BYTES, as_rgb, decoded, fitted
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside.files import refuse_size

__all__ = ["Arrays", "Files", "Source", "Zip", "digest"]

Size = tuple[int, int] | None
"""`(height, width)` to crop and resize an image to; None for its own size."""


class Source(Protocol):
    """Numbered images with names.

    Attributes:
        ids: The name of each image. Names are unique.
        labels: The label of each image; None if there are none.
        fingerprint: Hexadecimal digits that change if the images do.
    """

    @property
    def ids(self) -> Sequence[str]: ...

    @property
    def labels(self) -> Sequence[str] | None: ...

    @property
    def fingerprint(self) -> str: ...

    def read(self, index: int, size: Size) -> UInt8Array:
        """Return an image as uint8 `[height, width, 3]`.

        Raises:
            ArgumentError: If the image cannot be read.
        """
        ...


def digest(*parts: Any) -> str:
    """Return a hash of numbers, texts and arrays."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            found.update(f"{part.dtype}{part.shape}".encode())
            found.update(np.ascontiguousarray(part).tobytes())
        else:
            found.update(repr(part).encode())
        found.update(b"\0")
    return found.hexdigest()


class Files:
    """Image files.

    Args:
        paths: The files.
        ids: Their names.
        labels: Their labels, or None.
    """

    def __init__(self, paths: Sequence[Path], ids: Sequence[str], labels: Sequence[str] | None) -> None:
        self._paths = list(paths)
        self.ids, self.labels = tuple(ids), None if labels is None else tuple(labels)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of names, sizes and times of change. Reading every file would take as long as a pass."""
        return digest(
            "files", self.labels, *((name, *_state(path)) for name, path in zip(self.ids, self._paths, strict=True))
        )

    def read(self, index: int, size: Size) -> UInt8Array:
        path = self._paths[index]
        _refuse_bytes(_state(path)[0])
        return decoded(path, size)


class Zip:
    """Image files in a zip archive, which is read member by member and never unpacked.

    Args:
        path: The archive.
        names: The members.
        labels: Their labels, or None.
    """

    def __init__(self, path: Path, names: Sequence[str], labels: Sequence[str] | None) -> None:
        self.ids, self.labels = tuple(names), None if labels is None else tuple(labels)
        self._archive = zipfile.ZipFile(path)
        self._reading = threading.Lock()

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the names and of the checksums that the archive holds."""
        members = (self._archive.getinfo(name) for name in self.ids)
        return digest("zip", self.labels, *((each.filename, each.file_size, each.CRC) for each in members))

    def read(self, index: int, size: Size) -> UInt8Array:
        with self._reading:
            member = self._archive.getinfo(self.ids[index])
            _refuse_bytes(member.file_size)
            try:
                data = self._archive.read(member)
            except Exception as error:  # a damaged archive can make zipfile raise nearly anything
                raise ArgumentError(f"The archive is damaged ({error}).", "Make it again.") from error
        return decoded(data, size)


class Arrays:
    """Arrays or PIL images in memory.

    Args:
        images: `[number, height, width, channels]`, or a sequence of single images.
        ids: Their names.
        labels: Their labels, or None.
    """

    def __init__(self, images: Sequence[Any] | np.ndarray, ids: Sequence[str], labels: Sequence[str] | None) -> None:
        self._images = images
        self.ids, self.labels = tuple(ids), None if labels is None else tuple(labels)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all pixels."""
        whole = self._images if isinstance(self._images, np.ndarray) else None
        parts = [whole] if whole is not None else [np.asarray(each) for each in self._images]
        return digest("arrays", self.labels, *parts)

    def read(self, index: int, size: Size) -> UInt8Array:
        found: UInt8Array = fitted(as_rgb(self._images[index]), size)
        return found


def _state(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def _refuse_bytes(count: int) -> None:
    refuse_size("The file", count, MAX_BYTES)
    if count < 0:
        raise ArgumentError("The file does not exist any more.", "Make the image set again.")
