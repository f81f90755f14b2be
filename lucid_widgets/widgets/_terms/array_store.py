"""Arrays that are too large for a page. They stay in Python; the page has their names and thumbnails."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.widgets._workbench.start_image import THUMBNAIL

_MAX_LISTED = 4096


class ArrayStore:
    """Arrays by name. Equal arrays have the same name."""

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray[Any, Any]] = {}
        self._thumbnails: dict[str, str] = {}

    def record(self, value: Any) -> Any:
        """`value` as JSON: a short vector as a list of numbers, any other array as its name, shape and thumbnail."""
        if isinstance(value, (list, tuple)):
            return [self.record(each) for each in value]
        if not isinstance(value, np.ndarray):
            return value
        if value.ndim == 1 and value.size <= _MAX_LISTED:
            # The shortest decimals that read back as the same float32 numbers.
            return [int(each) if value.dtype.kind in "iu" else float(str(each)) for each in value]
        name = hashlib.blake2b(value.tobytes() + str(value.shape).encode(), digest_size=8).hexdigest()
        self._arrays[name] = value
        if name not in self._thumbnails:
            self._thumbnails[name] = _thumbnail(value)
        return {"array": name, "shape": list(value.shape), "thumbnail": self._thumbnails[name]}

    def value(self, record: Any) -> Any:
        """The value that `record` turned into JSON."""
        if not isinstance(record, Mapping) or "array" not in record:
            return record
        if record["array"] not in self._arrays:
            raise ArgumentError(f"The array {record['array']!r} is no longer kept.", "Assign the array itself.")
        return self._arrays[record["array"]]

    def forget_all_but(self, used: set[str]) -> None:
        """Forget the arrays that no row uses."""
        for name in set(self._arrays) - used:
            del self._arrays[name], self._thumbnails[name]


def _thumbnail(value: np.ndarray[Any, Any]) -> str:
    """A thumbnail of an image `[height, width, 1, 3 or 4]` in [0, 1], as a data URL; empty for other arrays."""
    image = value[0] if value.ndim == 4 else value
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4) or min(image.shape[:2]) < 1:
        return ""
    pixels = (np.clip(image, 0, 1) * 255).round().astype(np.uint8)
    small = Image.fromarray(pixels[..., 0] if image.shape[-1] == 1 else pixels)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    small.convert("RGB").save(file, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
