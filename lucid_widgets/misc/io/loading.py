"""`load`: read arrays, images, text and graphs from files and URLs. The file extension selects the format."""

from __future__ import annotations

import importlib
import inspect
import lzma
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.reading import is_remote, local_cache_path, read
from lucid_widgets.misc.io.reading import read_handle as read_handle
from lucid_widgets.misc.io.scoping import current_io_scopes, path_text, scope_url, set_io_scopes
from lucid_widgets.misc.outside import opened_image, parsed_json, read_array, read_arrays, unpacked_xz
from lucid_widgets.misc.outside.images import FORMATS

__all__ = ["decompressors", "is_handle", "load", "load_using_loader", "loaders", "unsafe_loaders"]

_THREADS = 8


def load(url_or_handle: Any, allow_unsafe_formats: bool = False, cache: bool | str | None = None, **kwargs: Any) -> Any:
    """Load a file. The file extension selects the format.

    Args:
        url_or_handle: A path, a URL, an open file, or a list of these, which is loaded concurrently. Formats are
            `.npy`, `.npz`, `.json`, `.txt`, `.md`, `.pb` and images (BMP, GIF, JPEG, PNG, PPM, TIFF, WebP; at most 80
            million pixels), each also compressed, such as `.npy.xz`.
        allow_unsafe_formats: Allow `.pickle` and `.pkl`. They can run any code, so load only your own files.
        cache: For URLs: the path to store the download at; False to store nothing. default: a file in the system's
            folder for caches.
        **kwargs: For images: `size=(width, height)` to resize to; `target_dtype`, the type of the values, default:
            float32. For text: `split=True` to return a list of lines; `encoding`, default: UTF-8.

    Returns:
        For an image, `[height, width, channels]` in [0, 1], rotated upright, with 3 channels, or 4 if the file has
        transparency. Gray images get three equal channels. For `.npz` a dict of arrays, for `.pb` a GraphDef, for a
        list of files a list.

    Raises:
        ArgumentError: If the file has none of these formats, is damaged, or is a pickle that is not allowed.
        MissingFileError: If there is no such file.

    Example:
        >>> load("dog.jpg", size=(224, 224)).shape
        (224, 224, 3)

    Source: Lucid's `misc.io.loading`. (For a list, Lucid returns errors among the results.)
    """
    if isinstance(url_or_handle, (list, tuple)):
        scopes = current_io_scopes()

        def load_one(each: Any) -> Any:
            set_io_scopes(scopes)  # scopes belong to a thread
            return load(each, allow_unsafe_formats, cache, **kwargs)

        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(load_one, url_or_handle))
    if hasattr(url_or_handle, "read"):
        data = url_or_handle.read()
        name = str(getattr(url_or_handle, "name", "the file"))
        return _decoded(data.encode() if isinstance(data, str) else data, name, allow_unsafe_formats, kwargs)
    name = path_text(url_or_handle)
    try:
        return _decoded(read(name, cache=cache), name, allow_unsafe_formats, kwargs)
    except ArgumentError:
        place = scope_url(name)
        if not is_remote(place) or cache is not None or not local_cache_path(place).exists():
            raise
        # The cached file may be an error page of the server: download it again.
        local_cache_path(place).unlink()
        return _decoded(read(name), name, allow_unsafe_formats, kwargs)


def _decoded(data: bytes, name: str, unsafe: bool, settings: dict[str, Any]) -> Any:
    suffixes = [suffix.lower() for suffix in PurePath(name.partition("?")[0]).suffixes]
    if suffixes[-1:] == [".xz"]:
        data = unpacked_xz(data, name)
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix in (".pickle", ".pkl") and not unsafe:
        raise ArgumentError(
            f"{name} is a pickle. Reading a pickle can run any code.",
            "If it is your own file, pass allow_unsafe_formats=True. Prefer .npy, .npz or .json.",
        )
    decode = _DECODERS.get(suffix, _image)
    known = list(inspect.signature(decode).parameters)[2:]
    for setting in settings:
        if setting not in known:
            raise ArgumentError(
                f"load received {setting}= for {name}.",
                f"Expected {' or '.join(f'{each}=' for each in known)}."
                if known
                else "Files of this kind have no settings.",
            )
    return decode(data, name, **settings)


