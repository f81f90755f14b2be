"""Sprite sheets: the frames of an animation as one picture, row by row, and the numbers that cut it again.

A browser decodes a sheet to four bytes a pixel and refuses a side that is too long, so sheets have bounds
(`MAX_SIDE`, `MAX_PIXELS`), and a long or large animation becomes several of them.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, whole_number
from lucid_widgets.export.frames_in import over, to_frames
from lucid_widgets.misc.io.serialize_array import UInt8Array

MAX_SIDE = 16_383
"""Pixels a side: a WebP's bound; a canvas may be one pixel more (Chrome, Firefox, Safari)."""

MAX_PIXELS = 2**26
"""Pixels of a sheet: 256 MiB decoded, a quarter of Chrome's bound for a canvas; Pillow opens it without a warning."""

SheetFormat = Literal["png", "webp", "jpeg"]
FORMATS: tuple[SheetFormat, ...] = ("png", "webp", "jpeg")


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """Frames in a grid, row by row: frame `i` is in row `i // columns` and column `i % columns`.

    Attributes:
        pixels: uint8 `[rows * height, columns * width, channels]` with 1, 3 or 4 channels. Cells after the last
            frame are 0.
        width: Pixels of a frame.
        height: Pixels of a frame.
        columns: Frames in a row.
        count: Frames.
        first: Place of the first frame within the whole animation, where that needs several sheets.
        data: The file that the sheet was read from, unchanged; None for one made here.
    """

    pixels: UInt8Array
    width: int
    height: int
    columns: int
    count: int
    first: int = 0
    data: bytes | None = None

    @classmethod
    def of(cls, frames: Any, *, columns: int | None = None) -> Sheet:
        """The one sheet of all frames.

        Args:
            frames: What `to_frames` takes.
            columns: Frames in a row; by default as near to a square picture as it gets.

        Raises:
            OutOfRangeError: Where one sheet cannot hold them.

        Example:
            >>> Sheet.of(np.zeros((6, 32, 32, 3)))
            Sheet(6 frames of 32×32 in 2 columns and 3 rows)
        """
        sheets = make_sheets(frames, columns=columns)
        if len(sheets) > 1:
            raise OutOfRangeError(
                f"{sum(s.count for s in sheets)} frames of {sheets[0].width}×{sheets[0].height} need"
                f" {len(sheets)} sheets.",
                f"A sheet has at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all: take fewer or smaller frames,"
                " or make_sheets.",
            )
        return sheets[0]

    @classmethod
    def from_bytes(cls, data: bytes, *, columns: int, count: int | None = None) -> Sheet:
        """A sheet from the bytes of an image file.

        Args:
            data: PNG, JPEG, WebP or whatever Pillow reads.
            columns: Frames in a row.
            count: Frames; by default as many square ones as fit, as sheets with other frames need both numbers.

        Raises:
            ArgumentError: For bytes that are no image, or one that cannot be cut so.
        """
        columns = whole_number("columns", columns, 1)
        try:
            with Image.open(io.BytesIO(data)) as image:
                mode = image.mode if image.mode in ("L", "RGB", "RGBA") else _nearest_mode(image)
                pixels = np.asarray(image.convert(mode))
        except (OSError, Image.DecompressionBombError) as error:
            raise ArgumentError(
                f"The sheet cannot be read: {error}.", "Expected the bytes of a PNG, JPEG or WebP file."
            ) from error
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        width = pixels.shape[1] // columns
        if count is None:
            rows = max(1, round(pixels.shape[0] / max(width, 1)))
            count = rows * columns
        count = whole_number("count", count, 1)
        rows = math.ceil(count / columns)
        if pixels.shape[1] % columns or pixels.shape[0] % rows:
            raise ArgumentError(
                f"A picture of {pixels.shape[1]}×{pixels.shape[0]} pixels cannot be cut into {columns} columns and"
                f" {rows} rows.",
                "Expected columns and count with which each frame has a whole number of pixels.",
            )
        return cls(pixels, width, pixels.shape[0] // rows, columns, count, data=bytes(data))

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], *, columns: int, count: int | None = None) -> Sheet:
        """A sheet from an image file; see `from_bytes`."""
        return cls.from_bytes(Path(path).read_bytes(), columns=columns, count=count)

    @property
    def rows(self) -> int:
        """Rows of the grid; the last may be part empty."""
        return math.ceil(self.count / self.columns)

    @cached_property
    def frames(self) -> UInt8Array:
        """The frames again, uint8 `[count, height, width, channels]`."""
        rows, channels = self.rows, self.pixels.shape[2]
        cells = self.pixels.reshape(rows, self.height, self.columns, self.width, channels)
        return cells.transpose(0, 2, 1, 3, 4).reshape(-1, self.height, self.width, channels)[: self.count]

    @property
    def geometry(self) -> dict[str, int]:
        """The numbers that cut the sheet, as JSON has them."""
        return {
            "first": self.first,
            "count": self.count,
            "columns": self.columns,
            "rows": self.rows,
            "width": self.width,
            "height": self.height,
        }

    def encode(
        self,
        format: SheetFormat = "png",
        quality: int = 90,
        *,
        lossless: bool = False,
        background: tuple[int, int, int] = (255, 255, 255),
    ) -> bytes:
        """The sheet as the bytes of an image file.

        Args:
            format: "png" (lossless), "webp" or "jpeg" (full colour resolution, 4:4:4).
            quality: 1 to 100, for JPEG and lossy WebP.
            lossless: For WebP: every pixel as it is.
            background: RGB under transparent pixels in a JPEG, which has no transparency.

        Raises:
            ArgumentError: For another format.
        """
        if format not in FORMATS:
            raise ArgumentError(f"A sheet has no format {format!r}.", did_you_mean(str(format), list(FORMATS)))
        quality = whole_number("quality", quality, 1)
        if quality > 100:
            raise OutOfRangeError(f"quality is {quality}.", "Expected a whole number from 1 to 100.")
        pixels = over(self.pixels, background) if format == "jpeg" else self.pixels
        image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
        buffer = io.BytesIO()
        if format == "png":
            image.save(buffer, "PNG")
        elif format == "jpeg":
            image.save(buffer, "JPEG", quality=quality, subsampling=0)
        else:
            # `exact` keeps the colours under transparent pixels, which lossless promises.
            image.save(buffer, "WEBP", quality=quality, lossless=lossless, exact=lossless)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return (
            f"Sheet({self.count} frames of {self.width}×{self.height} in {self.columns} columns and {self.rows} rows)"
        )


