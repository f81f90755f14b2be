"""Convert arrays with many channels to colors: each channel has a hue, and channels are mixed by their values.

`visible_channels` is the rule for images that a run optimizes: it keeps the values of three channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.line_plots import is_signal, line_plots

__all__ = ["collapse_channels", "hue_to_rgb", "sparse_channels_to_rgb", "visible_channels"]


_CORNERS = np.asarray([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]], np.float64)
_HUES = _CORNERS / np.linalg.norm(_CORNERS, axis=1, keepdims=True)


def hue_to_rgb(ang: float, warp: bool = True) -> npt.NDArray[np.float64]:
    """Return the fully saturated color of a hue.

    Args:
        ang: Hue in degrees: 0 is red, 120 green, 240 blue.
        warp: Give red, green and blue a smaller range of angles, so that equal steps look about equally large.

    Returns:
        RGB, `[3]`, normalized to length 1.

    Source: Lucid's `collapse_channels.hue_to_rgb`.
    """
    corner, part = divmod((ang % 360) / 60, 1)
    first = int(corner) % 6
    if warp:
        leaving = first % 2 == 0  # from a primary color to a mixed one
        part = np.sin(part * np.pi / 2) if leaving else 1 - np.sin((1 - part) * np.pi / 2)
    mixed: npt.NDArray[np.float64] = (1 - part) * _HUES[first] + part * _HUES[(first + 1) % 6]
    return mixed / np.linalg.norm(mixed)


def sparse_channels_to_rgb(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Convert nonnegative, mostly zero channels to colors.

    Args:
        X: `[..., channels]`.

    Returns:
        `[..., 3]`. Each color vector has the length of the vector of channels. It is whiter if several are large.

    Raises:
        ArgumentError: If there are negative values.

    Source: Lucid's `collapse_channels.sparse_channels_to_rgb`.
    """
    values = np.asarray(X)
    if (values < 0).any():
        raise ArgumentError("sparse_channels_to_rgb received negative numbers.", "Use collapse_channels.")
    count = values.shape[-1]
    hues = np.stack([hue_to_rgb(360 * index / count) for index in range(count)])
    rgb = values @ hues + (values.sum(-1, keepdims=True) - values.max(-1, keepdims=True))
    length = np.linalg.norm(rgb, axis=-1, keepdims=True)
    return rgb / np.where(length > 0, length, 1) * np.linalg.norm(values, axis=-1, keepdims=True)


def collapse_channels(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Convert channels of any sign to colors. The negative parts are treated as additional channels.

    Args:
        X: `[..., channels]`.

    Returns:
        `[..., 3]`, nonnegative. Values above 1 remain above 1.

    Source: Lucid's `collapse_channels.collapse_channels`.
    """
    values = np.asarray(X)
    if (values < 0).any():
        values = np.concatenate([np.maximum(values, 0), np.maximum(-values, 0)], -1)
    return sparse_channels_to_rgb(values)


def visible_channels(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return images that can be shown: gray, RGB and RGBA as they are, any others as the colors of three channels.

    Of more than four channels, the first three are red, green and blue. Of two channels, the first is red, the second
    green. Signals, which are one pixel high, become line plots. The widgets, exports of runs and `render_vis` show
    images this way; `save` keeps all channels in `.npy`.

    Args:
        images: `[..., height, width, channels]`.

    Example:
        >>> visible_channels(np.ones((8, 8, 7))).shape
        (8, 8, 3)
    """
    if is_signal(images.shape):
        return line_plots(images)
    channels = images.shape[-1]
    if channels in (1, 3, 4):
        return images
    if channels > 4:
        return images[..., :3]
    return np.concatenate([images, np.zeros_like(images[..., :1])], -1)