def _json(data: bytes, name: str) -> Any:
    return parsed_json(data, name)


def _text(data: bytes, name: str, split: bool = False, encoding: str = "utf-8") -> str | list[str]:
    try:
        text = data.decode(encoding)
    except LookupError:
        raise ArgumentError(f"There is no encoding {encoding!r}.", "Expected a name such as 'utf-8'.") from None
    except UnicodeDecodeError as error:
        raise ArgumentError(f"{name} is not text in {encoding}: {error}.", "Pass another encoding=.") from error
    return text.splitlines() if split else text


def _graph_def(data: bytes, name: str) -> Any:
    # Only this format needs TensorFlow, which takes seconds to import.
    graph_def = importlib.import_module("tensorflow").compat.v1.GraphDef()
    try:
        graph_def.ParseFromString(data)
    except Exception as error:  # protobuf raises several kinds
        raise ArgumentError(f"{name} is not a frozen graph: {error}.") from error
    return graph_def


def _pickled(data: bytes, name: str) -> Any:
    return pickle.loads(data)


def _image(
    data: bytes, name: str, size: tuple[int, int] | None = None, target_dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    expected = f"Expected {', '.join(FORMATS)}, or a file that ends in {', '.join(_DECODERS)}."
    with opened_image(data, name, expected=expected) as image:
        return _array(ImageOps.exif_transpose(image), size).astype(target_dtype, copy=False)


_DECODERS: dict[str, Callable[..., Any]] = {
    ".npy": read_array,
    ".npz": read_arrays,
    ".json": _json,
    ".txt": _text,
    ".md": _text,
    ".pb": _graph_def,
    ".pickle": _pickled,
    ".pkl": _pickled,
}


def _array(image: Image.Image, size: tuple[int, int] | None) -> npt.NDArray[np.float32]:
    if image.mode.startswith("I"):
        # 16 bits per pixel. Pillow's conversion to RGB would clip them at 255.
        gray = Image.fromarray(np.asarray(image).astype(np.float32) / np.float32(65535))
        values = np.asarray(_resized(gray, size), np.float32).clip(0, 1)
        return np.repeat(values[:, :, None], 3, axis=2)
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = _resized(image.convert("RGBA" if transparent else "RGB"), size)
    return np.asarray(image, np.float32) / np.float32(255)


def _resized(image: Image.Image, size: tuple[int, int] | None) -> Image.Image:
    return image if size is None else image.resize(size, Image.Resampling.LANCZOS)


def is_handle(url_or_handle: Any) -> bool:
    """Whether something is an open file that has a name.

    Source: Lucid's `misc.io.loading`.
    """
    return hasattr(url_or_handle, "read") and hasattr(url_or_handle, "name")


def load_using_loader(handle: Any, decompressor: Callable[[Any], Any] | None, loader: Any, **kwargs: Any) -> Any:
    """Return the content of an open file.

    Args:
        handle: The file.
        decompressor: One of `decompressors`; None if the file is not compressed.
        loader: One of `loaders` or `unsafe_loaders`.
        **kwargs: Settings of the loader, as for `load`.

    Source: Lucid's `misc.io.loading`.
    """
    with decompressor(handle) if decompressor else nullcontext(handle) as opened:
        return loader(opened, **kwargs)


def _from_handle(decode: Callable[..., Any], handle: Any, **settings: Any) -> Any:
    data, name = handle.read(), str(getattr(handle, "name", "the file"))
    return decode(data.encode() if isinstance(data, str) else data, name, **settings)


loaders: dict[str, Callable[..., Any]] = {
    **{suffix: partial(_from_handle, _image) for suffix in (".png", ".jpg", ".jpeg")},
    **{name: partial(_from_handle, _DECODERS[name]) for name in (".npy", ".npz", ".json", ".txt", ".md", ".pb")},
}
"""Lucid's table of functions that read an open file, by extension. `load` itself does not look into it."""

unsafe_loaders: dict[str, Callable[..., Any]] = {name: partial(_from_handle, _pickled) for name in (".pickle", ".pkl")}
"""The same for formats that are unsafe to read."""

decompressors: dict[str, Callable[..., Any]] = {".xz": lzma.open}
"""Functions from a compressed file to one with the original content, by extension."""
