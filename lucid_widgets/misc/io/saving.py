"""Writes arrays, images, text and graphs to files, whole or not at all: the name's ending says what kind."""

from __future__ import annotations

import inspect
import io
import json
import lzma
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from types import TracebackType
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.misc.io.scoping import current_io_scopes, set_io_scopes
from lucid_widgets.misc.io.serialize_array import Domain, encode_jpeg, encode_png, serialize_array
from lucid_widgets.misc.io.writing import target, write_whole

_open = threading.local()


class CaptureSaveContext:
    """Notes what is saved within it, by the thread that opened it and by `batch_save` of that thread.

    Attributes:
        captured_saves: What each `save` returned, in order.

    Example:
        >>> with CaptureSaveContext() as context:
        ...     save(image, "a.png")
        >>> context.captured_saves[0]["url"]
        'a.png'

    Source: Lucid's `misc.io.saving`.
    """

    def __init__(self) -> None:
        self.captured_saves: list[dict[str, Any]] = []

    @classmethod
    def current(cls) -> CaptureSaveContext | None:
        """The innermost that is open in this thread."""
        contexts = getattr(_open, "contexts", [])
        return contexts[-1] if contexts else None

    def capture(self, saved: dict[str, Any]) -> None:
        """Notes what was saved."""
        self.captured_saves.append(saved)

    def __enter__(self) -> CaptureSaveContext:
        _open.contexts = [*getattr(_open, "contexts", []), self]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _open.contexts = _open.contexts[:-1]


