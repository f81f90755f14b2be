"""Formats of animations, and the settings of an export. Settings are checked before any frame is encoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, either, whole_number
from lucid_widgets.export.gif import Dither, checked_dither
from lucid_widgets.export.html import MAX_FPS as MAX_FPS_HTML
from lucid_widgets.export.progress import Watch
from lucid_widgets.export.sprites import SheetFormat
from lucid_widgets.export.timing import MAX_FPS as MAX_FPS_OTHERS
from lucid_widgets.export.timing import Mode, checked_fps, order
from lucid_widgets.export.video import need_av

__all__ = ["FORMATS", "HOLDING", "MAX_FPS", "MAX_HOLD", "SHEETS", "Settings", "format_of"]

MAX_FPS = {"gif": 50, "webp": 90, "apng": 90, "html": MAX_FPS_HTML}
"""Highest number of frames per second of a format; 240 for the others.

Browsers show a frame of at most 10 ms for 100 ms, and GIF stores durations in units of 10 ms.
"""

HOLDING = ("gif", "webp", "apng", "mp4")
"""Formats in which the last frame can stay longer than the others."""

MAX_HOLD = 30
"""Longest time in seconds for which the last frame can stay. APNG stores at most 65 s for a frame."""

SHEETS: dict[str, SheetFormat] = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "sheet.webp": "webp"}
"""The formats that are sprite sheets, and how their image is encoded."""

FORMATS = ("gif", "webp", "apng", "mp4", "html", *SHEETS)
"""All formats. Each is also a file extension."""


@dataclass(frozen=True)
class Settings:
    """Settings of an export; see `save_animation`."""

    format: str
    fps: float
    mode: Mode
    quality: int
    lossless: bool
    dither: Dither
    background: tuple[int, int, int]
    progress: bool
    hold: float = 0.0
    watch: Watch | None = None

    @classmethod
    def checked(cls, format: str, fps: float, quality: int, background: Any, **others: Any) -> Settings:
        """Return valid settings, or raise an `ArgumentError` or `OutOfRangeError`."""
        format = str(format).lower().removeprefix(".")
        if format not in FORMATS:
            raise ArgumentError(f"There is no format {format!r}.", did_you_mean(format, list(FORMATS)))
        hint = "Browsers slow down faster animations; MP4 goes up to 240." if format in MAX_FPS else ""
        fps = checked_fps(fps, MAX_FPS.get(format, MAX_FPS_OTHERS), format.upper(), hint)
        order(1, others["mode"])
        others["hold"] = _checked_hold(others.get("hold", 0.0), format)
        checked_dither(others["dither"])
        quality = whole_number("quality", quality, 1, 100)
        color = tuple(whole_number("background", level, 0, 255) for level in background)
        if len(color) != 3:
            raise ArgumentError(f"background is {background!r}.", "Expected red, green and blue from 0 to 255.")
        if format == "mp4":
            need_av()
        return cls(format=format, fps=fps, quality=quality, background=(color[0], color[1], color[2]), **others)


def _checked_hold(hold: Any, format: str) -> float:
    try:
        seconds = float(hold)
    except (TypeError, ValueError):
        raise ArgumentError(f"hold is {hold!r}.", "Expected a number of seconds.") from None
    if not 0 <= seconds <= MAX_HOLD:  # true for NaN
        raise OutOfRangeError(f"hold is {hold}.", f"Expected a number of seconds from 0 to {MAX_HOLD}.")
    if seconds and format not in HOLDING:
        raise ArgumentError(
            f"{format.upper()} cannot hold the last frame.", f"Leave out hold=, or save one of {', '.join(HOLDING)}."
        )
    return seconds


def format_of(name: str) -> str:
    """Return the format that a file extension stands for."""
    for ending in sorted(FORMATS, key=len, reverse=True):
        if name.lower().endswith(f".{ending}"):
            return ending
    suffix = Path(name).suffix
    what = f"ends in {suffix!r}, which is not a format of animations" if suffix else "has no ending"
    raise ArgumentError(f"{name!r} {what}.", f"Expected {either([f'.{known}' for known in FORMATS])}.")
