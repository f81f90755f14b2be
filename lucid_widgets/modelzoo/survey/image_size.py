"""`image_size`: the size to which real images are brought for a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.images import ImageSet

__all__ = ["LARGEST", "image_size"]

LARGEST = 224
"""Longer side, in pixels, to which images are reduced for networks that accept any size."""


def image_size(model: Any, images: ImageSet, given: int | tuple[int, int] | None = None) -> tuple[int, int]:
    """Return height and width in pixels.

    Args:
        model: A `Model`.
        images: The images.
        given: What the user passed: one number, or height and width. Default: the network's own size; if it accepts any
            size, the shorter side of the first image, at most `LARGEST`.

    Raises:
        ArgumentError: If `given` is no size, or no image can be read.
    """
    height, width, _ = model.image_shape
    if given is not None:
        sides = (given, given) if isinstance(given, (int, np.integer)) else tuple(given)
        if len(sides) != 2:
            raise ArgumentError(f"image_size is {given!r}.", "Expected a number, or (height, width).")
        return whole_number("image_size", sides[0], 1), whole_number("image_size", sides[1], 1)
    if height is not None and width is not None:
        return height, width
    first = next(images.batches(1), None)
    if first is None:
        reasons = "; ".join(list(images.skipped.values())[:2])
        raise ArgumentError(f"None of the images of {images.name!r} can be read ({reasons}).", "Check the files.")
    side = min(LARGEST, min(first.images.shape[1:3]))
    return height or side, width or side
