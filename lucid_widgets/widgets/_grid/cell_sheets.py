"""Cells as the page gets them: a few side by side for a message, all that are made in one sheet for the state."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg, encode_png, grid, tile
from lucid_widgets.widgets._grid.cells import Cells, CellState

MESSAGE_PIXELS = 2**18
"""Pixels of one message at most: under a megabyte, as larger ones break the connection in some hosts."""

STATE_PIXELS = 2**20
"""Pixels of the sheet in the state at most, which a saved notebook keeps: a few hundred kilobytes."""

SMALLEST = 12
"""Pixels below which a cell in the state would show nothing; of a grid so large, only the first ones are kept."""

_JPEG_QUALITY = 88
_SHEET_QUALITY = 82
_PNG_LEVEL = 2


def most_in_message(size: int) -> int:
    """How many cells of that size one message may have."""
    return max(1, MESSAGE_PIXELS // size**2)


def batches(cells: Cells, places: Sequence[int]) -> list[tuple[dict[str, Any], bytes]]:
    """The messages that tell a page about places: finished pictures lossless, those that take shape as JPEG.

    Only the first so many of each; the page asks again.
    """
    most = most_in_message(cells.size)
    final = [place for place in places if cells.states[place] != CellState.MAKING][:most]
    making = [place for place in places if cells.states[place] == CellState.MAKING][:most]
    found = []
    for chosen, mime in ((final, "image/png"), (making, "image/jpeg")):
        if chosen:
            about = cells.described(chosen)
            picture = tile(cells.pictures[chosen])
            data = (
                encode_png(picture, compress_level=_PNG_LEVEL)
                if mime == "image/png"
                else encode_jpeg(picture, _JPEG_QUALITY)
            )
            found.append(({**about, "mime": mime, "columns": grid(len(chosen))[1], "size": cells.size}, data))
    return found


def state_sheet(cells: Cells, format: str = "WEBP") -> tuple[dict[str, Any], bytes]:
    """What the state has of a grid: what is known about its cells, and those that are made in one small picture.

    Both are empty while there is none.
    """
    places = [int(place) for place in np.flatnonzero(cells.states >= CellState.MADE)]
    if not places:
        return {}, b""
    places = places[: STATE_PIXELS // SMALLEST**2]
    size = min(cells.size, math.isqrt(STATE_PIXELS // len(places)))
    small = cells.pictures[places] if size == cells.size else _reduced(cells.pictures[places], size)
    buffer = io.BytesIO()
    Image.fromarray(tile(small)).save(buffer, format, quality=_SHEET_QUALITY, method=2)
    about = {
        **cells.described(places),
        "board": cells.id,
        "mime": f"image/{format.lower()}",
        "columns": grid(len(places))[1],
    }
    return {**about, "size": size}, buffer.getvalue()


def _reduced(pictures: UInt8Array, size: int) -> UInt8Array:
    images = (Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS) for picture in pictures)
    return np.stack([np.asarray(image) for image in images])
