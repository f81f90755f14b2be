"""The grid of a sprite sheet: columns, and how many frames a sheet holds.

A browser decodes a sheet to four bytes per pixel and rejects images with long sides. Therefore sheets are limited, and
a long or large animation is split into several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lucid_widgets.errors import OutOfRangeError, whole_number

__all__ = ["MAX_PIXELS", "MAX_SIDE", "layout"]

MAX_SIDE = 16_383
"""Longest side of a sheet in pixels: the limit of WebP. A canvas in today's browsers may be one pixel larger."""

MAX_PIXELS = 2**26
"""Most pixels of a sheet: 256 MiB decoded, a quarter of Chrome's limit for a canvas.

Pillow opens an image of this size without a warning.
"""


def layout(count: int, width: int, height: int, columns: int | None = None) -> tuple[int, int]:
    """Return the columns of a sheet, and how many frames each sheet holds.

    Args:
        count: Number of frames, at least 1.
        width: Width of a frame in pixels.
        height: Height of a frame in pixels.
        columns: Number of columns. default: the number that makes the longer side shortest; if several do, the one that
            leaves the fewest cells empty.

    Raises:
        OutOfRangeError: If a frame, or a row of `columns` frames, is too large for a sheet.

    Example:
        >>> layout(60, 256, 256)
        (8, 60)
    """
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise OutOfRangeError(
            f"A frame of {width}×{height} pixels is too large for a sheet.",
            f"Expected at most {MAX_SIDE} pixels per side and {MAX_PIXELS} in total.",
        )
    widest = min(MAX_SIDE // width, MAX_PIXELS // (width * height))
    if columns is not None:
        columns = whole_number("columns", columns, 1)
        if columns > widest:
            raise OutOfRangeError(
                f"{columns} columns of {width}×{height} pixels are too wide for a sheet.",
                f"Expected at most {widest} columns.",
            )
        rows = min(MAX_SIDE // height, MAX_PIXELS // (width * height * columns))
        return columns, _even_share(count, columns * rows)
    largest = min(widest * (MAX_SIDE // height), MAX_PIXELS // (width * height))
    share = _even_share(count, largest)
    while True:  # terminates, because one frame fits
        fitting = list(_fitting_grids(share, width, height, min(widest, share)))
        if fitting:
            return min(fitting)[-1], share
        share -= 1


def _fitting_grids(count: int, width: int, height: int, widest: int) -> Iterator[tuple[int, int, int]]:
    """Longer side, empty cells and columns of each grid within the limits."""
    for columns in range(1, widest + 1):
        rows = math.ceil(count / columns)
        if rows * height <= MAX_SIDE and rows * columns * width * height <= MAX_PIXELS:
            yield max(columns * width, rows * height), rows * columns - count, columns


def _even_share(count: int, largest: int) -> int:
    """The largest part when `count` is divided evenly into the fewest parts of at most `largest`."""
    return math.ceil(count / math.ceil(count / largest))
