"""The image of an explorer: its value, its trait, and the sample images that come with the package."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import traitlets

from lucid_widgets.attribution.inputs import checked_image
from lucid_widgets.errors import ArgumentError, ModelError, unknown_name
from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io import load
from lucid_widgets.misc.io.fitting import fit_image
from lucid_widgets.misc.io.serialize_array import encode_png
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.widgets._core.traits import _Shared
from lucid_widgets.widgets._workbench.start_image import StartImage

USUAL_SIZE = 224
"""Width and height of an image from a file, in pixels, for networks that do not name a size."""

FIRST_SAMPLE = "panda and fox"
SAMPLES = Path(__file__).with_name("samples")


@dataclass(frozen=True, eq=False)
class Picture:
    """An image that NumPy and every function of this package read as an array.

    Unlike arrays, pictures compare as a whole, so that widgets can be linked by their images.

    Attributes:
        pixels: `[height, width, channels]`, float32 in [0, 1].
        name: Name of its file; empty for an array.
        code: Python code that makes it; empty for an array.
        source: What it was made from, so that a network with another image size gets all of its pixels; None for an
            array.
    """

    pixels: FloatArray = field(repr=False)
    name: str = ""
    code: str = field(default="", repr=False)
    source: str | StartImage | None = field(default=None, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """`(height, width, channels)`."""
        return self.pixels.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.pixels, dtype, copy=bool(copy) or dtype not in (None, np.float32))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and np.array_equal(self.pixels, other.pixels)

    def __hash__(self) -> int:
        return hash(self.pixels.tobytes())

    def _repr_png_(self) -> bytes:
        return encode_png(self.pixels)


class _PictureTrait(_Shared, traitlets.TraitType):  # type: ignore[type-arg]
    """A `Picture` in Python, and a PNG file on the page."""

    expected = "an image"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, allow_none=True, **kwargs)
        self.tag(to_json=lambda image, _: b"" if image is None else encode_png(image.pixels), from_json=_decoded)

    def validate(self, obj: Any, value: Any) -> Picture:
        if not isinstance(value, Picture):
            self.error(obj, value)
        return value


class _FittedPictureTrait(_PictureTrait):
    """A `_PictureTrait` of a widget with a `model`, which accepts everything that `as_picture` accepts."""

    def validate(self, obj: Any, value: Any) -> Picture:
        return as_picture(obj.model, value)


PictureTrait: Any = _PictureTrait
"""A `Picture`, or None before there is one."""

FittedPictureTrait: Any = _FittedPictureTrait
"""A `Picture` that fits the widget's model. A path, a URL, the name of a sample or an array can be assigned."""


def sample_names() -> list[str]:
    """Names of the sample images. The first one is the default."""
    names = (path.stem.replace("_", " ") for path in SAMPLES.glob("*.png"))
    return sorted(names, key=lambda name: (name != FIRST_SAMPLE, name))


def sample(name: str) -> FloatArray:
    """Return a sample image.

    Raises:
        UnknownNameError: There is no such sample.
    """
    names = sample_names()
    if name not in names:
        raise unknown_name("sample", name, "ImageExplorer", names)
    pixels: FloatArray = load(str(SAMPLES / f"{name.replace(' ', '_')}.png"))
    return pixels


def as_picture(model: Model, image: Any) -> Picture:
    """Return an image as the network takes it.

    Args:
        model: The model.
        image: A path, a URL, the name of a sample or a file from the page, all of which are cropped and resized; an
            array, which must have the right size already; or a `Picture`.

    Raises:
        ArgumentError: The array has the wrong shape, size or range, or the file is not an image.
        MissingFileError: The file does not exist.
        ModelError: The model takes volumes.
    """
    if model.volume_sheet is not None:
        raise ModelError(f"{model.name} takes volumes.", "Images can be explored in networks that take images only.")
    if isinstance(image, Picture):
        if _fits(model, image.pixels):
            return image
        return (
            Picture(_fitted(model, image.pixels)[0], image.name)
            if image.source is None
            else as_picture(model, image.source)
        )
    if isinstance(image, str) and image in sample_names():
        fitted, size = _fitted(model, sample(image))
        return Picture(fitted, image, f"fit_image(ImageExplorer.sample({image!r}), {size})", image)
    if isinstance(image, (str, os.PathLike, StartImage)):
        file = StartImage.of(image)
        fitted, size = _fitted(model, file.pixels())
        place = file.place or file.name
        code = f"fit_image(load({place!r}), {size})" if place else ""
        return Picture(fitted, file.name or PurePath(place).name, code, file)
    values = checked_image(model, image)[0]
    if not _fits(model, values):
        height, width, _ = model.image_shape
        raise ArgumentError(
            f"The image has {values.shape[1]} x {values.shape[0]} pixels, but {model.name} takes {width} x {height}.",
            f"Pass a file, which is cropped and resized, or use fit_image(image, {width}, {height}).",
        )
    return Picture(values)


def _fits(model: Model, pixels: FloatArray) -> bool:
    sizes = zip(model.image_shape, pixels.shape, strict=True)
    return all(wanted in (None, size) for wanted, size in sizes)


def _fitted(model: Model, pixels: FloatArray) -> tuple[FloatArray, str]:
    """An image cropped and resized for the network, and the arguments of `fit_image` that do it."""
    height, width, channels = model.image_shape
    usual = model.usual_size or USUAL_SIZE
    rows, columns = height or usual, width or usual
    fitted: FloatArray = fit_image(pixels[..., :3], columns, rows)
    if channels not in (None, 1, 3):
        raise ArgumentError(
            f"{model.name} takes images of {channels} channels.", "Pass an array [height, width, channels]."
        )
    gray = fitted.mean(-1, keepdims=True) if channels == 1 else fitted
    return gray, f"{columns}" if rows == columns else f"{columns}, {rows}"


def _decoded(data: Any, _: Any) -> Picture | None:
    """The image that a linked widget has sent."""
    raw = bytes(data)
    if not raw:
        return None
    file = io.BytesIO(raw)
    file.name = "image.png"
    return Picture(load(file))


__all__ = ["FittedPictureTrait", "Picture", "PictureTrait", "as_picture", "sample", "sample_names"]
