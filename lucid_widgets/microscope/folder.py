"""`Folder`: files below a path on this machine or a URL such as `s3://bucket/name`, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.io.scoping import expanded, path_text
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.misc.outside import file_bytes
from lucid_widgets.misc.outside.files import refuse_size

MOST_BYTES = 64 << 20
"""Largest file that is read."""

# Of `write_whole`. Zarr's end in ".partial".
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")
# What file systems of fsspec say about a file.
_MARKS = ("ETag", "etag", "generation", "LastModified", "updated", "mtime", "created")
_WHAT = "A store of feature visualizations"


@dataclass(frozen=True)
class FileMark:
    """What tells that a file is another one than before.

    Args:
        size: Its size in bytes.
        change: When it was written, or a checksum by the server.
    """

    size: int
    change: str


class Folder:
    """Files by name, below a path or a URL.

    Args:
        url: A path on this machine, or a URL that fsspec knows.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        text = path_text(url)
        self.is_remote = "://" in text
        self._path = Path() if self.is_remote else expanded(text).absolute()
        self.url = text.rstrip("/") if self.is_remote else str(self._path)

    def __repr__(self) -> str:
        return f"Folder({self.url!r})"

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None if there is none."""
        try:
            if not self.is_remote:
                return file_bytes(self._path / name, MOST_BYTES)
            files, place = self._files(name)
            refuse_size(name, files.size(place), MOST_BYTES)
            content: bytes = files.cat_file(place)
            return content
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes | Iterable[bytes]) -> None:
        """Write a file, or the parts of one in order. A file of this name is replaced in one step."""
        if not self.is_remote:
            write_whole(self._path / name, data)
            return
        files, place = self._files(name)
        if isinstance(data, bytes):
            files.pipe_file(place, data)
            return
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "whole"
            write_whole(whole, data)
            files.put_file(str(whole), place)

    def remove(self, name: str) -> None:
        """Delete a file or a folder with everything in it, if it is there."""
        if not self.is_remote:
            place = self._path / name
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)
            return
        files, remote = self._files(name)
        files.invalidate_cache()
        with contextlib.suppress(FileNotFoundError):
            files.rm(remote, recursive=True)

    def remove_leftovers(self) -> None:
        """Delete temporary files of processes that were killed.

        A file that another process is just writing goes too. Its task then fails, and is tried again.
        """
        if not self.is_remote:
            for place in self._path.rglob("*"):
                if not place.is_dir() and (place.suffix == ".partial" or _TEMPORARY.fullmatch(place.name)):
                    place.unlink(missing_ok=True)

    def listed(self, name: str) -> dict[str, FileMark]:
        """Return the files below a folder in the order of their names, each with a mark that changes with the file."""
        if not self.is_remote:
            places = sorted((self._path / name).rglob("*"))
            found = {}
            for place in places:
                with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                    about = place.stat()
                    if stat.S_ISREG(about.st_mode) and not place.name.startswith("."):
                        mark = FileMark(about.st_size, str(about.st_mtime_ns))
                        found[place.relative_to(self._path).as_posix()] = mark
            return found
        files, remote = self._files(name)
        files.invalidate_cache()
        start = remote.lstrip("/")
        return {
            f"{name}{place.partition(start)[2]}": FileMark(
                int(about.get("size") or 0), " ".join(str(about.get(each)) for each in _MARKS)
            )
            for place, about in sorted(files.find(remote, detail=True).items())
        }

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of files, at the same time if they are on a server. Missing files are left out."""
        if not self.is_remote:
            read = ((name, self.read(name)) for name in names)
            return {name: content for name, content in read if content is not None}
        files, start = self._files("")
        places = {f"{start.rstrip('/')}/{name}": name for name in names}
        if not places:
            return {}
        found: Any = files.cat(list(places), on_error="omit")
        # One path gives bytes in place of a dict.
        contents = found if isinstance(found, dict) else dict.fromkeys(places, found)
        return {places[place]: contents[place] for place in places if place in contents}

    def zarr_store(self, name: str, *, read_only: bool = False) -> Any:
        """Return the Zarr store of a folder."""
        storage = needed("zarr.storage", _WHAT, "microscope")
        if self.is_remote:
            needed("fsspec", _WHAT, "microscope")
            return storage.FsspecStore.from_url(f"{self.url}/{name}", read_only=read_only)
        return storage.LocalStore(self._path / name, read_only=read_only)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out, if the folder is on this machine. The lock ends with the process."""
        if self.is_remote:
            yield
            return
        lock = needed("filelock", _WHAT, "microscope")
        self._path.mkdir(parents=True, exist_ok=True)
        with lock.FileLock(self._path / ".lock"):
            yield

    def _files(self, name: str) -> tuple[Any, str]:
        core = needed("fsspec.core", _WHAT, "microscope")
        files, place = core.url_to_fs(f"{self.url}/{name}")
        return files, place


__all__ = ["MOST_BYTES", "FileMark", "Folder"]
