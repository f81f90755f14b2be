"""In which order frames are shown, and for how long each."""

from __future__ import annotations

import itertools
import math
from typing import Any, Literal

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean

Mode = Literal["loop", "alternate", "once"]
MODES: tuple[Mode, ...] = ("loop", "alternate", "once")

SLOWEST = 0.1
"""Frames a second: a GIF's delay has 16 bits, and a picture that stays for longer is not an animation."""


def order(count: int, mode: Mode) -> list[int]:
    """The frames in the order in which a file has them.

    Alternate goes there and back once, without showing the frames at the ends twice.

    Example:
        >>> order(4, "alternate")
        [0, 1, 2, 3, 2, 1]
    """
    if mode not in MODES:
        raise ArgumentError(f"There is no mode {mode!r}.", did_you_mean(str(mode), list(MODES)))
    there = list(range(count))
    return there + there[-2:0:-1] if mode == "alternate" else there


def checked_fps(fps: Any, fastest: float, what: str, hint: str = "") -> float:
    """`fps` as a float within the bounds, or an error that says what the format can do."""
    try:
        number = float(fps)
    except (TypeError, ValueError):
        raise ArgumentError(f"fps is {fps!r}.", "Expected a number: frames a second.") from None
    if not SLOWEST <= number <= fastest:  # NaN too
        raise OutOfRangeError(f"fps is {fps}.", f"Expected {SLOWEST} to {fastest:g} for {what}. {hint}".strip())
    return number


def durations(count: int, fps: float, unit: int) -> list[int]:
    """How long each frame is shown, in whole `unit`ths of a second that add up: no frame starts half a unit off.

    Example:
        >>> durations(3, 30, 100)  # 33.3 ms a frame, in steps of 10 ms
        [3, 4, 3]
    """
    starts = [math.floor(index * unit / fps + 0.5) for index in range(count + 1)]
    return [end - start for start, end in itertools.pairwise(starts)]
