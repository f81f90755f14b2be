"""`Sheet`: the frames of an animation in one image, row by row, and the numbers needed to cut it."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, whole_number
from lucid_widgets.export.frames_in import over, to_frames
from lucid_widgets.export.progress import CheckedFile
from lucid_widgets.export.sprites.geometry import saved_geometry
from lucid_widgets.export.sprites.grid_layout import MAX_PIXELS, MAX_SIDE, layout
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import file_bytes, opened_image

__all__ = ["FORMATS", "Sheet", "SheetFormat", "make_sheets"]

SheetFormat = Literal["png", "webp", "jpeg"]
FORMATS: tuple[SheetFormat, ...] = ("png", "webp", "jpeg")


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """Frames in a grid, row by row: frame `i` is in row `i // columns` and column `i % columns`.

    Attributes:
        pixels: uint8 `[rows * height, columns * width, channels]` with 1, 3 or 4 channels. Cells after the last
            frame are 0.
        width: Width of a frame in pixels.
        height: Height of a frame in pixels.
        columns: Number of frames in a row.
        count: Number of frames.
        first: Index of the first frame in the animation, if that is split into several sheets.
        data: Content of the file that the sheet was read from; None if it was made from frames.
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
        """Return one sheet with all frames.

        Args:
            frames: See `to_frames`.
            columns: Number of frames in a row. default: the number for which the sheet is closest to a square.

        Raises:
            OutOfRangeError: If the frames do not fit into one sheet.

        Example:
            >>> Sheet.of(np.zeros((6, 32, 32, 3)))
            Sheet(6 frames of 32×32 in 2 columns and 3 rows)
        """
        sheets = make_sheets(frames, columns=columns)
        if len(sheets) > 1:
            raise OutOfRangeError(
                f"{sum(s.count for s in sheets)} frames of {sheets[0].width}×{sheets[0].height} need"
                f" {len(sheets)} sheets.",
                f"A sheet has at most {MAX_SIDE} pixels per side and {MAX_PIXELS} in total. Use make_sheets, or fewer"
                " or smaller frames.",
            )
        return sheets[0]

    @classmethod
    def from_bytes(cls, data: bytes, *, columns: int, count: int | None = None, name: str = "The sheet") -> Sheet:
        """Return a sheet that is read from the content of an image file.

        Args:
            data: A PNG, JPEG, WebP, GIF, BMP, PPM or TIFF.
            columns: Number of frames in a row.
            count: Number of frames. default: as many square frames as fit.
            name: What to call it in error messages. default: "The sheet".

        Raises:
            ArgumentError: If the data is not an image, or its size is not a multiple of the frames' size.
        """
        columns = whole_number("columns", columns, 1)
        with opened_image(data, name) as image:
            mode = image.mode if image.mode in ("L", "RGB", "RGBA") else _nearest_mode(image)
            pixels = np.asarray(image.convert(mode))
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        width = pixels.shape[1] // columns
        if count is None:
            rows = max(1, round(pixels.shape[0] / max(width, 1)))
            count = rows * columns
        count = whole_number("count", count, 1)
        rows = math.ceil(count / columns)
        if pixels.shape[1] % columns or pixels.shape[0] % rows:
            raise ArgumentError(
                f"An image of {pixels.shape[1]}×{pixels.shape[0]} pixels cannot be cut into {columns} columns and"
                f" {rows} rows.",
                "Expected values of columns and count that divide its width and height.",
            )
        return cls(pixels, width, pixels.shape[0] // rows, columns, count, data=bytes(data))

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], *, columns: int | None = None, count: int | None = None) -> Sheet:
        """Return a sheet that is read from an image file; see `from_bytes`.

        Args:
            path: The file.
            columns: Number of frames in a row. default: as in the JSON that was saved with the sheet.
            count: Number of frames. default: as in the JSON; with `columns`, as many square frames as fit.

        Raises:
            ArgumentError: If `columns` is missing and there is no JSON next to the file.
        """
        file = expanded(path)
        if columns is None:
            found = saved_geometry(file)
            if found is None:
                raise ArgumentError(
                    f"The geometry of {file.name!r} is unknown: there is no {file.name + '.json'!r} next to it.",
                    "Pass columns=.",
                )
            columns, count = found[0], found[1] if count is None else count
        return cls.from_bytes(file_bytes(file), columns=columns, count=count, name=repr(file.name))

    @property
    def rows(self) -> int:
        """Number of rows. The last may be partly empty."""
        return math.ceil(self.count / self.columns)

    @cached_property
    def frames(self) -> UInt8Array:
        """The frames, cut from the sheet: uint8 `[count, height, width, channels]`."""
        rows, channels = self.rows, self.pixels.shape[2]
        cells = self.pixels.reshape(rows, self.height, self.columns, self.width, channels)
        return cells.transpose(0, 2, 1, 3, 4).reshape(-1, self.height, self.width, channels)[: self.count]

    @property
    def geometry(self) -> dict[str, int]:
        """The numbers needed to cut the sheet, for JSON."""
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
        check: Callable[[], object] | None = None,
    ) -> bytes:
        """Return the content of an image file.

        Args:
            format: "png" (lossless), "webp" or "jpeg" (full color resolution, 4:4:4).
            quality: 1 to 100, for JPEG and lossy WebP.
            lossless: For WebP: keep every pixel exactly.
            background: Red, green and blue, 0 to 255, behind transparent pixels of a JPEG.
            check: Called whenever the encoder writes. An exception raised in it ends the encoding.

        Raises:
            ArgumentError: If there is no such format.
        """
        if format not in FORMATS:
            raise ArgumentError(f"A sheet has no format {format!r}.", did_you_mean(str(format), list(FORMATS)))
        quality = whole_number("quality", quality, 1, 100)
        pixels = over(self.pixels, background) if format == "jpeg" else self.pixels
        image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
        buffer = io.BytesIO() if check is None else CheckedFile(lambda _: check())
        if format == "png":
            image.save(buffer, "PNG")
        elif format == "jpeg":
            image.save(buffer, "JPEG", quality=quality, subsampling=0)
        else:
            # `exact` keeps the colors of transparent pixels too.
            image.save(buffer, "WEBP", quality=quality, lossless=lossless, exact=lossless)
        return buffer.getvalue()

    def __repr__(self) -> str:
        return (
            f"Sheet({self.count} frames of {self.width}×{self.height} in {self.columns} columns and {self.rows} rows)"
        )


def make_sheets(frames: Any, *, columns: int | None = None) -> list[Sheet]:
    """Return the frames as one sheet, or as several of similar size if one would be too large for browsers.

    Args:
        frames: See `to_frames`.
        columns: Number of frames in a row. default: the number for which a sheet is closest to a square.

    Raises:
        OutOfRangeError: If a single frame, or a row of `columns` frames, is too large for a sheet.
    """
    pixels = to_frames(frames)
    count, height, width, _ = pixels.shape
    columns, each = layout(count, width, height, columns)
    return [_packed(pixels[first : first + each], columns, first) for first in range(0, count, each)]


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
