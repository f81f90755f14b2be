"""Encode arrays as PNG, JPEG or WebP.

Values: floats are brightness in [0, 1] or in another `domain`. They are clipped, then rounded to the nearest of 256
levels. uint8 is used unchanged. Booleans are black and white.

Shapes: `[height, width]`, `[height, width, channels]` with 1 (gray), 3 (RGB) or 4 (RGBA) channels, and a batch
`[batch, height, width, channels]`, which is tiled into one image.
"""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError

__all__ = [
    "Domain",
    "UInt8Array",
    "array_to_jsbuffer",
    "check_brightness",
    "encode_jpeg",
    "encode_png",
    "grid",
    "serialize_array",
    "tile",
    "to_pillow",
    "to_uint8",
]

Domain = tuple[float, float] | None
"""Values of floats that become black and white; None for the smallest and the largest value."""

UInt8Array = npt.NDArray[np.uint8]
"""Array of uint8."""

_TOO_BRIGHT = 1.5


def to_uint8(array: npt.ArrayLike, domain: Domain = (0, 1)) -> UInt8Array:
    """Round an array of any shape to 256 levels.

    Args:
        array: Floats, uint8 or booleans.
        domain: Values of floats that become 0 and 255; None for the smallest and the largest value.

    Returns:
        uint8 array of the same shape.

    Raises:
        ArgumentError: If a value is NaN, or the array has another integer type, whose range is unknown.

    Example:
        >>> to_uint8([0.0, 0.5, 1.0, 7.0])
        array([  0, 128, 255, 255], dtype=uint8)
    """
    values = np.asarray(array)
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(values.dtype, np.floating):
        raise ArgumentError(
            f"An array of {values.dtype} is not an image.",
            "Expected floats in [0, 1], uint8 or booleans; convert it with astype.",
        )
    if np.isnan(values).any():
        raise ArgumentError("The image contains NaN.", "Replace it with numbers, for example with numpy.nan_to_num.")
    low, high = _range(values) if domain is None else domain
    if not high > low:
        raise ArgumentError(f"The domain {domain!r} is empty.", "Expected (low, high) with low < high.")
    with np.errstate(over="ignore"):  # infinity is clipped
        levels = (values.astype(np.float64) - low) * (255 / (high - low))
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)


def _range(values: npt.NDArray[Any]) -> tuple[float, float]:
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return (low, high) if high > low else (low, low + 1)


def check_brightness(*arrays: npt.ArrayLike, domain: Domain = (0, 1)) -> None:
    """Raise an error if floats cannot be brightness in [0, 1], because most of them are far above 1.

    Functions that take images from users call it, since clipping would turn such an image white without a word. Frames
    of a run are not checked: an unbounded parameterization may legitimately leave the range.

    Args:
        *arrays: Images of any shapes, which are judged together. Only floats are checked.
        domain: As in `to_uint8`. Only the default is checked: any other was chosen for these values.

    Raises:
        ArgumentError: If more than half of all values are above 1.5.

    Example:
        >>> check_brightness(np.full((2, 2, 3), 255.0))
        Traceback (most recent call last):
        lucid_widgets.errors.ArgumentError: Most values of the image are above 1.5 (up to 255), ...
    """
    floats = [values for values in map(np.asarray, arrays) if np.issubdtype(values.dtype, np.floating)]
    bright = sum(np.count_nonzero(values > _TOO_BRIGHT) for values in floats)
    if domain == (0, 1) and bright > sum(values.size for values in floats) / 2:
        top = max(float(np.nanmax(values, initial=0)) for values in floats)
        raise ArgumentError(
            f"Most values of the image are above {_TOO_BRIGHT} (up to {top:g}), and would all be white.",
            "Expected floats in [0, 1] or uint8. Divide values in 0 to 255 by 255, or pass domain=(low, high) to "
            "save or show.",
        )


def grid(count: int) -> tuple[int, int]:
    """Return rows and columns of a grid for `count` images, as close to a square as possible."""
    columns = math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


