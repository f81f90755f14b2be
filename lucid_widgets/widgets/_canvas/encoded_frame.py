"""`EncodedFrame`: a frame as one image file with a description, for the page."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame, finite_or_none
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.serialize_array import encode_jpeg, encode_png, grid, tile

_JPEG_QUALITY = 90
PNG_LEVEL = 2
"""Compression level of PNG files. Noise hardly compresses: higher levels take longer and save little."""


class EncodedFrame:
    """The images of a frame, tiled into one image file. It is encoded once, by the first thread that needs it.

    Args:
        id: Greater than the id of any earlier frame of the widget.
        frame: The frame.
        lossless: Whether to encode a PNG. If not, images with 1 or 3 channels become a JPEG at full color resolution.
        made_by: Description, for the page, of the run that made the frame.
    """

    def __init__(
        self, id: int, frame: Frame, *, lossless: bool, made_by: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        batch = len(frame.images)
        height, width, channels = visible_channels(frame.images[:0]).shape[1:]
        rows, columns = grid(batch) if batch else (1, 1)
        self.id = id
        self.frame = frame
        self.lossless = lossless or channels not in (1, 3)
        self.meta: dict[str, Any] = {
            "id": id,
            "step": frame.step,
            "objective": finite_or_none(frame.objective),
            "mime": "image/png" if self.lossless else "image/jpeg",
            "width": width * columns,
            "height": height * rows,
            "rows": rows,
            "columns": columns,
            "count": batch,
            "lossless": self.lossless,
            "made_by": dict(made_by),
        }
        self._lock = threading.Lock()
        self._data: bytes | None = None

    def encoded(self) -> bytes:
        """The bytes of the image file. NaN becomes black."""
        with self._lock:
            if self._data is None:
                self._data = self._encode()
            return self._data

    def _encode(self) -> bytes:
        images = self.frame.images
        if 0 in images.shape:
            raise ArgumentError(f"Frames of shape {images.shape} cannot be shown.")
        image = np.nan_to_num(tile(visible_channels(images)), nan=0.0)
        if self.lossless:
            return encode_png(image, compress_level=PNG_LEVEL)
        return encode_jpeg(image, _JPEG_QUALITY)
