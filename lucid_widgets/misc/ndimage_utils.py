"""Resize, paste and blend images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc._optional import needed

__all__ = ["composite", "resize", "soft_alpha_blend"]


def resize(
    image: npt.ArrayLike, target_size: Sequence[int] | None = None, ratios: Any = None, **kwargs: Any
) -> npt.NDArray[Any]:
    """Resize images by spline interpolation. Requires SciPy.

    Args:
        image: `[..., height, width, channels]`.
        target_size: (height, width) in pixels.
        ratios: Factors of height and width, or one factor for both, instead of `target_size`.
        **kwargs: Passed to `scipy.ndimage.zoom`. `order=1` is bilinear. The default is cubic, which overshoots at sharp
            edges.

    Returns:
        The resized images. Images of this size are returned unchanged.

    Raises:
        ArgumentError: If not exactly one of `target_size` and `ratios` is given, or SciPy is not installed.

    Source: Lucid's `ndimage_utils.resize`.
    """
    if (target_size is None) == (ratios is None):
        raise ArgumentError(
            "resize received neither or both of target_size and ratios.",
            "Expected either target_size=(height, width) or ratios=.",
        )
    values = np.asarray(image)
    size = np.asarray(values.shape[-3:-1])
    factors = np.broadcast_to(ratios, 2) if target_size is None else np.asarray(target_size) / size
    if np.all(factors == 1):
        return values
    ndimage = needed("scipy.ndimage", "resize")
    return ndimage.zoom(values, [1.0] * (values.ndim - 3) + [*map(float, factors), 1.0], **kwargs)


def composite(
    background_image: npt.ArrayLike,
    foreground_image: npt.ArrayLike,
    foreground_width_ratio: float = 0.25,
    foreground_position: Sequence[float] = (0.0, 0.0),
) -> npt.NDArray[Any]:
    """Resize an image to a square and paste it onto another.

    Args:
        background_image: `[height, width, channels]`.
        foreground_image: `[height, width, channels]`.
        foreground_width_ratio: Width of the foreground as a fraction of the background's width. Values of 0 or less
            return the background unchanged.
        foreground_position: Vertical and horizontal position in [0, 1]: (0, 0) is the upper left corner of the
            background, (1, 1) the lower right one, and the foreground lies inside for all values in between.

    Returns:
        A new image with the size of the background.

    Source: Lucid's `ndimage_utils.composite`.
    """
    result = np.array(background_image)
    height, width = result.shape[:2]
    side = int(width * foreground_width_ratio)
    if side <= 0:
        return result
    pasted = resize(foreground_image, target_size=(side, side))
    free = height - side, width - side
    top, left = (int(space * position) for space, position in zip(free, foreground_position, strict=True))
    seen = result[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    over, beyond = max(-top, 0), max(-left, 0)
    seen[...] = pasted[over : over + seen.shape[0], beyond : beyond + seen.shape[1]]
    return result


def soft_alpha_blend(
    image_with_alpha: npt.ArrayLike, amount_background: float = 0.333, gamma: float = 2.2
) -> npt.NDArray[Any]:
    """Blend an image with a pale copy of itself where it is transparent.

    Args:
        image_with_alpha: RGBA, `[..., 4]` in [0, 1].
        amount_background: Share of the image in the pale copy; the rest is white.
        gamma: Gamma of the screen. Images are blended in linear light.

    Returns:
        RGB, `[..., 3]` in [0, 1].

    Raises:
        ArgumentError: If the image does not have four channels.

    Source: Lucid's `ndimage_utils.soft_alpha_blend`.
    """
    values = np.asarray(image_with_alpha)
    if values.shape[-1:] != (4,):
        raise ArgumentError(
            f"soft_alpha_blend received an array of shape {values.shape}.", "Expected RGBA with four channels."
        )
    rgb, alpha = values[..., :3], values[..., 3:]
    pale = amount_background * rgb + (1 - amount_background)
    return (alpha * rgb**gamma + (1 - alpha) * pale**gamma) ** (1 / gamma)
