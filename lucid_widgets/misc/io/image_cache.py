"""Small pictures kept on disk, within a bound, for several processes at once.

Each is a PNG of its own in a folder named by its key, so that any image viewer opens it. A checksum of pixels and
value is written into it; what does not fit its checksum counts as absent, and is made anew.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, PngImagePlugin

from lucid_widgets.misc.io.reading import cache_folder
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.io.writing import write_whole

MAX_BYTES = 512 * 2**20
"""Of all kept pictures together; beyond, those that nobody looked at for longest go. 512 at 64 pixels take 5 MB."""

# What is dropped then makes room for a while: looking through all files each time would cost more than it gives.
_KEPT_WHEN_FULL = 0.9
_COMPRESS_LEVEL = 3

_log = logging.getLogger(__name__)


class CachedImage(NamedTuple):
    """A picture from the cache: uint8 `[height, width, 3]`, and the value that belongs to it, or None."""

    picture: UInt8Array
    value: float | None


class ImageCache:
    """A folder of pictures, by key and number.

    Args:
        folder: Where; `features` in the folder for caches, which `LUCID_WIDGETS_CACHE` names, unless given.
        max_bytes: The bound.

    Example:
        >>> cache = ImageCache()
        >>> cache.store(key, 56, picture, 12.5)
        >>> cache.load(key, 56).value
        12.5
    """

    def __init__(self, folder: Path | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.folder = cache_folder() / "features" if folder is None else folder
        self._most = max_bytes
        self._bytes: int | None = None  # an estimate, as other processes write too
        self._warned = False

    def load(self, key: str, number: int) -> CachedImage | None:
        """A picture that was stored; None where there is none, or it is damaged."""
        path = self._path(key, number)
        try:
            data = path.read_bytes()
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                picture = np.asarray(image.convert("RGB"))
                written: dict[str, str] = dict(getattr(image, "text", {}))
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever Pillow raises for what is no picture any more
            _log.info("A kept picture is damaged and will be made anew: %s (%s)", path, error)
            return None
        value = written.get("value", "")
        if written.get("sha256") != _checksum(picture, value):
            _log.info("A kept picture is damaged and will be made anew: %s", path)
            return None
        try:
            os.utime(path)  # the newest to be looked at is the last to go
            number_read = float(value) if value else None
        except (OSError, ValueError):
            number_read = None
        return CachedImage(picture, number_read)

    def store(self, key: str, number: int, picture: UInt8Array, value: float | None) -> None:
        """Keeps a picture, uint8 `[height, width, 3]`. Where the disk is full or read-only, it does without."""
        written = "" if value is None else repr(float(value))
        about = PngImagePlugin.PngInfo()
        about.add_text("value", written)
        about.add_text("sha256", _checksum(picture, written))
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG", pnginfo=about, compress_level=_COMPRESS_LEVEL)
        data = buffer.getvalue()
        try:
            write_whole(self._path(key, number), data)
            self._make_room(len(data))
        except OSError as error:
            if not self._warned:
                _log.warning("Pictures cannot be kept in %s: %s", self.folder, error)
                self._warned = True

    def _path(self, key: str, number: int) -> Path:
        return self.folder / key / f"{number}.png"

    def _make_room(self, added: int) -> None:
        if self._bytes is not None:
            self._bytes += added
            if self._bytes <= self._most:
                return
        files = sorted(self._files(), key=lambda file: (file.looked_at, file.path))
        self._bytes = sum(file.size for file in files)
        if self._bytes <= self._most:
            return
        for file in files:
            if self._bytes <= _KEPT_WHEN_FULL * self._most:
                break
            file.path.unlink(missing_ok=True)
            self._bytes -= file.size
        for folder in {file.path.parent for file in files}:
            if not any(folder.iterdir()):
                folder.rmdir()

    def _files(self) -> Iterator[_File]:
        """All files, also what a process that was killed left half written."""
        for path in self.folder.glob("*/*"):
            try:
                about = path.stat()
            except FileNotFoundError:  # another process makes room too
                continue
            yield _File(about.st_mtime_ns, path, about.st_size)


class _File(NamedTuple):
    looked_at: int
    path: Path
    size: int


def _checksum(picture: UInt8Array, value: str) -> str:
    return hashlib.sha256(repr((picture.shape, value)).encode() + picture.tobytes()).hexdigest()
