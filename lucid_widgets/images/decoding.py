"""Images of any kind, as uint8 RGB arrays `[height, width, 3]`."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.serialize_array import UInt8Array, to_uint8
from lucid_widgets.misc.outside import file_bytes, opened_image
from lucid_widgets.misc.outside.images import MAX_BYTES, MAX_PIXELS

__all__ = ["EXTENSIONS", "MAX_BYTES", "MAX_PIXELS", "as_rgb", "decoded", "fitted"]

EXTENSIONS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""Endings of the files that a folder or a zip is searched for."""

_GRAY = 128
_BRIGHTEST = 1.5
_LEVELS_16 = 257  # from 16 to 8 bits: 65535 / 255


def decoded(file: str | os.PathLike[str] | bytes, size: tuple[int, int] | None = None) -> UInt8Array:
    """Decode an image file, turned upright.

    Args:
        file: The path of the file, or its content.
        size: `(height, width)` to crop and resize to; default: the image's own size.

    Raises:
        ArgumentError: If the file is damaged, too large, or no image.
    """
    data = file if isinstance(file, bytes) else file_bytes(file, MAX_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of broken EXIF data, which does not matter
        with opened_image(data, "The image", most_pixels=MAX_PIXELS, most_bytes=MAX_BYTES) as image:
            if size is not None:
                # A JPEG is decoded at an eighth to the full of its size, which saves time and memory.
                image.draft(None, (2 * max(size), 2 * max(size)))
            upright = ImageOps.exif_transpose(image)
            return np.asarray(fitted(_in_rgb(upright), size))


def as_rgb(image: Any) -> UInt8Array:
    """Return an array or a PIL image as uint8 RGB.

    Args:
        image: A PIL image, or an array `[height, width]` or `[height, width, channels]` with 1, 3 or 4 channels: floats
            in [0, 1], uint8, uint16 or booleans. Floats with values above 1.5 are taken as 0 to 255, as
            `image_dataset_from_directory` yields them.

    Raises:
        ArgumentError: If it is not an image.
    """
    if isinstance(image, Image.Image):
        return np.asarray(_in_rgb(ImageOps.exif_transpose(image)))
    values = np.asarray(image)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[-1] not in (1, 3, 4) or 0 in values.shape:
        raise ArgumentError(
            f"An image has the shape {np.shape(image)}.", "Expected [height, width, channels] with 1, 3 or 4 channels."
        )
    if values.dtype == np.uint16:
        values = (values // _LEVELS_16).astype(np.uint8)
    elif np.issubdtype(values.dtype, np.floating) and values.max() > _BRIGHTEST:
        values = np.rint(np.clip(np.nan_to_num(values), 0, 255)).astype(np.uint8)
    levels = to_uint8(values)
    if levels.shape[-1] == 4:
        return np.asarray(_in_rgb(Image.fromarray(levels)))
    return np.repeat(levels, 3, -1) if levels.shape[-1] == 1 else levels


def fitted(image: Image.Image | UInt8Array, size: tuple[int, int] | None) -> Any:
    """Crop the largest centered area with the aspect ratio of `size`, `(height, width)`, and resize it.

    Returns:
        An image of the type that was given.
    """
    if isinstance(image, np.ndarray):
        if size is None or image.shape[:2] == size:
            return image
        return np.asarray(fitted(Image.fromarray(image), size))
    if size is None or (image.height, image.width) == size:
        return image
    height, width = size
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow's conversion to RGB would clip 16 bits at 255.
        levels = np.clip(np.asarray(image) // _LEVELS_16, 0, 255).astype(np.uint8)
        return Image.fromarray(levels).convert("RGB")
    if image.mode == "F":
        return Image.fromarray(as_rgb(np.asarray(image)))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        below = Image.new("RGBA", over.size, (_GRAY, _GRAY, _GRAY, 255))
        return Image.alpha_composite(below, over).convert("RGB")
    return image.convert("RGB")
