"""`ImageCache`: small images on disk, limited in size, and shared by several processes.

Each image is a PNG file in a folder named after its key, so any image viewer can open it. The file contains a checksum
of its pixels and value. A file that does not match its checksum is treated as missing.
"""

from __future__ import annotations

import contextlib
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
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.misc.outside import file_bytes, in_log, opened_image

__all__ = ["MAX_BYTES", "CachedImage", "ImageCache"]

MAX_BYTES = 512 * 2**20
"""Default limit for all images together. 512 images of 64 × 64 pixels take 5 MB."""

_SHARE_WHEN_FULL = 0.9
"""Share of the limit that remains after images were dropped, because it would be slow to scan the folder each time."""

_COMPRESS_LEVEL = 3

_log = logging.getLogger(__name__)


class CachedImage(NamedTuple):
    """An image from the cache.

    Attributes:
        image: uint8 `[height, width, 3]`.
        value: The value stored with it, or None.
    """

    image: UInt8Array
    value: float | None


class ImageCache:
    """A folder of images, each identified by a key and a number.

    Args:
        folder: The folder. default: `features` in the folder for caches, which the environment variable
            `LUCID_WIDGETS_CACHE` sets.
        max_bytes: Limit for the files together. If it is exceeded, the images that were not used for longest are
            deleted.

    Example:
        >>> cache = ImageCache()
        >>> cache.store(key, 56, image, 12.5)
        >>> cache.load(key, 56).value
        12.5
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, max_bytes: int = MAX_BYTES) -> None:
        self.folder = cache_folder() / "features" if folder is None else expanded(folder)
        self._max_bytes = max_bytes
        self._bytes: int | None = None  # an estimate, because other processes write to the folder too
        self._warned = False

    def load(self, key: str, number: int) -> CachedImage | None:
        """Return a stored image; None if there is none or its file is damaged."""
        path = self._path(key, number)
        try:
            with opened_image(file_bytes(path), "the file") as png:
                png.load()
                image = np.asarray(png.convert("RGB"))
                texts: dict[str, str] = dict(getattr(png, "text", {}))
            value = texts.get("value", "")
            if texts.get("sha256") != _checksum(image, value):
                raise ValueError("wrong checksum")
            found = CachedImage(image, float(value) if value else None)
        except FileNotFoundError:
            return None
        except Exception as error:  # for a damaged file, Pillow raises many kinds
            _log.info("A cached image is damaged and will be rendered again: %s (%s)", in_log(path), in_log(error))
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # images are deleted by the time of their last use
        return found

    def store(self, key: str, number: int, image: UInt8Array, value: float | None) -> None:
        """Store an image, uint8 `[height, width, 3]`. If the folder is not writable, log one warning and continue."""
        text = "" if value is None else repr(float(value))
        about = PngImagePlugin.PngInfo()
        about.add_text("value", text)
        about.add_text("sha256", _checksum(image, text))
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG", pnginfo=about, compress_level=_COMPRESS_LEVEL)
        data = buffer.getvalue()
        try:
            write_whole(self._path(key, number), data)
            self._make_room(len(data))
        except OSError as error:
            if not self._warned:
                _log.warning("Images cannot be cached in %s: %s", in_log(self.folder), in_log(error))
                self._warned = True

    def _path(self, key: str, number: int) -> Path:
        return self.folder / key / f"{number}.png"

    def _make_room(self, added: int) -> None:
        if self._bytes is not None:
            self._bytes += added
            if self._bytes <= self._max_bytes:
                return
        files = sorted(self._files(), key=lambda file: (file.used_at, file.path))
        self._bytes = sum(file.size for file in files)
        if self._bytes <= self._max_bytes:
            return
        for file in files:
            if self._bytes <= _SHARE_WHEN_FULL * self._max_bytes:
                break
            file.path.unlink(missing_ok=True)
            self._bytes -= file.size
        for folder in {file.path.parent for file in files}:
            if not any(folder.iterdir()):
                folder.rmdir()

    def _files(self) -> Iterator[_File]:
        """Yield all files, including temporary ones of a process that was killed."""
        for path in self.folder.glob("*/*"):
            try:
                about = path.stat()
            except FileNotFoundError:  # another process is making room too
                continue
            yield _File(about.st_mtime_ns, path, about.st_size)


class _File(NamedTuple):
    used_at: int
    path: Path
    size: int


def _checksum(image: UInt8Array, value: str) -> str:
    return hashlib.sha256(repr((image.shape, value)).encode() + image.tobytes()).hexdigest()
