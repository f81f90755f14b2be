"""`StartImage`: the image that an optimization starts from, as the bytes of a file and its origin."""

from __future__ import annotations

import base64
import io
import os
import unicodedata
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import fit_image, load
from lucid_widgets.misc.io.reading import read
from lucid_widgets.misc.io.serialize_array import check_brightness, encode_jpeg, encode_png
from lucid_widgets.misc.outside import opened_image

MAX_BYTES = 32 * 2**20
"""Largest file size in bytes. A photograph has about a tenth of it."""

MAX_PIXELS = 24_000_000
"""Most pixels in a file. Their number is in the header, so larger files are never decoded."""

THUMBNAIL = 96
"""Width and height of the thumbnail on the page, in pixels."""

_REDUCED = 8 * THUMBNAIL
# Tag of EXIF data, and its values for a photograph that was taken with the camera on its side.
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)


@dataclass(frozen=True)
class StartImage:
    """An image to start from.

    Attributes:
        data: The bytes of an image file. Equal bytes count as the same image.
        name: Name on the page; "" for an array.
        place: Path or URL that it was read from; "" if it was uploaded on the page or given as an array.
    """

    data: bytes
    name: str = ""
    place: str = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or 'array'}: {len(self.data)} bytes>"

    @classmethod
    def of(cls, image: Any) -> StartImage:
        """An image from a path, a URL or an array.

        Raises:
            ArgumentError: If it is not an image, or too large.
            MissingFileError: If the file does not exist.
        """
        if isinstance(image, StartImage):
            return image
        if isinstance(image, (str, os.PathLike)):
            place = os.fspath(image)
            return cls.of_bytes(read(place), PurePath(place).name, place)
        values = np.asarray(image)
        if values.dtype == object or values.ndim not in (2, 3):
            raise ArgumentError(
                f"start_image cannot be {f'an array of shape {values.shape}' if values.ndim else repr(image)}.",
                "Expected a path, a URL, an array [height, width, channels], or None for noise.",
            )
        check_brightness(values)
        return cls(encode_png(values))

    @classmethod
    def of_bytes(cls, data: bytes, name: str, place: str = "") -> StartImage:
        """An image from the bytes of a file, after checking them.

        Raises:
            ArgumentError: If they are not an image, or it is too large, or a name contains a control character.
        """
        _check_name(name)
        _check_name(place)
        made = cls(data, name, place)
        with made._opened() as image:
            image.load()
            made._keep_for_page(image)
        return made

    def pixels(self) -> Any:
        """Pixels `[height, width, channels]`, float32 in [0, 1], upright. Not cached: a photograph takes 100 MB."""
        file = io.BytesIO(self.data)
        # `load` chooses Pillow by the name, and Pillow recognizes the format by the bytes.
        file.name = "image.png"
        return load(file)

    def fitted(self, size: int, alpha: bool) -> Any:
        """The image cropped to a square and resized to `size` pixels along each side."""
        return fit_image(self.pixels(), size, alpha=alpha)

    @property
    def about(self) -> dict[str, Any]:
        """Description for the page: name, width and height."""
        return self._for_page[0]

    @property
    def thumbnail(self) -> bytes:
        """A small JPEG of the central square."""
        return self._for_page[1]

    @cached_property
    def _for_page(self) -> tuple[dict[str, Any], bytes]:
        with self._opened() as image:
            return self._described(image)

    def _keep_for_page(self, image: Image.Image) -> None:
        """Keep what the page shows of an image that is decoded, because decoding a photograph takes long."""
        self.__dict__["_for_page"] = self._described(image)

    def _described(self, image: Image.Image) -> tuple[dict[str, Any], bytes]:
        """The description and the thumbnail. The image is reduced before it is converted, which needs less memory."""
        turned = image.getexif().get(_ORIENTATION, 1) in _TURNED
        height, width = image.size if turned else image.size[::-1]
        if image.mode.startswith("I"):  # 16 bits, which Pillow's conversion would clip
            pixels = self.fitted(THUMBNAIL, alpha=False)
        else:
            image.thumbnail((_REDUCED, _REDUCED))
            pixels = fit_image(np.asarray(ImageOps.exif_transpose(image).convert("RGBA")), THUMBNAIL)
        return {"name": self.name, "width": width, "height": height}, encode_jpeg(pixels, quality=85)

    def _opened(self) -> AbstractContextManager[Image.Image]:
        return opened_image(self.data, self.name or "The file", most_pixels=MAX_PIXELS, most_bytes=MAX_BYTES)

    def to_json(self) -> dict[str, str]:
        """The whole image as JSON, so that settings work on another machine."""
        return {"name": self.name, "place": self.place, "data": base64.b64encode(self.data).decode("ascii")}

    @classmethod
    def from_json(cls, value: Any) -> StartImage:
        """An image from what `to_json` returned.

        Raises:
            ArgumentError: If `value` is anything else.
        """
        if not isinstance(value, Mapping) or not {"data"} <= set(value) <= {"data", "name", "place"}:
            raise ArgumentError("start_image is not an image.", "Expected a dict with name, place, and data in base64.")
        try:
            data = base64.b64decode(value["data"], validate=True)
        except (TypeError, ValueError):
            raise ArgumentError("The data of start_image is not base64.", "Check that the file is complete.") from None
        return cls.of_bytes(data, str(value.get("name", "")), str(value.get("place", "")))


def _check_name(name: str) -> None:
    """Refuse line breaks and other control characters: the name is part of generated code and of the page."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise ArgumentError(
            f"The name of the start image, {name!r}, contains a control character.", "Rename the file without it."
        )


__all__ = ["MAX_BYTES", "StartImage"]
