"""What a player gets: the frames of an animation as one compressed sheet (or a few, where one would be too large), the
numbers that cut it, and what is known about each frame."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError, OutOfRangeError, whole_number
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprites import MAX_PIXELS as MAX_SHEET_PIXELS
from lucid_widgets.export.sprites import MAX_SIDE, Sheet, SheetFormat, make_sheets
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import UInt8Array

MAX_BYTES = 2**25
"""Compressed bytes of a player, unless said otherwise: as much as a notebook can hold without becoming slow to open."""

MAX_PIXELS = 2**27
"""Pixels of all frames together: half a GiB once a browser has decoded them."""

_FEW_PIXELS = 2**19
"""Up to so many, a sheet is stored without loss: eight frames of 256 px, or a small animation of pixel art."""

_MIME: dict[str, str] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_BROWSERS_READ = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


@dataclass(frozen=True, eq=False, repr=False)
class SpriteFrames:
    """Frames as a player has them.

    Attributes:
        pixels: uint8 `[n, height, width, channels]`, as they were before they were compressed.
        sheets: The bytes of each sheet, all of the type `meta["mime"]`.
        meta: For the page: count, width and height of the frames, mime, and of each sheet first, count, columns, bytes.
    """

    pixels: UInt8Array
    sheets: tuple[bytes, ...]
    meta: dict[str, Any]

    def __repr__(self) -> str:
        count, height, width, _ = self.pixels.shape
        return f"SpriteFrames({count} frames of {width}×{height}, {sum(map(len, self.sheets)) / 1e6:.2f} MB)"


def make_sprite_frames(
    frames: Any, *, quality: int = 90, lossless: bool = False, max_bytes: int = MAX_BYTES
) -> SpriteFrames:
    """Compresses frames for a player.

    Few or small frames are stored as PNG, without loss. Otherwise opaque ones become a JPEG at full colour
    resolution, and transparent ones a WebP. A `Sheet` that was read from a file is taken as it is.

    Args:
        frames: What `to_frames` takes, or a `Sheet`.
        quality: 1 to 100, where something is lost.
        lossless: Stores every frame exactly, as lossless WebP.
        max_bytes: The most that the sheets may have together.

    Raises:
        OutOfRangeError: For more than `max_bytes`, or more pixels than browsers hold.
    """
    max_bytes = whole_number("max_bytes", max_bytes, 1)
    pixels = frames.frames if isinstance(frames, Sheet) else to_frames(frames)
    count, height, width, channels = pixels.shape
    if pixels.size // channels > MAX_PIXELS:
        raise OutOfRangeError(
            f"{count} frames of {width}×{height} have {pixels.size // channels / 1e6:.0f} million pixels.",
            f"A page can hold {MAX_PIXELS // 10**6} million: take fewer or smaller frames, or save an MP4 with"
            " export.save_animation.",
        )
    taken = _as_it_is(frames) if isinstance(frames, Sheet) else None
    if taken is not None:
        sheets, data, mime = [frames], [taken[0]], taken[1]
    else:
        sheets = make_sheets(pixels)
        format, exact = _format(pixels, lossless)
        data = [sheet.encode(format, quality, lossless=exact) for sheet in sheets]
        mime = _MIME[format]
    size = sum(map(len, data))
    if size > max_bytes:
        raise OutOfRangeError(
            f"{count} frames of {width}×{height} take {size / 1e6:.1f} MB, and the widget's state, which is saved with"
            f" the notebook, may have {max_bytes / 1e6:.1f} MB.",
            "Take fewer or smaller frames, a lower quality=, or raise max_bytes=.",
        )
    meta = {
        "count": count,
        "width": width,
        "height": height,
        "mime": mime,
        "sheets": [
            {"first": sheet.first, "count": sheet.count, "columns": sheet.columns, "bytes": len(each)}
            for sheet, each in zip(sheets, data, strict=True)
        ],
    }
    return SpriteFrames(pixels, tuple(data), meta)


def _format(pixels: UInt8Array, lossless: bool) -> tuple[SheetFormat, bool]:
    if lossless:
        return "webp", True
    if pixels.size // pixels.shape[3] <= _FEW_PIXELS:
        return "png", True
    return ("webp", False) if pixels.shape[3] == 4 else ("jpeg", False)


def _as_it_is(sheet: Sheet) -> tuple[bytes, str] | None:
    """The file that a sheet came from, where browsers can read and hold it."""
    height, width = sheet.pixels.shape[:2]
    if sheet.data is None or max(height, width) > MAX_SIDE or height * width > MAX_SHEET_PIXELS:
        return None
    with Image.open(io.BytesIO(sheet.data)) as image:
        mime = _BROWSERS_READ.get(image.format or "")
    return None if mime is None else (sheet.data, mime)


def notes_of(
    frames: Any,
    count: int,
    *,
    labels: Sequence[Any] | None = None,
    seeds: Sequence[int | None] | None = None,
    objectives: Sequence[float | None] | None = None,
) -> dict[str, list[Any]]:
    """What is known about each frame, as the page shows it: lists of `count` entries, each of which may be missing.

    Steps and objective values are taken from `Frame`s, where the frames are a list of these.
    """
    notes: dict[str, list[Any]] = {}
    if isinstance(frames, (list, tuple)) and len(frames) == count and all(isinstance(each, Frame) for each in frames):
        notes["steps"] = [each.step for each in frames]
        notes["objectives"] = [_finite(each.objective) for each in frames]
        if all(value is None for value in notes["objectives"]):
            del notes["objectives"]
    given: Mapping[str, Sequence[Any] | None] = {"labels": labels, "seeds": seeds, "objectives": objectives}
    for name, values in given.items():
        if values is None:
            continue
        listed = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else None
        if listed is None or len(listed) != count:
            found = repr(values) if listed is None else f"{len(listed)} of them"
            raise ArgumentError(f"{name} is {found}.", f"Expected a list with one entry for each of {count} frames.")
        convert = _CONVERT[name]
        notes[name] = [convert(value) for value in listed]
    return notes


def _finite(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


_CONVERT: dict[str, Callable[[Any], Any]] = {"labels": str, "seeds": _whole, "objectives": _finite}
