"""Images resized, pasted and blended: SciPy does the resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc._optional import needed


def resize(
    image: npt.ArrayLike, target_size: Sequence[int] | None = None, ratios: Any = None, **kwargs: Any
) -> npt.NDArray[Any]:
    """Resizes images by splines.

    Args:
        image: `[..., height, width, channels]`.
        target_size: (height, width) in pixels.
        ratios: Factors of height and width, or one for both, instead of `target_size`.
        **kwargs: For `scipy.ndimage.zoom`: `order=1` is bilinear; the default, cubic, overshoots at hard edges.

    Returns:
        The images, as they are where they have that size.

    Raises:
        ArgumentError: Not exactly one of `target_size` and `ratios` is given, or SciPy is not installed.

    Source: Lucid's `ndimage_utils.resize`.
    """
    if (target_size is None) == (ratios is None):
        raise ArgumentError(
            "resize received no size, or two.", "Expected either target_size=(height, width) or ratios=."
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
    """Pastes an image, made square, onto another.

    Args:
        background_image: `[height, width, channels]`.
        foreground_image: Likewise.
        foreground_width_ratio: Its width as a part of the background's.
        foreground_position: How far down and how far to the right its upper left corner is, as parts of the background.

    Returns:
        A new image of the size of the background; what would reach beyond it is cut off.

    Source: Lucid's `ndimage_utils.composite`.
    """
    result = np.array(background_image)
    height, width = result.shape[:2]
    side = round(width * foreground_width_ratio)
    pasted = resize(foreground_image, target_size=(side, side))
    top, left = round(height * foreground_position[0]), round(width * foreground_position[1])
    seen = pasted[: max(0, height - top), : max(0, width - left)]
    result[top : top + len(seen), left : left + seen.shape[1]] = seen
    return result


def soft_alpha_blend(
    image_with_alpha: npt.ArrayLike, amount_background: float = 0.333, gamma: float = 2.2
) -> npt.NDArray[Any]:
    """Shows transparency as fading towards a washed-out copy of the image itself.

    Args:
        image_with_alpha: `[..., 4]` in [0, 1].
        amount_background: How much of the image is left in the copy; the rest of it is white.
        gamma: Of the screen; light is added, not its encoding.

    Returns:
        `[..., 3]` in [0, 1].

    Raises:
        ArgumentError: The image has no fourth channel.

    Source: Lucid's `ndimage_utils.soft_alpha_blend`.
    """
    values = np.asarray(image_with_alpha)
    if values.shape[-1:] != (4,):
        raise ArgumentError(
            f"soft_alpha_blend received an array of shape {values.shape}.", "Expected four channels: colours, opacity."
        )
    rgb, alpha = values[..., :3], values[..., 3:]
    washed_out = amount_background * rgb + (1 - amount_background)
    return (alpha * rgb**gamma + (1 - alpha) * washed_out**gamma) ** (1 / gamma)


__all__ = ["composite", "resize", "soft_alpha_blend"]
