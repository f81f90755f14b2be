"""`save`: write arrays, images, text and graphs to files. The file extension selects the format."""

from __future__ import annotations

import inspect
import io
import lzma
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import PurePath
from types import TracebackType
from typing import Any

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.misc.io.encoders import ENCODERS, ClarityJSONEncoder, encode_text
from lucid_widgets.misc.io.scoping import current_io_scopes, path_text, set_io_scopes
from lucid_widgets.misc.io.writing import target, write_whole

__all__ = [
    "CaptureSaveContext",
    "ClarityJSONEncoder",
    "batch_save",
    "compress_xz",
    "compressors",
    "nullcontext",
    "save",
    "save_img",
    "save_json",
    "save_npy",
    "save_npz",
    "save_pb",
    "save_pickle",
    "save_str",
    "save_txt",
    "savers",
    "unsafe_savers",
]

_open = threading.local()


class CaptureSaveContext:
    """Records each `save` within the block, in the thread that opened it and in the `batch_save` of that thread.

    Attributes:
        captured_saves: The result of each `save`, in order.

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
    def current_save_context(cls) -> CaptureSaveContext | None:
        """Return the innermost context that is open in this thread."""
        contexts = getattr(_open, "contexts", [])
        return contexts[-1] if contexts else None

    def capture(self, save_result: dict[str, Any]) -> None:
        """Record the result of a `save`."""
        self.captured_saves.append(save_result)

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
    """Save an object to a file. The file extension selects the format.

    Missing folders are created. The file is complete or not written: an existing file is replaced only after the new
    one has been written. Images look as in `show`: floats are brightness in [0, 1], clipped and rounded; uint8 and
    booleans are used unchanged.

    Args:
        thing: For `.png`, `.jpg`, `.jpeg` and `.webp`: an image `[height, width]` or `[height, width, channels]` with
            1, 3 or 4 channels, or a batch of them, which is tiled. For `.npy`: any array of numbers. For `.npz`: a
            mapping from names to such arrays, or a list of arrays, which are named `arr_0`, `arr_1` and so on. For
            `.json`: anything that JSON can hold, arrays, and objects with a method `to_json`. For `.txt`: text, or a
            list of lines. For `.pb`: a GraphDef. Text can be saved under any other extension, too.
        url_or_handle: The path, or a file that is open for writing bytes and has a name. An additional extension `.xz`
            compresses the file.
        allow_unsafe_formats: Allow `.pickle` and `.pkl`, which are unsafe to read.
        save_context: The context that records the call. default: the innermost open `CaptureSaveContext`.
        **kwargs: For images: `domain`, the values of floats that become black and white (default: (0, 1); None for
            the smallest and the largest value), and `quality`, 1 to 100, for JPEG and WebP. For `.json`: `indent`.

    Returns:
        A description of the file, such as `{"type": "image", "shape": (64, 64, 3), "url": path}`.

    Raises:
        ArgumentError: If no format has this extension, or it cannot hold the object.

    Example:
        >>> save(np.random.rand(64, 64, 3), "out/noise.png")
        {'type': 'image', 'shape': (64, 64, 3), 'url': 'out/noise.png'}

    Source: Lucid's `misc.io.saving`. (Lucid stretches the contrast of images and truncates their values.)
    """
    handle = url_or_handle if hasattr(url_or_handle, "write") else None
    name = str(getattr(handle, "name", "")) if handle is not None else path_text(url_or_handle)
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    packed = suffixes[-1:] == [".xz"]
    suffix = "".join(suffixes[:-1][-1:] if packed else suffixes[-1:])
    if suffix in (".pickle", ".pkl") and not allow_unsafe_formats:
        raise ArgumentError(
            f"{name} would be a pickle. Reading a pickle can run any code.",
            "Use .npy, .npz or .json, or pass allow_unsafe_formats=True.",
        )
    encode = ENCODERS.get(suffix, encode_text if isinstance(thing, str) else None)
    if encode is None:
        raise ArgumentError(
            f"There is no format for files that end in {suffix!r} ({PurePath(name).name!r}).",
            did_you_mean(suffix, list(ENCODERS)),
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
    context = save_context or CaptureSaveContext.current_save_context()
    if context is not None:
        context.capture(saved)
    return saved


def batch_save(save_ops: Iterable[Sequence[Any]], num_workers: int = 16) -> list[dict[str, Any]]:
    """Save many files concurrently.

    Args:
        save_ops: Tuples `(thing, path)` or `(thing, path, {"domain": ...})`.
        num_workers: Number of threads.

    Returns:
        The result of `save` for each.

    Source: Lucid's `misc.io.saving`.
    """
    scopes, context = current_io_scopes(), CaptureSaveContext.current_save_context()

    def save_one(operation: Sequence[Any]) -> dict[str, Any]:
        set_io_scopes(scopes)  # scopes belong to a thread
        thing, path, *settings = operation
        return save(thing, path, save_context=context, **(settings[0] if settings else {}))

    with ThreadPoolExecutor(num_workers) as pool:
        return list(pool.map(save_one, save_ops))


def save_json(object: Any, handle: Any, indent: int | None = 2) -> dict[str, Any]:
    """Write an object as JSON to an open file. The arguments are those of `save`; so are those of the next functions.

    Returns:
        A description of the content, such as `{"type": "json"}`.

    Source: Lucid's `misc.io.saving`.
    """
    return _written(".json", object, handle, indent=indent)


def save_npy(object: Any, handle: Any) -> dict[str, Any]:
    """Write an array as NumPy's `.npy` to an open file."""
    return _written(".npy", object, handle)


