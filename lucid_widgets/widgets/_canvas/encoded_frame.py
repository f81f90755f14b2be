"""A frame as the page gets it: one encoded picture and what is known about it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import encode_jpeg, encode_png, grid, tile

_JPEG_QUALITY = 90
# Noise hardly compresses; what a higher level saves is not worth the time.
_PNG_LEVEL = 2


class EncodedFrame:
    """A frame's images, tiled into one picture and encoded once, by whoever first needs it.

    Args:
        id: Greater than that of any picture before.
        frame: What to show.
        lossless: PNG; else JPEG at full colour resolution, where the number of channels allows.
    """

    def __init__(self, id: int, frame: Frame, *, lossless: bool) -> None:
        batch, height, width, channels = frame.images.shape
        rows, columns = grid(batch) if batch else (1, 1)
        self.id = id
        self.frame = frame
        self.lossless = lossless or channels not in (1, 3)
        self.meta: dict[str, Any] = {
            "id": id,
            "step": frame.step,
            "objective": finite(frame.objective),
            "mime": "image/png" if self.lossless else "image/jpeg",
            "width": width * columns,
            "height": height * rows,
            "rows": rows,
            "columns": columns,
            "count": batch,
            "lossless": self.lossless,
        }
        self._lock = threading.Lock()
        self._data: bytes | None = None

    def encoded(self) -> bytes:
        """The bytes of the image file. NaN, which has no brightness, is black."""
        with self._lock:
            if self._data is None:
                self._data = self._encode()
            return self._data

    def _encode(self) -> bytes:
        images = self.frame.images
        if 0 in images.shape:
            raise ArgumentError(f"Frames of the shape {images.shape} cannot be shown.")
        picture = np.nan_to_num(tile(images), nan=0.0)
        if self.lossless:
            return encode_png(picture, compress_level=_PNG_LEVEL)
        return encode_jpeg(picture, _JPEG_QUALITY)


def finite(value: float | None) -> float | None:
    """`value` as JSON can hold it: None in place of NaN and infinities."""
    return None if value is None or not np.isfinite(value) else float(value)
