"""`to_frames`: convert arrays, images and `Frame`s to uint8 `[n, height, width, channels]`.

Values follow the rules of `misc.io`: floats are brightness in [0, 1], clipped and rounded; uint8 is used unchanged;
booleans are black and white; NaN is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.export.progress import Watch
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array, check_brightness, tile, to_uint8

__all__ = ["frame_by_frame", "over", "scaled", "to_frames", "with_channels"]

_EXPECTED = (
    "Expected an array [n, height, width, channels] with 1, 3 or 4 channels, an array [n, height, width],"
    " a list of images, a list of Frames, or the result of render_vis."
)

MIN_SIZE, MAX_SIZE = 8, 4096
"""Range of the longer side of an exported frame in pixels."""


def to_frames(frames: Any) -> UInt8Array:
    """Return the frames of an animation as uint8 `[n, height, width, channels]` with 1, 3 or 4 channels.

    Args:
        frames: One of

            - an array `[n, height, width, channels]`, or `[n, height, width]` for gray images;
            - an iterable of images: arrays `[height, width]` or `[height, width, channels]`, or Pillow images.
              If some of them have color or transparency, all get it;
            - an iterable of batches `[batch, height, width, channels]` or of `Frame`s, such as the result of
              `render_vis` with several thresholds. Each batch is one frame; larger batches are tiled;
            - a single batch, in a list (the result of `render_vis` with one threshold) or as a `Frame`. Its images
              are the frames, because one tiled frame would be no animation;
            - an array `[n, batch, height, width, channels]`, treated like a list of batches.

    Returns:
        The frames. An array that already has this form is returned without a copy.

    Raises:
        ArgumentError: If there are no frames, if their sizes differ, or if a value is NaN or not an image.

    Example:
        >>> to_frames([np.zeros((2, 3)), np.ones((2, 3, 3))]).shape
        (2, 2, 3, 3)
    """
    if isinstance(frames, Frame):
        return _checked(_in_range(frames))
    if isinstance(frames, (str, os.PathLike)):
        raise ArgumentError(
            f"{os.fspath(frames)!r} is a path, not frames.",
            "Expected images. load(path) reads an image, and SpritePlayer.from_sheet(path) a sprite sheet.",
        )
    if isinstance(frames, (bytes, dict, Image.Image)):
        raise ArgumentError(f"{_sentence(_kind(frames))} is not a list of frames.", _EXPECTED)
    if hasattr(frames, "__array__"):
        return _of_array(np.asarray(frames))
    if not isinstance(frames, Iterable):
        raise ArgumentError(f"{_sentence(_kind(frames))} is not a list of frames.", _EXPECTED)
    return _of_items([_item(item, index) for index, item in enumerate(frames)])


def _of_array(array: npt.NDArray[Any]) -> UInt8Array:
    if array.ndim == 5:
        return _of_items(list(array))
    if array.ndim == 3:
        _, height, width = array.shape
        if width in (1, 3, 4) and height != width:
            raise ArgumentError(
                f"An array of shape {array.shape} may be one image [height, width, channels] or narrow gray frames"
                " [n, height, width].",
                "Pass array[None] for one image, or array[..., None] for gray frames.",
            )
        array = array[..., None]
    check_brightness(array)
    return _checked(array)


def _item(item: Any, index: int) -> npt.NDArray[Any]:
    """Return an item as an image `[height, width, channels]` or a batch, with its values unchanged."""
    if isinstance(item, Frame):
        return _in_range(item)
    if isinstance(item, Image.Image):
        return _of_pillow(item)
    try:
        array = np.asarray(item)
    except ValueError:  # nested lists of different lengths
        array = np.zeros(0, object)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim not in (3, 4) or array.dtype.hasobject:
        shape = f" of shape {array.shape}" if array.ndim and not array.dtype.hasobject else ""
        raise ArgumentError(f"Frame {index} is {_kind(item)}{shape}, which is not an image.", _EXPECTED)
    return array


def _in_range(frame: Frame) -> npt.NDArray[Any]:
    """Return the images of a frame. An unbounded parameterization may leave [0, 1]; such pixels are white."""
    return np.minimum(visible_channels(frame.images), 1)


def _of_pillow(image: Image.Image) -> UInt8Array:
    if image.mode not in ("L", "RGB", "RGBA"):
        clear = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
        gray = image.mode == "1"
        image = image.convert("RGBA" if clear else "L" if gray else "RGB")
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _of_items(items: list[npt.NDArray[Any]]) -> UInt8Array:
    check_brightness(*items)
    if len(items) == 1 and items[0].ndim == 4:
        return _checked(items[0])
    frames = [_pixels(_image(item), index) for index, item in enumerate(items)]
    for index, frame in enumerate(frames):
        if frame.shape[:2] != frames[0].shape[:2]:
            first, other = frames[0].shape, frame.shape
            raise ArgumentError(
                f"Frame 0 is {first[1]}×{first[0]} pixels and frame {index} is {other[1]}×{other[0]}.",
                "Resize or crop the frames to one size first.",
            )
    if not frames:
        raise ArgumentError("There are no frames.", _EXPECTED)
    channels = max(frame.shape[2] for frame in frames)
    return np.stack([with_channels(frame, channels) for frame in frames])


def _image(item: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return tile(item) if item.ndim == 4 and item.shape[0] > 0 else item


def _checked(array: npt.NDArray[Any]) -> UInt8Array:
    """Return a four-dimensional array as frames."""
    if array.ndim != 4 or array.dtype.hasobject:
        raise ArgumentError(f"An array of {array.dtype} of shape {array.shape} is not a list of frames.", _EXPECTED)
    if array.shape[0] == 0:
        raise ArgumentError("There are no frames.", _EXPECTED)
    if array.dtype == np.uint8:
        _pixels(array[0], 0)
        return array
    # Convert frame by frame: floats for a whole animation would take eight times its size.
    out = np.empty(array.shape, np.uint8)
    for index, frame in enumerate(array):
        out[index] = _pixels(frame, index)
    return out


def _pixels(image: npt.NDArray[Any], index: int) -> UInt8Array:
    if image.ndim != 3 or 0 in image.shape or image.shape[2] not in (1, 3, 4):
        raise ArgumentError(
            f"Frame {index} has the shape {image.shape}.",
            "Expected [height, width, channels] with at least one pixel and 1, 3 or 4 channels.",
        )
    try:
        return to_uint8(image)
    except ArgumentError as error:
        raise ArgumentError(f"Frame {index} cannot be shown: {error.message}", error.hint) from None


def with_channels(pixels: UInt8Array, channels: int) -> UInt8Array:
    """Return uint8 `[..., channels]` with at least `channels` channels: gray becomes RGB, RGB becomes opaque RGBA."""
    if pixels.shape[-1] >= channels:
        return pixels
    colors = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
    if channels == 3:
        return colors
    opaque = np.full((*colors.shape[:-1], 1), 255, np.uint8)
    return np.concatenate([colors, opaque], axis=-1)


def over(pixels: UInt8Array, background: tuple[int, int, int]) -> UInt8Array:
    """Blend uint8 RGBA `[..., 4]` with a background color: RGB `[..., 3]`. Other images are returned unchanged."""
    if pixels.shape[-1] != 4:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint32)
    mixed = pixels[..., :3] * alpha + np.array(background, np.uint32) * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def frame_by_frame(frames: UInt8Array) -> Iterator[Image.Image]:
    """Yield the frames as Pillow images of mode L, RGB or RGBA."""
    for frame in frames:
        yield Image.fromarray(np.ascontiguousarray(frame[..., 0] if frame.shape[2] == 1 else frame))


def scaled(frames: UInt8Array, size: Any, watch: Watch | None = None) -> UInt8Array:
    """Return the frames with a longer side of `size` pixels, resized with Lanczos.

    Args:
        frames: uint8 `[n, height, width, channels]`.
        size: 8 to 4096; None returns the frames unchanged.
        watch: Called with 0 and the number of frames before each frame. An exception raised in it ends the work.

    Raises:
        OutOfRangeError: If the size is out of range.
    """
    if size is None:
        return frames
    longer = whole_number("size", size, MIN_SIZE, MAX_SIZE)
    count, height, width, channels = frames.shape
    if longer == max(height, width):
        return frames
    share = longer / max(height, width)
    shape = max(1, round(width * share)), max(1, round(height * share))
    out = np.empty((count, shape[1], shape[0], channels), np.uint8)
    for index, image in enumerate(frame_by_frame(frames)):
        if watch is not None:
            watch(0, count)
        pixels = np.asarray(image.resize(shape, Image.Resampling.LANCZOS))
        out[index] = pixels[..., None] if pixels.ndim == 2 else pixels
    return out


def _kind(thing: Any) -> str:
    name = type(thing).__name__
    return "None" if thing is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
