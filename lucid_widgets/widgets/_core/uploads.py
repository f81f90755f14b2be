"""Files from the page. They arrive in chunks, because messages over a megabyte break the connection in some hosts."""

from __future__ import annotations

import base64
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.widgets._workbench.start_image import MAX_BYTES

MAX_PARTS = 4096
_MAX_UPLOADS = 4


class Uploads:
    """Assembles files. An upload that is never finished is dropped when newer ones arrive."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._parts: dict[str, list[bytes]] = {}

    def add(self, upload: Any, part: Any, parts: Any, data: Any) -> bytes | None:
        """Take the next chunk of a file.

        Args:
            upload: The page's id of the upload.
            part: Index of the chunk, from 0. Chunks arrive in order.
            parts: Number of chunks.
            data: The chunk in base64.

        Returns:
            The file, after its last chunk; None before.

        Raises:
            ArgumentError: If a chunk is missing or broken, or the file is too large.
        """
        key = str(upload)[:64]
        count = whole_number("parts", parts, 1, MAX_PARTS)
        number = whole_number("part", part, 0, count - 1)
        held = [] if number == 0 else self._parts.pop(key, None)
        if held is None or len(held) != number:
            raise ArgumentError("A part of the file is missing.", "Try again.")
        try:
            held.append(base64.b64decode(data, validate=True))
        except (TypeError, ValueError):
            raise ArgumentError("A part of the file is damaged.", "Try again.") from None
        if sum(map(len, held)) > self._max_bytes:
            raise ArgumentError("The file is too large.", f"Expected at most {self._max_bytes:,} bytes.")
        if number == count - 1:
            self._parts.pop(key, None)
            return b"".join(held)
        self._parts[key] = held
        while len(self._parts) > _MAX_UPLOADS:
            del self._parts[next(iter(self._parts))]
        return None


__all__ = ["Uploads"]
