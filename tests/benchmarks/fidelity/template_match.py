"""How well a small colored template occurs somewhere in an image, at whatever position and size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

SCALES = (0.7, 1.0, 1.4, 2.0)
"""Sizes at which a template is looked for, relative to its own."""

FAINTEST = 0.25
"""Smallest contrast of a part of the image, relative to that of the template, that counts as a match."""


def peak(image: np.ndarray, template: np.ndarray, scales: Sequence[float] = SCALES) -> float:
    """Return the best match of a template in an image.

    A match is the normalized cross-correlation of the template with a part of the image of its size, after the mean of
    each color was subtracted from both. Parts with hardly any contrast do not count.

    Args:
        image: `[height, width, 3]`.
        template: `[side, side, 3]`.
        scales: Sizes to try. Those larger than the image are left out.

    Returns:
        1 if the image contains the template, with any brightness and contrast; at least 0.
    """
    best = 0.0
    for scale in scales:
        side = round(scale * len(template))
        if side <= min(image.shape[:2]):
            best = max(best, _peak(np.asarray(image, np.float64), resized(template, side)))
    return best


def resized(template: np.ndarray, side: int) -> np.ndarray:
    """Return a template `[side, side, 3]` in another size."""
    channels = [
        Image.fromarray(np.asarray(channel, np.float32)).resize((side, side), Image.Resampling.BOX)
        for channel in np.moveaxis(template, -1, 0)
    ]
    return np.stack([np.asarray(channel, np.float64) for channel in channels], -1)


def _peak(image: np.ndarray, template: np.ndarray) -> float:
    side = len(template)
    wanted = template - template.mean((0, 1))
    length = np.linalg.norm(wanted)
    # `[rows, columns, 3, side, side]`, without a copy
    parts = np.lib.stride_tricks.sliding_window_view(image, (side, side), (0, 1))
    products = np.einsum("yxcij,ijc->yx", parts, wanted)  # the template has mean 0, so the part's mean has no effect
    squares = np.einsum("yxcij,yxcij->yxc", parts, parts) - side**2 * parts.mean((-1, -2)) ** 2
    contrast = np.sqrt(np.maximum(squares.sum(-1), 0))
    found = products / np.maximum(contrast * length, 1e-12)
    return float(max(0.0, np.where(contrast >= FAINTEST * length, found, 0).max()))


def separation(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Return the probability that a value of `inside` is greater than one of `outside`; .5 if they are alike."""
    first, second = np.asarray(inside)[:, None], np.asarray(outside)[None]
    return float(np.mean((first > second) + 0.5 * (first == second)))


__all__ = ["FAINTEST", "SCALES", "peak", "resized", "separation"]
