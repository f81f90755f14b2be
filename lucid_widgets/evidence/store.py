"""`Store`: a folder with an index, and with the progress of a pass that has not finished.

Everything is written under a temporary name and renamed, so a process can be killed at any moment. A file lock keeps
two processes from running the same pass.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, missing_file
from lucid_widgets.misc._optional import needed

INDEX = "index.zarr"
FORMAT = 1
"""Version of the files. An index of another version is built again."""

_PROGRESS = re.compile(r"progress-(\d+)\.zarr")
_CHUNK_BYTES = 1 << 20
_WHAT = "An index on disk"


class Store:
    """A folder for one index.

    Args:
        path: The folder. It is made when something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def has_index(self) -> bool:
        """Whether there is a finished index."""
        return (self.path / INDEX).is_dir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until no other process uses the folder, and keep others out. The lock ends with the process."""
        lock = needed("filelock", _WHAT, "zarr").FileLock(self._made() / "lock")
        with lock:
            for leftover in (*self.path.glob(".*.zarr.*"), *self.path.glob(".old.*")):
                shutil.rmtree(leftover, ignore_errors=True)  # of a process that was killed
            yield

    def save_index(self, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Write the finished index, and remove the progress of its pass."""
        self._write(INDEX, about, arrays)
        for name in self._progress().values():
            shutil.rmtree(self.path / name, ignore_errors=True)

    def load_index(self) -> tuple[dict[str, Any], Any]:
        """Return what describes the index, and the Zarr group with its arrays, which are read when they are used.

        Raises:
            MissingFileError: If there is no index.
            ArgumentError: If it is damaged, or was written by another version of this package.
        """
        if not self.has_index:
            raise missing_file(self.path / INDEX)
        return self._read(INDEX)

    def save_progress(self, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Write the state of a pass, and remove the earlier one."""
        before = self._progress()
        number = max(before, default=0) + 1
        self._write(f"progress-{number}.zarr", about, arrays)
        for name in before.values():
            shutil.rmtree(self.path / name, ignore_errors=True)

    def load_progress(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return the newest state of a pass; None if there is none that can be used."""
        for _, name in sorted(self._progress().items(), reverse=True):
            with contextlib.suppress(ArgumentError):
                about, group = self._read(name)
                return about, read_all(about, group)
        return None

    def forget_progress(self) -> None:
        """Remove the state of a pass."""
        for name in self._progress().values():
            shutil.rmtree(self.path / name, ignore_errors=True)

    def _progress(self) -> dict[int, str]:
        names = os.listdir(self.path) if self.path.is_dir() else []
        found = ((_PROGRESS.fullmatch(name), name) for name in names)
        return {int(match[1]): name for match, name in found if match}

    def _made(self) -> Path:
        self.path.mkdir(parents=True, exist_ok=True)
        return self.path

    def _write(self, name: str, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        zarr = needed("zarr", _WHAT, "zarr")
        temporary = self._made() / f".{name}.{uuid.uuid4().hex[:8]}"
        try:
            group = zarr.create_group(temporary)
            shapes = {}
            for key, array in arrays.items():
                shapes[key] = {"shape": list(array.shape), "dtype": str(array.dtype)}
                if array.size:  # Zarr has no chunks without elements
                    # Not compressed: compressors may write different bytes for the same numbers.
                    group.create_array(key, data=array, chunks=_chunks(array), compressors=None)
            group.attrs.update({"format": FORMAT, "about": json.dumps(about), "arrays": json.dumps(shapes)})
            place = self.path / name
            if place.exists():
                # A directory cannot replace another in one step. Until the second rename, the pass would be repeated.
                os.rename(place, self.path / f".old.{uuid.uuid4().hex[:8]}")
            os.rename(temporary, place)
        finally:
            for leftover in [temporary, *self.path.glob(".old.*")]:
                shutil.rmtree(leftover, ignore_errors=True)

    def _read(self, name: str) -> tuple[dict[str, Any], Any]:
        zarr = needed("zarr", _WHAT, "zarr")
        try:
            group = zarr.open_group(self.path / name, mode="r")
            version = group.attrs["format"]
            about = json.loads(group.attrs["about"])
            about["arrays"] = json.loads(group.attrs["arrays"])
        except (OSError, KeyError, ValueError) as error:
            raise ArgumentError(f"{self.path / name} is damaged ({error}).", "Delete it and build it again.") from error
        if version != FORMAT:
            raise ArgumentError(
                f"{self.path / name} has format {version}, and this version reads {FORMAT}.",
                "Delete it and build it again.",
            )
        return about, group


def read_all(about: Mapping[str, Any], group: Any) -> dict[str, np.ndarray]:
    """Return all arrays of a group, the empty ones included."""
    return {name: read_array(about, group, name) for name in about["arrays"]}


def read_array(about: Mapping[str, Any], group: Any, name: str) -> np.ndarray:
    """Return one array of a group."""
    spec = about["arrays"][name]
    if 0 in spec["shape"]:
        return np.zeros(spec["shape"], spec["dtype"])
    return np.asarray(group[name][...])


def _chunks(array: np.ndarray) -> tuple[int, ...]:
    """Chunks of about a megabyte along the first axis, so that one image of many can be read alone."""
    if array.ndim == 0:
        return ()
    row = max(1, array.nbytes // array.shape[0])
    return (max(1, min(array.shape[0], _CHUNK_BYTES // row)), *array.shape[1:])


__all__ = ["FORMAT", "Store", "read_all", "read_array"]