def save_npz(object: Any, handle: Any) -> dict[str, Any]:
    """Write arrays as NumPy's `.npz` to an open file."""
    return _written(".npz", object, handle)


def save_img(object: Any, handle: Any, domain: Any = (0, 1), **kwargs: Any) -> dict[str, Any]:
    """Write an image to an open file, in the format that its name ends in; default: PNG."""
    suffix = PurePath(str(getattr(handle, "name", ""))).suffix.lower()
    return _written(suffix if suffix in (".jpg", ".jpeg", ".webp") else ".png", object, handle, domain=domain, **kwargs)


def save_txt(object: Any, handle: Any) -> dict[str, Any]:
    """Write a string or a list of lines to an open file."""
    return _written(".txt", object, handle)


def save_str(object: Any, handle: Any) -> dict[str, Any]:
    """Write a string to an open file."""
    return _written(".txt", object, handle)


def save_pb(object: Any, handle: Any) -> dict[str, Any]:
    """Write a GraphDef to an open file."""
    return _written(".pb", object, handle)


def save_pickle(object: Any, handle: Any) -> dict[str, Any]:
    """Write a pickle to an open file. Reading one can run any code."""
    return _written(".pickle", object, handle)


def compress_xz(handle: Any, **kwargs: Any) -> Any:
    """Return an open file whose content is written to another one, compressed."""
    return lzma.open(handle, **{"mode": "wb", **kwargs})


def _written(suffix: str, thing: Any, handle: Any, **settings: Any) -> dict[str, Any]:
    data, described = ENCODERS[suffix](thing, **settings)
    handle.write(data.decode() if isinstance(handle, io.TextIOBase) else data)
    return described


savers: dict[str, Callable[..., dict[str, Any]]] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp"), save_img),
    **{".npy": save_npy, ".npz": save_npz, ".json": save_json, ".txt": save_txt, ".pb": save_pb},
}
"""Lucid's table of functions that write to an open file, by extension. `save` itself does not look into it."""

unsafe_savers: dict[str, Callable[..., dict[str, Any]]] = {".pickle": save_pickle, ".pkl": save_pickle}
"""The same for formats that are unsafe to read."""

compressors: dict[str, Callable[..., Any]] = {".xz": compress_xz}
"""Functions from an open file to one that compresses what is written to it, by extension."""
