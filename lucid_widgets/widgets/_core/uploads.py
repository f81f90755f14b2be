"""Files from the page, which come in pieces: a message of more than a megabyte breaks some hosts' connections."""

from __future__ import annotations

import base64
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.widgets._core.traits import whole
from lucid_widgets.widgets._workbench.start_image import MAX_BYTES

MAX_PARTS = 4096
_AT_ONCE = 4


class Uploads:
    """Puts files together again. Those that are never finished are let go of when newer ones come."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._parts: dict[str, list[bytes]] = {}

    def add(self, upload: Any, part: Any, parts: Any, data: Any) -> bytes | None:
        """Takes the next piece of a file.

        Args:
            upload: The page's name for the file.
            part: The piece's number, from 0, in order.
            parts: How many there are.
            data: The piece, in base64.

        Returns:
            The whole file with its last piece; None before.

        Raises:
            ArgumentError: A piece is missing or broken, or the file is too large.
        """
        key = str(upload)[:64]
        count = whole("parts", parts, 1, MAX_PARTS)
        number = whole("part", part, 0, count - 1)
        held = [] if number == 0 else self._parts.pop(key, None)
        if held is None or len(held) != number:
            raise ArgumentError("A piece of the file is missing.", "Try again.")
        try:
            held.append(base64.b64decode(data, validate=True))
        except (TypeError, ValueError):
            raise ArgumentError("A piece of the file is broken.", "Try again.") from None
        if sum(map(len, held)) > self._max_bytes:
            raise ArgumentError("The file is too large.", f"Expected at most {self._max_bytes:,} bytes.")
        if number == count - 1:
            self._parts.pop(key, None)
            return b"".join(held)
        self._parts[key] = held
        while len(self._parts) > _AT_ONCE:
            del self._parts[next(iter(self._parts))]
        return None


__all__ = ["Uploads"]
