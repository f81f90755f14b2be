"""`StartImage`: the picture that an optimization starts from, as it came: a file's bytes and where they are from."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io import fit_image, load
from lucid_widgets.misc.io.reading import read
from lucid_widgets.misc.io.serialize_array import encode_jpeg, encode_png

MAX_BYTES = 32 * 2**20
"""Of a file. A photograph has a tenth of it."""

MAX_PIXELS = 64_000_000
"""What a file may decode to; it says so before it is decoded."""

THUMBNAIL = 96
"""Pixels along each side of what the page shows."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


@dataclass(frozen=True)
class StartImage:
    """A picture to start from.

    Attributes:
        data: The bytes of an image file: equal bytes are the same picture.
        name: What it is called on the page; "" for an array.
        place: Path or URL that it was read from; "" for what was dropped on the page or given as an array.
    """

    data: bytes
    name: str = ""
    place: str = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or 'array'}: {len(self.data)} bytes>"

    @classmethod
    def of(cls, image: Any) -> StartImage:
        """A picture from a path, a URL or an array.

        Raises:
            ArgumentError: It is none, or too large.
            FileNotFoundError: There is no such file.
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
        return cls(encode_png(values))

    @classmethod
    def of_bytes(cls, data: bytes, name: str, place: str = "") -> StartImage:
        """A picture from the bytes of a file, which are looked at before they are believed.

        Raises:
            ArgumentError: They are no picture, or too large a one.
        """
        called = name or "The file"
        if len(data) > MAX_BYTES:
            raise ArgumentError(f"{called} has {len(data):,} bytes.", f"Expected a picture of at most {MAX_BYTES:,}.")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise ArgumentError(
                        f"{called} has {width} x {height} pixels.", f"Expected at most {MAX_PIXELS:,} in all."
                    )
                picture.load()
        except ArgumentError:
            raise
        except UnidentifiedImageError:
            raise ArgumentError(
                f"{called} is no picture that can be read.", f"Expected one of {', '.join(_FORMATS)}."
            ) from None
        except Exception as error:  # whatever a damaged file makes of a decoder
            raise ArgumentError(f"{called} cannot be decoded ({error}).", "Is the file whole?") from None
        return cls(data, name, place)

    def pixels(self) -> Any:
        """`[height, width, channels]`, float32 in [0, 1], upright. Decoded each time: a photograph takes 100 MB."""
        file = io.BytesIO(self.data)
        # The decoder goes by the name's ending, and the bytes tell the truth.
        file.name = "picture.png"
        return load(file)

    def fitted(self, size: int, alpha: bool) -> Any:
        """What an image of that many pixels along each side starts from."""
        return fit_image(self.pixels(), size, alpha=alpha)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the page says about it: name, width and height."""
        height, width = self.pixels().shape[:2]
        return {"name": self.name, "width": width, "height": height}

    @cached_property
    def thumbnail(self) -> bytes:
        """A small JPEG of the square in its middle."""
        return encode_jpeg(self.fitted(THUMBNAIL, alpha=False), quality=85)

    def to_json(self) -> dict[str, str]:
        """As it is kept in settings: whole, so that they can go to another machine."""
        return {"name": self.name, "place": self.place, "data": base64.b64encode(self.data).decode("ascii")}

    @classmethod
    def from_json(cls, value: Any) -> StartImage:
        """What `to_json` made.

        Raises:
            ArgumentError: It is something else.
        """
        if not isinstance(value, Mapping) or not {"data"} <= set(value) <= {"data", "name", "place"}:
            raise ArgumentError("start_image is no picture.", "Expected its name, its place and its data in base64.")
        try:
            data = base64.b64decode(value["data"], validate=True)
        except (TypeError, ValueError):
            raise ArgumentError("The data of start_image is not base64.", "Is the file whole?") from None
        return cls.of_bytes(data, str(value.get("name", "")), str(value.get("place", "")))


__all__ = ["MAX_BYTES", "StartImage"]