def make_sheets(frames: Any, *, columns: int | None = None) -> list[Sheet]:
    """The frames as sheets: one, or where it would be too large for browsers, several with about as many frames each.

    Args:
        frames: What `to_frames` takes.
        columns: Frames in a row; by default as near to a square picture as it gets.

    Raises:
        OutOfRangeError: For a frame, or a row of `columns` frames, that is too large itself.
    """
    pixels = to_frames(frames)
    count, height, width, _ = pixels.shape
    columns, each = layout(count, width, height, columns)
    return [_packed(pixels[first : first + each], columns, first) for first in range(0, count, each)]


def layout(count: int, width: int, height: int, columns: int | None = None) -> tuple[int, int]:
    """How to lay out `count` frames: the columns of a sheet, and how many frames a sheet holds.

    Args:
        count: Frames, at least 1.
        width: Pixels of a frame.
        height: Pixels of a frame.
        columns: Columns to keep to; by default those for which the longer side is shortest, then with fewest empty
            cells.

    Example:
        >>> layout(60, 256, 256)
        (8, 60)
    """
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise OutOfRangeError(
            f"A frame of {width}×{height} pixels is too large for a sheet.",
            f"Expected at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all.",
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
        return columns, _evenly(count, columns * rows)
    most = min(widest * (MAX_SIDE // height), MAX_PIXELS // (width * height))
    each = _evenly(count, most)
    while True:  # ends: one frame fits
        fitting = list(_fitting(each, width, height, min(widest, each)))
        if fitting:
            return min(fitting)[-1], each
        each -= 1


def _fitting(count: int, width: int, height: int, widest: int) -> Iterator[tuple[int, int, int]]:
    """(longer side, empty cells, columns) of each grid within the bounds."""
    for columns in range(1, widest + 1):
        rows = math.ceil(count / columns)
        if rows * height <= MAX_SIDE and rows * columns * width * height <= MAX_PIXELS:
            yield max(columns * width, rows * height), rows * columns - count, columns


def _evenly(count: int, most: int) -> int:
    """The largest share when `count` is divided into as few parts of at most `most` as it takes."""
    return math.ceil(count / math.ceil(count / most))


def _packed(frames: UInt8Array, columns: int, first: int) -> Sheet:
    count, height, width, channels = frames.shape
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    pixels = np.zeros((rows, height, columns, width, channels), np.uint8)
    for index, frame in enumerate(frames):
        row, column = divmod(index, columns)
        pixels[row, :, column] = frame
    return Sheet(pixels.reshape(rows * height, columns * width, channels), width, height, columns, count, first)


def _nearest_mode(image: Image.Image) -> str:
    return "RGBA" if image.has_transparency_data else "RGB"
