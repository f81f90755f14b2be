"""Encoders of `save`: the content of a file, for each file extension."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.serialize_array import Domain, check_brightness, encode_jpeg, encode_png, serialize_array

__all__ = ["ENCODERS", "ClarityJSONEncoder", "Encoded", "encode_text"]

Encoded = tuple[bytes, dict[str, Any]]
"""The content of a file, and a description of it."""


class ClarityJSONEncoder(json.JSONEncoder):
    """Encodes arrays, NumPy's numbers, sets, and objects with a method `to_json`. Pass it to `json.dumps` as `cls`.

    Source: Lucid's `misc.io.saving`.
    """

    def default(self, obj: Any) -> Any:
        if hasattr(obj, "to_json"):
            return obj.to_json()
        if hasattr(obj, "tolist"):
            return obj.tolist()
        if isinstance(obj, (set, frozenset)):
            return list(obj)
        raise TypeError(f"{type(obj).__name__!r} has no equivalent in JSON")


def encode_text(thing: Any) -> Encoded:
    """Encode a string or a list of lines as UTF-8."""
    lines = [thing] if isinstance(thing, str) else thing
    if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
        raise ArgumentError(f"{type(thing).__name__!r} is not text.", "Expected a string, or a list of lines.")
    return "\n".join(lines).encode(), {"type": "txt"}


def _png(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> Encoded:
    check_brightness(thing, domain=domain)
    return encode_png(thing, domain), {"type": "image", "shape": tuple(np.shape(thing))}


def _jpeg(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> Encoded:
    check_brightness(thing, domain=domain)
    return encode_jpeg(thing, quality, domain), {"type": "image", "shape": tuple(np.shape(thing))}


def _webp(thing: Any, domain: Domain = (0, 1), quality: int = 95) -> Encoded:
    check_brightness(thing, domain=domain)
    return serialize_array(thing, domain, "webp", quality), {"type": "image", "shape": tuple(np.shape(thing))}


def _npy(thing: Any) -> Encoded:
    array = np.asarray(thing)
    if array.dtype.hasobject:
        raise ArgumentError(
            "An array of Python objects cannot be saved, because reading it could run any code.",
            "Expected an array of numbers. For arrays of different shapes, save a list of them as .npz.",
        )
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue(), {"type": "array", "shape": array.shape, "dtype": str(array.dtype)}


def _npz(things: Any) -> Encoded:
    if isinstance(things, (list, tuple)) or (isinstance(things, np.ndarray) and things.dtype.hasobject):
        things = {f"arr_{index}": each for index, each in enumerate(things)}  # the names that NumPy gives
    if not isinstance(things, Mapping):
        raise ArgumentError(
            f"A .npz file stores arrays by name, and {type(things).__name__!r} has no names.",
            "Expected a mapping, such as {'image': array}, or a list of arrays.",
        )
    arrays = {str(name): np.asarray(each) for name, each in things.items()}
    if any(array.dtype.hasobject for array in arrays.values()):
        raise ArgumentError("An array of Python objects cannot be saved.", "Expected arrays of numbers.")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue(), {"type": "arrays", "shape": {name: each.shape for name, each in arrays.items()}}


def _json(thing: Any, indent: int | None = 2) -> Encoded:
    try:
        text = json.dumps(thing, indent=indent, cls=ClarityJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"This cannot be saved as JSON: {error}.", "Expected numbers, text, lists, dicts or arrays."
        ) from error
    return text.encode(), {"type": "json"}


def _graph_def(thing: Any) -> Encoded:
    if not hasattr(thing, "SerializeToString"):
        raise ArgumentError(f"{type(thing).__name__!r} is not a GraphDef.", "Expected one, such as model.graph_def.")
    return thing.SerializeToString(), {"type": "pb"}


def _pickled(thing: Any) -> Encoded:
    return pickle.dumps(thing), {"type": "pickle"}


ENCODERS: dict[str, Callable[..., Encoded]] = {
    ".png": _png,
    ".jpg": _jpeg,
    ".jpeg": _jpeg,
    ".webp": _webp,
    ".npy": _npy,
    ".npz": _npz,
    ".json": _json,
    ".txt": encode_text,
    ".pb": _graph_def,
    ".pickle": _pickled,
    ".pkl": _pickled,
}
"""The encoder for each file extension. Its keyword arguments are the settings that `save` accepts for it."""