def save(
    thing: Any,
    url_or_handle: str | os.PathLike[str] | Any,
    allow_unsafe_formats: bool = False,
    save_context: CaptureSaveContext | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Writes a file of the kind that its name ends with.

    The folder is made if need be. The file appears whole or not at all: it is written beside its place first, and an
    existing one is replaced only then. An image looks in the file as `show` shows it: floats are brightness in [0, 1],
    clipped and rounded; uint8 and booleans are taken as they are.

    Args:
        thing: For `.png`, `.jpg`, `.jpeg` and `.webp`: an image `[height, width]`, `[height, width, channels]` with 1,
            3 or 4 channels, or a batch of them, which is tiled into one picture. For `.npy`: any array of numbers,
            unchanged. For `.npz`: a mapping from names to such arrays. For `.json`: what JSON can hold, arrays, and
            what has a method `to_json`. For `.txt`: text, or a list of lines. For `.pb`: a GraphDef. Text goes into
            files of any other name, too.
        url_or_handle: The path, or a file that is open for writing bytes and has a name. `.xz` at its end compresses.
        allow_unsafe_formats: Writes `.pickle` and `.pkl` as well, which only unsafe programs read.
        save_context: Notes what was saved; the innermost `CaptureSaveContext` that is open unless given.
        **kwargs: For images: `domain`, values of floats that become black and white, (0, 1) unless given, None
            stretches from the least to the greatest; `quality`, 1 to 100, for JPEG and WebP. For `.json`: `indent`.

    Returns:
        What was written: `{"type": "image", "shape": (64, 64, 3), "url": path}`.

    Raises:
        ArgumentError: For another ending, or a thing that such a file cannot hold.

    Example:
        >>> save(np.random.rand(64, 64, 3), "out/noise.png")
        {'type': 'image', 'shape': (64, 64, 3), 'url': 'out/noise.png'}

    Source: Lucid's `misc.io.saving`. (It stretched the contrast of images, and truncated their values.)
    """
    handle = url_or_handle if hasattr(url_or_handle, "write") else None
    name = str(getattr(handle, "name", "")) if handle is not None else os.fspath(url_or_handle)
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    packed = suffixes[-1:] == [".xz"]
    suffix = "".join(suffixes[:-1][-1:] if packed else suffixes[-1:])
    if suffix in (".pickle", ".pkl") and not allow_unsafe_formats:
        raise ArgumentError(
            f"{name} would be a pickle, and reading one can run any code.",
            "Use .npy, .npz or .json, or pass allow_unsafe_formats=True.",
        )
    encode = _ENCODERS.get(suffix, _text if isinstance(thing, str) else None)
    if encode is None:
        raise ArgumentError(
            f"Files that end with {suffix!r} cannot be written ({PurePath(name).name!r}).",
            did_you_mean(suffix, list(_ENCODERS)),
        )
    known = list(inspect.signature(encode).parameters)[1:]
    for setting in kwargs:
        if setting not in known:
            raise ArgumentError(f"save received {setting}= for {name}.", did_you_mean(setting, known) if known else "")
    data, described = encode(thing, **kwargs)
    data = lzma.compress(data) if packed else data
    if handle is not None:
        handle.write(data)
    else:
        write_whole(target(name), data)
    saved = {**described, "url": name}
    context = save_context or CaptureSaveContext.current()
    if context is not None:
        context.capture(saved)
    return saved


def batch_save(save_ops: Iterable[Sequence[Any]], num_workers: int = 16) -> list[dict[str, Any]]:
    """Writes many files, several at once.

    Args:
        save_ops: Tuples `(thing, path)` or `(thing, path, {"domain": ...})`.
        num_workers: How many at once.

    Returns:
        What `save` returned for each.

    Source: Lucid's `misc.io.saving`.
    """
    scopes, context = current_io_scopes(), CaptureSaveContext.current()

    def one(operation: Sequence[Any]) -> dict[str, Any]:
        set_io_scopes(scopes)  # each thread has its own
        thing, path, *settings = operation
        return save(thing, path, save_context=context, **(settings[0] if settings else {}))

    with ThreadPoolExecutor(num_workers) as pool:
        return list(pool.map(one, save_ops))


_Encoded = tuple[bytes, dict[str, Any]]


def _png(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> _Encoded:
    return encode_png(thing, domain), {"type": "image", "shape": tuple(np.shape(thing))}


def _jpeg(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> _Encoded:
    return encode_jpeg(thing, quality, domain), {"type": "image", "shape": tuple(np.shape(thing))}


def _webp(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> _Encoded:
    return serialize_array(thing, domain, "webp", quality), {"type": "image", "shape": tuple(np.shape(thing))}


def _npy(thing: Any) -> _Encoded:
    array = np.asarray(thing)
    if array.dtype.hasobject:
        raise ArgumentError("An array of Python objects cannot be written.", "Expected an array of numbers.")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue(), {"type": "array", "shape": array.shape, "dtype": str(array.dtype)}


def _npz(things: Any) -> _Encoded:
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
    return buffer.getvalue(), {"type": "arrays", "shape": {name: each.shape for name, each in arrays.items()}}


def _json(thing: Any, indent: int | None = 2) -> _Encoded:
    try:
        text = json.dumps(thing, indent=indent, cls=ClarityJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"JSON cannot hold this: {error}.", "Expected numbers, text, lists, dicts, arrays."
        ) from error
    return text.encode(), {"type": "json"}


class ClarityJSONEncoder(json.JSONEncoder):
    """Writes arrays, NumPy's numbers, sets, and what has a method `to_json`; pass it to `json.dumps` as `cls`.

    Source: Lucid's `misc.io.saving`.
    """

    def default(self, o: Any) -> Any:
        if hasattr(o, "to_json"):
            return o.to_json()
        if hasattr(o, "tolist"):
            return o.tolist()
        if isinstance(o, (set, frozenset)):
            return list(o)
        raise TypeError(f"{type(o).__name__!r} is not one of its types")


def _text(thing: Any) -> _Encoded:
    lines = [thing] if isinstance(thing, str) else thing
    if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
        raise ArgumentError(f"{type(thing).__name__!r} is not text.", "Expected a string, or a list of lines.")
    return "\n".join(lines).encode(), {"type": "txt"}


def _graph_def(thing: Any) -> _Encoded:
    if not hasattr(thing, "SerializeToString"):
        raise ArgumentError(f"{type(thing).__name__!r} is not a GraphDef.", "Expected one, such as model.graph_def.")
    return thing.SerializeToString(), {"type": "pb"}


def _pickled(thing: Any) -> _Encoded:
    return pickle.dumps(thing), {"type": "pickle"}


_ENCODERS: dict[str, Callable[..., _Encoded]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".webp": _webp,
    ".npy": _npy,
    ".npz": _npz,
    ".json": _json,
    ".txt": _text,
    ".pb": _graph_def,
    ".pickle": _pickled,
    ".pkl": _pickled,
}

__all__ = ["CaptureSaveContext", "ClarityJSONEncoder", "batch_save", "save", "write_whole"]
