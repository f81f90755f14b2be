"""Photographs as a network expects them, and the transforms of the recipes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io import fit_image
from lucid_widgets.optvis import transform


@functools.cache
def fitting_transforms(height: int, width: int, alpha: bool = False) -> tuple[transform.Transform, ...]:
    """Return Lucid's standard transforms, then a crop to the size of the network's images.

    The same functions at each call, because other ones would be compiled again.

    Args:
        height: Height in pixels.
        width: Width in pixels.
        alpha: Whether to put transparent images on random backgrounds, too.
    """
    behind = (transform.collapse_alpha_random(),) if alpha else ()
    return (*transform.standard_transforms, transform.crop_or_pad_to(height, width), *behind)


def model_image(img: npt.ArrayLike, model: Any) -> FloatArray:
    """Return a photograph, `[height, width, channels]` in [0, 1], cropped and resized if the network has a size.

    Args:
        img: `[height, width, channels]` or `[height, width]`: floats in [0, 1], or uint8.
        model: A `Model`.

    Raises:
        ArgumentError: If it is not an image.
    """
    given = np.asarray(img)
    if given.ndim not in (2, 3):
        raise ArgumentError(f"The image has the shape {given.shape}.", "Expected [height, width, channels].")
    height, width, channels = model.image_shape
    fitted = np.asarray(fit_image(given, width or given.shape[1], height or given.shape[0]), np.float32)
    return fitted.mean(-1, keepdims=True) if channels == 1 else fitted
