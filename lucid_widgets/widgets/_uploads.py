"""Files that a page sends in parts, since large messages break connections."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lucid_widgets._errors import ArgumentError

MOST_BYTES = 64 * 2**20
MOST_UPLOADS = 8


class Uploads:
    """Puts the parts of files together."""

    def __init__(self) -> None:
        self._parts: dict[str, list[bytes]] = {}

    def add(self, upload: str, part: int, parts: int, data: str) -> bytes | None:
        """Takes one part.

        Args:
            upload: The file's name for the time of its upload, no other's.
            part: Which part, from 0. They come in order.
            parts: How many there are.
            data: Its bytes in base64.

        Returns:
            The file, if this was the last part.
        """
        if part == 0:
            while len(self._parts) >= MOST_UPLOADS:  # abandoned ones
                del self._parts[next(iter(self._parts))]
            self._parts[upload] = []
        received = self._parts.get(upload)
        if received is None or len(received) != part:
            raise ArgumentError("A part of the file is missing.", "Choose it again.")
        received.append(base64.b64decode(data))
        if sum(map(len, received)) > MOST_BYTES:
            del self._parts[upload]
            raise ArgumentError("The file is larger than 64 MiB.", "Choose a smaller one.")
        if part + 1 < parts:
            return None
        return b"".join(self._parts.pop(upload))


def as_picture(file: bytes, size: int) -> np.ndarray[Any, Any]:
    """The largest square in the middle of an image file, `[size, size, 3]`, in [0, 1].

    Raises:
        ArgumentError: It is no image.
    """
    try:
        with Image.open(io.BytesIO(file)) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ArgumentError("This file is no picture that can be read.", "Choose a JPEG, PNG or WebP.") from error
    fitted = ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(fitted, np.float32) / 255
