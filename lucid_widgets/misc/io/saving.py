"""Writes arrays and images to files, whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets._errors import ArgumentError, did_you_mean
from lucid_widgets.misc.io.serialize_array import Domain, encode_jpeg, encode_png, serialize_array


def save(
    thing: Any, url_or_handle: str | os.PathLike[str], *, domain: Domain = (0, 1), quality: int = 95
) -> dict[str, Any]:
    """Writes an array to a file of the kind that its name ends with.

    The folder is made if need be. The file appears whole or not at all: it is written beside its place first,
    and an existing one is replaced only then. An image looks in the file as `show` shows it: floats are
    brightness in [0, 1], clipped and rounded; uint8 and booleans are taken as they are.

    Args:
        thing: For `.png`, `.jpg`, `.jpeg` and `.webp`: an image `[height, width]`, `[height, width,
            channels]` with 1, 3 or 4 channels, or a batch of them, which is tiled into one picture. For
            `.npy`: any array of numbers, unchanged. For `.npz`: a mapping from names to such arrays.
        url_or_handle: The path.
        domain: Values of floats that become black and white; None stretches from the least to the greatest.
        quality: 1 to 100, for JPEG and WebP.

    Returns:
        What was written: `{"type": "image" or "array", "shape": ..., "url": path}`.

    Raises:
        ArgumentError: For another ending, or a thing that such a file cannot hold.

    Example:
        >>> save(np.random.rand(64, 64, 3), "out/noise.png")
        {'type': 'image', 'shape': (64, 64, 3), 'url': 'out/noise.png'}
    """
    path = Path(url_or_handle)
    suffix = path.suffix.lower()
    encoders: dict[str, Callable[[npt.NDArray[Any]], bytes]] = {
        ".png": lambda array: encode_png(array, domain),
        ".jpg": lambda array: encode_jpeg(array, quality, domain),
        ".jpeg": lambda array: encode_jpeg(array, quality, domain),
        ".webp": lambda array: serialize_array(array, domain, "webp", quality),
        ".npy": _npy,
        ".npz": _npz,
    }
    if suffix not in encoders:
        raise ArgumentError(
            f"Files that end with {suffix!r} cannot be written ({path.name!r}).",
            did_you_mean(suffix, list(encoders)),
        )
    if suffix == ".npz":
        write_whole(path, _npz(thing))
        return {"type": "arrays", "shape": {name: np.shape(each) for name, each in thing.items()}, "url": str(path)}
    array = np.asarray(thing)
    write_whole(path, encoders[suffix](array))
    kind = "array" if suffix == ".npy" else "image"
    return {"type": kind, "shape": array.shape, "url": str(url_or_handle)}


def _npy(array: npt.NDArray[Any]) -> bytes:
    if array.dtype.hasobject:
        raise ArgumentError("An array of Python objects cannot be written.", "Expected an array of numbers.")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz(things: Any) -> bytes:
    if not isinstance(things, Mapping):
        raise ArgumentError(
            f"A .npz file holds arrays by name, and {type(things).__name__!r} has no names.",
            "Expected a mapping, such as {'image': array}.",
        )
    arrays = {str(name): np.asarray(each) for name, each in things.items()}
    if any(array.dtype.hasobject for array in arrays.values()):
        raise ArgumentError("An array of Python objects cannot be written.", "Expected arrays of numbers.")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


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
