"""Order and duration of the frames of an animation."""

from __future__ import annotations

import itertools
import math
from typing import Any, Literal

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean

__all__ = ["MAX_FPS", "MIN_FPS", "MODES", "Mode", "checked_fps", "durations", "order"]

Mode = Literal["loop", "alternate", "once"]
"""How an animation plays: over and over, forward and backward, or once."""

MODES: tuple[Mode, ...] = ("loop", "alternate", "once")

MIN_FPS = 0.1
"""Fewest frames per second: GIF stores a duration in 16 bits."""

MAX_FPS = 240
"""Most frames per second of formats without a lower limit."""


def order(count: int, mode: Mode) -> list[int]:
    """Return the indices of the frames in the order of the file.

    "alternate" goes forward and backward once, without repeating the first and the last frame.

    Example:
        >>> order(4, "alternate")
        [0, 1, 2, 3, 2, 1]
    """
    if mode not in MODES:
        raise ArgumentError(f"There is no mode {mode!r}.", did_you_mean(str(mode), list(MODES)))
    forward = list(range(count))
    return forward + forward[-2:0:-1] if mode == "alternate" else forward


def checked_fps(fps: Any, highest: float, what: str, hint: str = "") -> float:
    """Return `fps` as a float.

    Args:
        fps: The value to check.
        highest: The largest valid value.
        what: What the limit belongs to, for the error message.
        hint: What to do about a value beyond it.

    Raises:
        ArgumentError: If it is not a number.
        OutOfRangeError: If it is outside `[MIN_FPS, highest]`.
    """
    try:
        number = float(fps)
    except (TypeError, ValueError):
        raise ArgumentError(f"fps is {fps!r}.", "Expected a number of frames per second.") from None
    if not MIN_FPS <= number <= highest:  # true for NaN
        raise OutOfRangeError(
            f"fps is {fps}.", f"Expected a number from {MIN_FPS} to {highest:g} for {what}. {hint}".strip()
        )
    return number


def durations(count: int, fps: float, unit: int) -> list[int]:
    """Return how long each frame is shown, in `unit`ths of a second.

    The start of each frame is rounded, not its duration. Rounding errors therefore never add up: every frame starts
    at most half a unit early or late, and so does the end.

    Example:
        >>> durations(3, 30, 100)  # a frame takes 33.3 ms; GIF counts in 10 ms
        [3, 4, 3]
    """
    starts = [math.floor(index * unit / fps + 0.5) for index in range(count + 1)]
    return [end - start for start, end in itertools.pairwise(starts)]
