"""`SpriteFrames`: the frames of an animation as compressed sprite sheets, in the form that a player on a page reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ArgumentError, OutOfRangeError, whole_number
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.progress import Progress, Watch
from lucid_widgets.export.sprites import MAX_PIXELS as MAX_SHEET_PIXELS
from lucid_widgets.export.sprites import MAX_SIDE, Sheet, SheetFormat, make_sheets
from lucid_widgets.frames import Frame, finite_or_none
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import opened_image

__all__ = ["MAX_BYTES", "MAX_PIXELS", "SpriteFrames", "make_sprite_frames", "notes_of"]

MAX_BYTES = 2**25
"""Default limit for the compressed size. A notebook with more would be slow to open."""

MAX_PIXELS = 2**27
"""Most pixels of all frames together: half a GiB once a browser has decoded them."""

_LOSSLESS_PIXELS = 2**19
"""Animations with at most this number of pixels are stored losslessly, such as eight frames of 256 × 256 pixels."""

_MIME: dict[str, str] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_BROWSERS_READ = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


@dataclass(frozen=True, eq=False, repr=False)
class SpriteFrames:
    """The frames of an animation, compressed for a player.

    Attributes:
        pixels: The frames before compression, uint8 `[n, height, width, channels]`.
        sheets: The content of each sheet's image file, of MIME type `meta["mime"]`.
        meta: What the page needs: `count`, `width`, `height`, `mime`, and for each of the `sheets` its `first` frame,
            `count`, `columns` and `bytes`.
    """

    pixels: UInt8Array
    sheets: tuple[bytes, ...]
    meta: dict[str, Any]

    def __repr__(self) -> str:
        count, height, width, _ = self.pixels.shape
        return f"SpriteFrames({count} frames of {width}×{height}, {sum(map(len, self.sheets)) / 1e6:.2f} MB)"


def make_sprite_frames(
    frames: Any, *, quality: int = 90, lossless: bool = False, max_bytes: int = MAX_BYTES, watch: Watch | None = None
) -> SpriteFrames:
    """Compress frames for a player.

    Animations with few pixels are stored as PNG. Larger ones become JPEG with full color resolution or, if they have
    transparency, WebP. The file of a `Sheet` is used unchanged if browsers can read it.

    Args:
        frames: See `to_frames`; or a `Sheet`.
        quality: 1 to 100, for JPEG and WebP.
        lossless: Store every frame exactly, as lossless WebP.
        max_bytes: Limit for the size of all sheets together.
        watch: Called with the number of sheets done and their total, and whenever an encoder writes. An exception
            raised in it ends the encoding.

    Raises:
        OutOfRangeError: If the sheets exceed `max_bytes`, or the frames have more pixels than browsers can hold.
    """
    max_bytes = whole_number("max_bytes", max_bytes, 1)
    pixels = frames.frames if isinstance(frames, Sheet) else to_frames(frames)
    count, height, width, channels = pixels.shape
    if pixels.size // channels > MAX_PIXELS:
        raise OutOfRangeError(
            f"{count} frames of {width}×{height} have {pixels.size // channels / 1e6:.0f} million pixels.",
            f"A page can hold {MAX_PIXELS // 10**6} million. Use fewer or smaller frames, or save an MP4 with"
            " export.save_animation.",
        )
    taken = _unchanged(frames) if isinstance(frames, Sheet) else None
    if taken is not None:
        sheets, data, mime = [frames], [taken[0]], taken[1]
    else:
        sheets = make_sheets(pixels)
        format, exact = _format(pixels, lossless)
        with Progress(range(len(sheets)), watch=watch) as progress:
            data = [sheets[index].encode(format, quality, lossless=exact, check=progress.check) for index in progress]
        mime = _MIME[format]
    size = sum(map(len, data))
    if size > max_bytes:
        raise OutOfRangeError(
            f"{count} frames of {width}×{height} take {size / 1e6:.1f} MB. The notebook stores them, so the"
            f" limit is {max_bytes / 1e6:.1f} MB.",
            "Use fewer or smaller frames or a lower quality=, or raise max_bytes=.",
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
    if pixels.size // pixels.shape[3] <= _LOSSLESS_PIXELS:
        return "png", True
    return ("webp", False) if pixels.shape[3] == 4 else ("jpeg", False)


def _unchanged(sheet: Sheet) -> tuple[bytes, str] | None:
    """Return the file that a sheet was read from, and its MIME type; None if browsers cannot read or hold it."""
    height, width = sheet.pixels.shape[:2]
    if sheet.data is None or max(height, width) > MAX_SIDE or height * width > MAX_SHEET_PIXELS:
        return None
    with opened_image(sheet.data, "The sheet") as image:
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
    """Return notes on each frame for the page: labels, seeds, steps and objective values, as far as they are known.

    Args:
        frames: The frames. A list of `Frame`s has steps and objective values.
        count: Number of frames.
        labels: A label for each frame.
        seeds: The seed of each frame.
        objectives: The objective value of each frame.

    Raises:
        ArgumentError: If the length of a list is not `count`.
    """
    notes: dict[str, list[Any]] = {}
    if isinstance(frames, (list, tuple)) and len(frames) == count and all(isinstance(each, Frame) for each in frames):
        notes["steps"] = [each.step for each in frames]
        notes["objectives"] = [finite_or_none(each.objective) for each in frames]
        if all(value is None for value in notes["objectives"]):
            del notes["objectives"]
    given: Mapping[str, Sequence[Any] | None] = {"labels": labels, "seeds": seeds, "objectives": objectives}
    for name, values in given.items():
        if values is None:
            continue
        listed = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else None
        if listed is None or len(listed) != count:
            found = f"is {values!r}" if listed is None else f"has {len(listed)} entries"
            raise ArgumentError(f"{name} {found}.", f"Expected a list with one entry for each of the {count} frames.")
        convert = _CONVERT[name]
        notes[name] = [convert(value) for value in listed]
    return notes


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


_CONVERT: dict[str, Callable[[Any], Any]] = {"labels": str, "seeds": _whole, "objectives": finite_or_none}
