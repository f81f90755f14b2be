"""`line_plots`: pictures of signals, one line per channel."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

__all__ = ["is_signal", "line_plots"]

HEIGHT = 160
"""Height of a picture in pixels."""

LEAST_WIDTH = 320
"""Smallest width of a picture in pixels."""

_MARGIN = 4
_MIDDLE = (215, 215, 215)
_ONLY = (31, 78, 140)
_BRIGHTNESS = 190  # of 255, because pure yellow or cyan cannot be seen on white


def is_signal(shape: tuple[int, ...]) -> bool:
    """Whether images of a shape `[..., height, width, channels]` are signals: one pixel high, and longer."""
    return len(shape) >= 3 and shape[-3] == 1 and shape[-2] > 1


def line_plots(signals: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return pictures of signals: time from left to right, 0 at the bottom and 1 at the top, one hue per channel.

    Args:
        signals: `[..., 1, length, channels]`; values outside [0, 1] are drawn at the edge.

    Returns:
        RGB in [0, 1], `[..., 160, width, 3]`, at least 320 pixels wide.
    """
    *batch, _, length, channels = signals.shape
    width = length * math.ceil(LEAST_WIDTH / length)
    flat = np.clip(np.nan_to_num(signals, nan=0.0), 0, 1).reshape(-1, length, channels)
    pictures = np.zeros((len(flat), HEIGHT, width, 3), np.float32)
    across = (np.arange(length) + 0.5) * (width / length)
    for picture, signal in zip(pictures, flat, strict=True):
        drawn = Image.new("RGB", (width, HEIGHT), "white")
        pen = ImageDraw.Draw(drawn)
        pen.line([(0, HEIGHT / 2), (width, HEIGHT / 2)], _MIDDLE)
        for channel in range(channels):
            down = _MARGIN + (1 - signal[:, channel]) * (HEIGHT - 1 - 2 * _MARGIN)
            pen.line(list(zip(across.tolist(), down.tolist(), strict=True)), _color(channel, channels), 2, "curve")
        picture[:] = np.asarray(drawn, np.float32) / 255
    return pictures.reshape(*batch, HEIGHT, width, 3)


def _color(channel: int, channels: int) -> tuple[int, int, int]:
    if channels == 1:
        return _ONLY
    red, green, blue = (round(_BRIGHTNESS * part) for part in colorsys.hsv_to_rgb(channel / channels, 1, 1))
    return red, green, blue
