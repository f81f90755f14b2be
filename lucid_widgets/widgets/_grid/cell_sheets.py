"""Cells as image files: a few in one file for a message, or all finished ones in a sheet for the widget's state."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg, encode_png, grid, tile
from lucid_widgets.widgets._canvas.encoded_frame import PNG_LEVEL
from lucid_widgets.widgets._grid.cells import Cells, CellState

MESSAGE_PIXELS = 2**18
"""Most pixels in one message. Messages over a megabyte break the connection in some hosts."""

STATE_PIXELS = 2**20
"""Most pixels of the sheet in the state, a few hundred kilobytes, which saved notebooks contain."""

SMALLEST = 12
"""Smallest width of a cell in the state. Of larger grids, the state has only the first cells."""

_JPEG_QUALITY = 88
_SHEET_QUALITY = 82


def max_in_message(size: int) -> int:
    """Number of cells of a size that fit into one message."""
    return max(1, MESSAGE_PIXELS // size**2)


def batches(cells: Cells, places: Sequence[int]) -> list[tuple[dict[str, Any], bytes]]:
    """Messages about places: finished images as PNG, unfinished ones as JPEG.

    A message has a limited number of cells. The page asks again for the others.
    """
    most = max_in_message(cells.size)
    final = [place for place in places if cells.states[place] != CellState.MAKING][:most]
    making = [place for place in places if cells.states[place] == CellState.MAKING][:most]
    found = []
    for chosen, mime in ((final, "image/png"), (making, "image/jpeg")):
        if chosen:
            about = cells.described(chosen)
            image = tile(cells.images[chosen])
            data = (
                encode_png(image, compress_level=PNG_LEVEL)
                if mime == "image/png"
                else encode_jpeg(image, _JPEG_QUALITY)
            )
            found.append(({**about, "mime": mime, "columns": grid(len(chosen))[1], "size": cells.size}, data))
    return found


def state_sheet(cells: Cells, format: str = "WEBP") -> tuple[dict[str, Any], bytes]:
    """The finished cells for the widget's state: a description, and one file with their images reduced to fit.

    Both are empty while no cell is finished.
    """
    places = [int(place) for place in np.flatnonzero(cells.states >= CellState.MADE)]
    if not places:
        return {}, b""
    places = places[: STATE_PIXELS // SMALLEST**2]
    size = min(cells.size, math.isqrt(STATE_PIXELS // len(places)))
    small = cells.images[places] if size == cells.size else _reduced(cells.images[places], size)
    buffer = io.BytesIO()
    Image.fromarray(tile(small)).save(buffer, format, quality=_SHEET_QUALITY, method=2)
    about = {
        **cells.described(places),
        "board": cells.id,
        "mime": f"image/{format.lower()}",
        "columns": grid(len(places))[1],
    }
    return {**about, "size": size}, buffer.getvalue()


def _reduced(images: UInt8Array, size: int) -> UInt8Array:
    small = (Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS) for image in images)
    return np.stack([np.asarray(image) for image in small])
