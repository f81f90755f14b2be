"""Arrays of many channels as colours: each channel gets a hue, mixed by how strong it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError

_CORNERS = np.asarray([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]], np.float64)
_HUES = _CORNERS / np.linalg.norm(_CORNERS, axis=1, keepdims=True)


def hue_to_rgb(ang: float, warp: bool = True) -> npt.NDArray[np.float64]:
    """A colour of full saturation.

    Args:
        ang: The hue in degrees; 0 is red, 120 green, 240 blue.
        warp: Hurries past red, green and blue, so that hues at equal angles look about equally far apart.

    Returns:
        `[3]`, a vector of length 1.

    Source: Lucid's `collapse_channels.hue_to_rgb`.
    """
    corner, part = divmod((ang % 360) / 60, 1)
    first = int(corner) % 6
    if warp:
        leaving = first % 2 == 0  # from a primary colour to a mixed one
        part = np.sin(part * np.pi / 2) if leaving else 1 - np.sin((1 - part) * np.pi / 2)
    mixed: npt.NDArray[np.float64] = (1 - part) * _HUES[first] + part * _HUES[(first + 1) % 6]
    return mixed / np.linalg.norm(mixed)


def sparse_channels_to_rgb(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Colours of an array whose channels are not negative and mostly zero.

    Args:
        X: `[..., channels]`.

    Returns:
        `[..., 3]`, each as long a vector as the channels were. Where several channels are strong it is whiter.

    Raises:
        ArgumentError: There are negative numbers.

    Source: Lucid's `collapse_channels.sparse_channels_to_rgb`.
    """
    values = np.asarray(X)
    if (values < 0).any():
        raise ArgumentError("sparse_channels_to_rgb received negative numbers.", "collapse_channels takes those.")
    count = values.shape[-1]
    hues = np.stack([hue_to_rgb(360 * index / count) for index in range(count)])
    rgb = values @ hues + (values.sum(-1, keepdims=True) - values.max(-1, keepdims=True))
    length = np.linalg.norm(rgb, axis=-1, keepdims=True)
    return rgb / np.where(length > 0, length, 1) * np.linalg.norm(values, axis=-1, keepdims=True)


def collapse_channels(X: npt.ArrayLike) -> npt.NDArray[Any]:
    """Colours of any array: what is negative counts as channels of its own.

    Args:
        X: `[..., channels]`.

    Returns:
        `[..., 3]`, not negative, and above 1 where the channels are.

    Source: Lucid's `collapse_channels.collapse_channels`.
    """
    values = np.asarray(X)
    if (values < 0).any():
        values = np.concatenate([np.maximum(values, 0), np.maximum(-values, 0)], -1)
    return sparse_channels_to_rgb(values)


__all__ = ["collapse_channels", "hue_to_rgb", "sparse_channels_to_rgb"]
