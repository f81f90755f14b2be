"""Reads arrays and images from files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from lucid_widgets._errors import ArgumentError


def load(url_or_handle: str | os.PathLike[str], *, size: tuple[int, int] | None = None) -> npt.NDArray[Any]:
    """Reads a file as an array.

    Args:
        url_or_handle: The path: an image file of any kind that Pillow reads, or `.npy`.
        size: (width, height) to which an image is resized.

    Returns:
        For an image, float32 `[height, width, channels]` in [0, 1], upright, with 3 channels, or 4 if the
        file has transparency; grey is repeated. For `.npy`, the array as it was saved.

    Raises:
        ArgumentError: If the file is neither, or an `.npy` file holds Python objects.
        FileNotFoundError: If there is none.

    Example:
        >>> load("dog.jpg", size=(224, 224)).shape
        (224, 224, 3)
    """
    path = Path(url_or_handle)
    if path.suffix.lower() == ".npy":
        if size is not None:
            raise ArgumentError("An .npy file cannot be resized.", "Leave `size` out.")
        try:
            return np.load(path, allow_pickle=False)
        except ValueError as error:
            raise ArgumentError(f"{path} is not an array of numbers: {error}") from error
    try:
        with Image.open(path) as image:
            return _array(ImageOps.exif_transpose(image), size)
    except UnidentifiedImageError as error:
        raise ArgumentError(f"{path} is not an image.", "Expected an image file or an .npy file.") from error


def _array(image: Image.Image, size: tuple[int, int] | None) -> npt.NDArray[np.float32]:
    if image.mode.startswith("I"):
        # 16 bits a pixel, which Pillow's own conversion would cut off at 255.
        grey = Image.fromarray(np.asarray(image).astype(np.float32) / np.float32(65535))
        values = np.asarray(_resized(grey, size), np.float32).clip(0, 1)
        return np.repeat(values[:, :, None], 3, axis=2)
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = _resized(image.convert("RGBA" if transparent else "RGB"), size)
    return np.asarray(image, np.float32) / np.float32(255)


def _resized(image: Image.Image, size: tuple[int, int] | None) -> Image.Image:
    return image if size is None else image.resize(size, Image.Resampling.LANCZOS)
