"""GIF: 256 colours for the whole animation, chosen from all of its frames.

One palette for all frames: colours do not flicker from frame to frame, and choosing it once is quick.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError, did_you_mean
from lucid_widgets.export.frames_in import with_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array

Dither = Literal["floyd-steinberg", "ordered", "none"]
DITHERS: tuple[Dither, ...] = ("floyd-steinberg", "ordered", "none")

_SAMPLE = 2**15  # pixels that choose the palette: k-means on more takes seconds and chooses no better
_ORDERED_REACH = 24  # levels between the darkest and the lightest offset: about the distance of palette colours


def checked_dither(dither: str) -> None:
    """An `ArgumentError` for a dither that does not exist."""
    if dither not in DITHERS:
        raise ArgumentError(f"There is no dither {dither!r}.", did_you_mean(str(dither), list(DITHERS)))


def encode_gif(
    frames: UInt8Array, shown: Iterable[int], centiseconds: list[int], *, loop: bool, dither: Dither
) -> bytes:
    """The bytes of a GIF.

    Args:
        frames: uint8 `[n, height, width, channels]`. Where there is alpha, pixels under half of it are transparent
            and the others opaque, as a GIF knows nothing between.
        shown: Which frames, in this order.
        centiseconds: How long each of them.
        loop: For ever, or once.
        dither: "floyd-steinberg" (finest), "ordered" (a pattern that stays in place, so that still parts do not
            swarm; smaller files) or "none". Frames with no more colours than a palette has are exact anyway.
    """
    clear = frames[..., 3] < 128 if frames.shape[-1] == 4 else None
    colours = with_channels(frames, 3)[..., :3]
    most = 256 if clear is None else 255
    exact = _exact(colours, clear, most)
    table = _chosen(colours, clear, most) if exact is None else exact
    target = Image.new("P", (1, 1))
    target.putpalette(table.tobytes())
    indexed: dict[int, Image.Image] = {}  # there and back: each frame is quantized once
    sequence: list[Image.Image] = []
    for index in shown:
        if index not in indexed:
            mask = None if clear is None else clear[index]
            quantized = (
                _quantized(colours[index], target, dither) if exact is None else _looked_up(colours[index], exact)
            )
            indexed[index] = _image(quantized, mask, table)
        sequence.append(indexed[index])
    options: dict[str, object] = {} if clear is None else {"transparency": len(table), "disposal": 2}
    if loop:
        options["loop"] = 0
    buffer = io.BytesIO()
    sequence[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=sequence[1:],
        duration=[10 * time for time in centiseconds],
        optimize=False,
        **options,
    )
    return buffer.getvalue()


def _exact(colours: UInt8Array, clear: npt.NDArray[np.bool_] | None, most: int) -> UInt8Array | None:
    """All colours there are, if a palette holds them."""
    found = np.zeros(0, np.uint32)
    for index, frame in enumerate(colours):
        seen = frame if clear is None else frame[~clear[index]]
        found = np.union1d(found, _numbered(seen))
        if len(found) > most:
            return None
    if not len(found):
        found = np.zeros(1, np.uint32)
    return np.stack([found >> 16, found >> 8 & 255, found & 255], 1).astype(np.uint8)


def _chosen(colours: UInt8Array, clear: npt.NDArray[np.bool_] | None, most: int) -> UInt8Array:
    pixels = colours.reshape(-1, 3) if clear is None else colours[~clear]
    # Any pixels will do as long as they are from everywhere; a fixed seed makes the same file each time.
    if len(pixels) > _SAMPLE:
        pixels = pixels[np.random.default_rng(0).integers(0, len(pixels), _SAMPLE)]
    sample = Image.fromarray(np.ascontiguousarray(pixels)[None])
    quantized = sample.quantize(most, method=Image.Quantize.MEDIANCUT, kmeans=1)
    return np.array(quantized.getpalette() or [0, 0, 0], np.uint8).reshape(-1, 3)[:most]


def _numbered(pixels: UInt8Array) -> npt.NDArray[np.uint32]:
    """One number for each colour, in the order of `_exact`'s palette."""
    red, green, blue = np.moveaxis(pixels.astype(np.uint32), -1, 0)
    return red << 16 | green << 8 | blue


def _looked_up(frame: UInt8Array, table: UInt8Array) -> UInt8Array:
    """Places in a palette that has all colours. Pillow's own search rounds colours, so it would miss some by a few."""
    return np.searchsorted(_numbered(table), _numbered(frame)).astype(np.uint8)


def _quantized(frame: UInt8Array, target: Image.Image, dither: str) -> UInt8Array:
    if dither == "ordered":
        frame = _nudged(frame)
    method = Image.Dither.FLOYDSTEINBERG if dither == "floyd-steinberg" else Image.Dither.NONE
    return np.asarray(Image.fromarray(np.ascontiguousarray(frame)).quantize(palette=target, dither=method))


def _image(places: UInt8Array, clear: npt.NDArray[np.bool_] | None, table: UInt8Array) -> Image.Image:
    if clear is not None:
        places = np.where(clear, np.uint8(len(table)), places)
        table = np.concatenate([table, np.zeros((1, 3), np.uint8)])
    image = Image.fromarray(places)
    image.putpalette(table.tobytes())
    return image


def _nudged(frame: UInt8Array) -> UInt8Array:
    """The frame with the 8 by 8 Bayer matrix added, so that rounding to the palette alternates in a fixed pattern."""
    bayer = np.zeros((1, 1), np.int64)
    for _ in range(3):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    height, width, _ = frame.shape
    tiled = np.tile(bayer, (-(-height // 8), -(-width // 8)))[:height, :width, None]
    return np.clip(np.rint(frame + ((tiled + 0.5) / 64 - 0.5) * _ORDERED_REACH), 0, 255).astype(np.uint8)