def tile(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Arrange a batch `[batch, height, width, channels]` in one image, row by row and without gaps.

    Cells that remain empty are 0. A batch of one image becomes that image.
    """
    batch, height, width, channels = images.shape
    rows, columns = grid(batch)
    if rows * columns > batch:
        empty = np.zeros((rows * columns - batch, height, width, channels), images.dtype)
        images = np.concatenate([images, empty])
    cells = images.reshape(rows, columns, height, width, channels)
    return cells.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)


def to_pillow(array: npt.ArrayLike, domain: Domain = (0, 1)) -> Image.Image:
    """Return an array as a Pillow image, by the rules in this module's docstring.

    Raises:
        ArgumentError: If the shape or a value is not that of an image.
    """
    values = np.asarray(array)
    if values.ndim == 4 and values.shape[0] > 0:
        values = tile(values)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if 0 in values.shape or not (values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (3, 4))):
        other = values.ndim == 0 and not isinstance(array, np.ndarray)  # text, a number, None
        what = repr(array) if other and len(repr(array)) < 80 else f"An array of shape {np.shape(array)}"
        raise ArgumentError(
            f"{what} is not an image.",
            "Expected [height, width], [height, width, channels] or [batch, height, width, channels],"
            " with 1, 3 or 4 channels.",
        )
    return Image.fromarray(np.ascontiguousarray(to_uint8(values, domain)))


def encode_png(array: npt.ArrayLike, domain: Domain = (0, 1), *, compress_level: int = 6) -> bytes:
    """Encode an image as PNG.

    Args:
        array: An image or a batch.
        domain: Values of floats that become black and white.
        compress_level: 0 to 9. Level 1 takes about a third of the time of level 6; its files are slightly larger.

    Example:
        >>> encode_png(np.zeros((2, 2, 3)))[:4]
        b'\\x89PNG'
    """
    return _encoded(to_pillow(array, domain), "PNG", compress_level=compress_level)


def encode_jpeg(array: npt.ArrayLike, quality: int = 90, domain: Domain = (0, 1)) -> bytes:
    """Encode an image as JPEG with full color resolution (4:4:4).

    Args:
        array: An image or a batch with 1 or 3 channels.
        quality: 1 to 95.
        domain: Values of floats that become black and white.

    Raises:
        ArgumentError: If the image has 4 channels, because JPEG has no transparency.
    """
    return _encoded(_without_alpha(to_pillow(array, domain)), "JPEG", quality=quality, subsampling=0)


def serialize_array(array: npt.ArrayLike, domain: Domain = (0, 1), fmt: str = "png", quality: int = 70) -> bytes:
    """Encode an image in a format selected by name.

    Args:
        array: An image or a batch.
        domain: Values of floats that become black and white; None for the smallest and the largest value.
        fmt: "png", "jpg", "jpeg" or "webp".
        quality: 1 to 100. No effect on PNG.

    Source: Lucid's `serialize_array`. (Lucid truncates values instead of rounding them, and shows uint8 as black.)
    """
    image = to_pillow(array, domain)
    match fmt.lower():
        case "png":
            return _encoded(image, "PNG")
        case "jpg" | "jpeg":
            return _encoded(_without_alpha(image), "JPEG", quality=quality, subsampling=0)
        case "webp":
            return _encoded(image.convert("RGB") if image.mode == "L" else image, "WEBP", quality=quality)
    raise ArgumentError(f"There is no image format {fmt!r}.", "Expected 'png', 'jpg', 'jpeg' or 'webp'.")


JS_ARRAY_TYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64")
"""NumPy's names of the types for which JavaScript has typed arrays."""


def array_to_jsbuffer(array: npt.NDArray[Any]) -> str:
    """Return a JavaScript expression that creates a typed array, for use in a generated page.

    Args:
        array: A one-dimensional array of integers with at most 32 bits, or of floats.

    Raises:
        ArgumentError: If JavaScript has no typed array for its type, or it has another shape.

    Example:
        >>> array_to_jsbuffer(np.zeros(2, np.float32))
        'new Float32Array(Uint8Array.from(atob("AAAAAAAAAAA="), (c) => c.charCodeAt(0)).buffer)'

    Source: Lucid's `array_to_jsbuffer`.
    """
    values = np.asarray(array)
    if values.ndim != 1 or values.dtype.name not in JS_ARRAY_TYPES:
        raise ArgumentError(
            f"JavaScript has no typed array for {values.dtype} of shape {values.shape}.",
            f"Expected one dimension of {', '.join(JS_ARRAY_TYPES)}. Use array.ravel() and array.astype().",
        )
    data = base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")
    return f'new {values.dtype.name.capitalize()}Array(Uint8Array.from(atob("{data}"), (c) => c.charCodeAt(0)).buffer)'


def _normalize_array(array: npt.ArrayLike, domain: Domain = (0, 1)) -> UInt8Array:
    """Return the pixels that `show` displays: uint8, `[height, width]` or `[height, width, 3 or 4]`.

    Notebooks written for Lucid call this function.
    """
    return np.asarray(to_pillow(array, domain))


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        raise ArgumentError("JPEG has no transparency.", "Use PNG or WebP, or drop the fourth channel.")
    return image


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
