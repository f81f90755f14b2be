"""GIF with one palette of 256 colors, chosen from all frames.

With a single palette, colors do not flicker from frame to frame, and the palette is computed only once.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.export.frames_in import with_channels
from lucid_widgets.export.progress import CheckedFile, Progress, WatchedImage
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["DITHERS", "Dither", "checked_dither", "encode_gif"]

Dither = Literal["floyd-steinberg", "soft", "ordered", "none"]
DITHERS: tuple[Dither, ...] = ("floyd-steinberg", "soft", "ordered", "none")

_SAMPLE = 2**15
"""Pixels from which the palette is chosen. k-means on more takes seconds and finds no better palette."""

_ORDERED_AMPLITUDE = 24
"""Levels between the smallest and the largest offset of ordered dithering: about the distance of palette colors."""


def checked_dither(dither: str) -> None:
    """Raise an `ArgumentError` if there is no such dither."""
    if dither not in DITHERS:
        raise ArgumentError(f"There is no dither {dither!r}.", did_you_mean(str(dither), list(DITHERS)))


def encode_gif(frames: UInt8Array, progress: Progress, centiseconds: list[int], *, loop: bool, dither: Dither) -> bytes:
    """Encode a GIF.

    Args:
        frames: uint8 `[n, height, width, channels]`. Pixels with less than half of full opacity become transparent, all
            others opaque, because GIF has nothing in between.
        progress: The frames to show, in order.
        centiseconds: Duration of each.
        loop: Whether the animation repeats forever; else it plays once.
        dither: "floyd-steinberg" (finest), "soft" (half as strong: hardly visible when enlarged), "ordered" (a
            pattern that stays in place, so that static areas do not flicker, and files are smaller) or "none". Frames
            with at most 256 colors in total are kept exactly.
    """
    clear = frames[..., 3] < 128 if frames.shape[-1] == 4 else None
    colors = with_channels(frames, 3)[..., :3]
    most = 256 if clear is None else 255
    exact = _exact(colors, clear, most, progress)
    table = _chosen(colors, clear, most) if exact is None else exact
    progress.check()
    target = Image.new("P", (1, 1))
    target.putpalette(table.tobytes())
    indexed: dict[int, Image.Image] = {}  # "alternate" shows a frame twice, but it is quantized once
    sequence: list[Image.Image] = []
    for index in progress:
        if index not in indexed:
            mask = None if clear is None else clear[index]
            quantized = _quantized(colors[index], target, dither) if exact is None else _looked_up(colors[index], exact)
            indexed[index] = _image(quantized, mask, table)
        sequence.append(WatchedImage.of(indexed[index], progress.check))
    options: dict[str, object] = {} if clear is None else {"transparency": len(table), "disposal": 2}
    if loop:
        options["loop"] = 0
    file = CheckedFile(lambda _: progress.check())
    sequence[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=sequence[1:],
        duration=[10 * time for time in centiseconds],
        optimize=False,
        **options,
    )
    return file.getvalue()


def _exact(colors: UInt8Array, clear: npt.NDArray[np.bool_] | None, most: int, progress: Progress) -> UInt8Array | None:
    """Return all colors of the frames as a palette; None if there are more than `most`."""
    found = np.zeros(0, np.uint32)
    for index, frame in enumerate(colors):
        progress.check()
        seen = frame if clear is None else frame[~clear[index]]
        found = np.union1d(found, _numbered(seen))
        if len(found) > most:
            return None
    if not len(found):
        found = np.zeros(1, np.uint32)
    return np.stack([found >> 16, found >> 8 & 255, found & 255], 1).astype(np.uint8)


def _chosen(colors: UInt8Array, clear: npt.NDArray[np.bool_] | None, most: int) -> UInt8Array:
    pixels = colors.reshape(-1, 3) if clear is None else colors[~clear]
    # A random sample covers all frames. The fixed seed makes the result reproducible.
    if len(pixels) > _SAMPLE:
        pixels = pixels[np.random.default_rng(0).integers(0, len(pixels), _SAMPLE)]
    sample = Image.fromarray(np.ascontiguousarray(pixels)[None])
    quantized = sample.quantize(most, method=Image.Quantize.MEDIANCUT, kmeans=1)
    return np.array(quantized.getpalette() or [0, 0, 0], np.uint8).reshape(-1, 3)[:most]


def _numbered(pixels: UInt8Array) -> npt.NDArray[np.uint32]:
    """Return one number per color. Their order is that of the palette of `_exact`."""
    red, green, blue = np.moveaxis(pixels.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue


def _looked_up(frame: UInt8Array, table: UInt8Array) -> UInt8Array:
    """Return palette indices of a frame whose colors are all in the palette.

    Pillow's search rounds colors, so it would find a neighbor of some.
    """
    return np.searchsorted(_numbered(table), _numbered(frame)).astype(np.uint8)


def _quantized(frame: UInt8Array, target: Image.Image, dither: str) -> UInt8Array:
    if dither == "ordered":
        frame = _with_offsets(frame)
    if dither == "soft":
        # Error diffusion with half of the error: the image is first moved halfway to its nearest palette colors.
        palette = np.array(target.getpalette(), np.uint8).reshape(-1, 3)
        frame = ((frame.astype(np.uint16) + palette[_quantized(frame, target, "none")]) // 2).astype(np.uint8)
    method = Image.Dither.FLOYDSTEINBERG if dither in ("floyd-steinberg", "soft") else Image.Dither.NONE
    return np.asarray(Image.fromarray(np.ascontiguousarray(frame)).quantize(palette=target, dither=method))


def _image(places: UInt8Array, clear: npt.NDArray[np.bool_] | None, table: UInt8Array) -> Image.Image:
    if clear is not None:
        places = np.where(clear, np.uint8(len(table)), places)
        table = np.concatenate([table, np.zeros((1, 3), np.uint8)])
    image = Image.fromarray(places)
    image.putpalette(table.tobytes())
    return image


def _with_offsets(frame: UInt8Array) -> UInt8Array:
    """Add the 8 × 8 Bayer matrix to a frame, so that rounding to the palette alternates in a fixed pattern."""
    bayer = np.zeros((1, 1), np.int64)
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    height, width, _ = frame.shape
    tiled = np.tile(bayer, (-(-height // 8), -(-width // 8)))[:height, :width, None]
    return np.clip(np.rint(frame + ((tiled + 0.5) / 64 - 0.5) * _ORDERED_AMPLITUDE), 0, 255).astype(np.uint8)
