"""Open image files that may be damaged, or made to fill the memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from lucid_widgets.errors import ArgumentError, LucidError
from lucid_widgets.misc.outside.files import refuse_size

__all__ = ["FORMATS", "MAX_BYTES", "MAX_PIXELS", "opened_image"]

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Formats that are read, whatever the name of a file says. Others, such as EPS, Pillow hands to another program."""

EXPECTED = f"Expected a file of the format {', '.join(FORMATS)}."

MAX_PIXELS = 80_000_000
"""Most pixels of an image. A file of a few kilobytes can claim to have more pixels than fit into the memory."""

MAX_BYTES = 256 * 2**20
"""Most bytes of an image file."""

_MOST_IN_FEW_BYTES = 4_000_000
# A blank PNG has about this many pixels for each byte of its file.
_PER_BYTE = 1000


@contextmanager
def opened_image(
    data: bytes, name: str, *, most_pixels: int = MAX_PIXELS, most_bytes: int = MAX_BYTES, expected: str = EXPECTED
) -> Iterator[Image.Image]:
    """Open an image file within a block. Every error of Pillow in the block becomes an `ArgumentError`.

    Pillow decodes when the pixels are first used, so the block should use them.

    Args:
        data: The content of the file.
        name: Its name, for error messages.
        most_pixels: Most pixels, in all, that it may have.
        most_bytes: Most bytes that the file may have.
        expected: Hint for a file that is not an image.

    Raises:
        ArgumentError: If the data is not an image of one of `FORMATS`, is damaged, or too large.
    """
    refuse_size(name, len(data), most_bytes)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise ArgumentError(
                    f"{name} has {width} × {height} pixels.", f"Expected at most {most_pixels:,} pixels."
                )
            if width * height > max(_MOST_IN_FEW_BYTES, _PER_BYTE * len(data)):
                raise ArgumentError(
                    f"{name} has {width} × {height} pixels in {len(data):,} bytes.",
                    f"Expected at most {_MOST_IN_FEW_BYTES:,} pixels in a file of that size.",
                )
            yield image
    except LucidError:
        raise
    except UnidentifiedImageError:
        raise ArgumentError(f"{name} is not an image that can be read.", expected) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ArgumentError(f"{name} has too many pixels.", f"Expected at most {most_pixels:,} pixels.") from None
    except Exception as error:  # a damaged file can make a decoder raise anything
        reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise ArgumentError(f"{name} cannot be decoded ({reason}).", "Check that the file is complete.") from error
