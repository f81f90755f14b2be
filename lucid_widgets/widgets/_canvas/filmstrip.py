"""The filmstrip: small images of the frames that a run kept, shown below the image."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.frames import Frame, finite_or_none
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array, tile, to_pillow

MAX_IMAGES = 60
"""Most images in a strip, evenly chosen. They are part of the widget's state, which saved notebooks contain."""

HEIGHT = 56
"""Height of an image in pixels: sharp at 40 CSS pixels on most high-density screens, in a few kilobytes."""

_QUALITY = 80


class Filmstrip:
    """Small images of frames, each made once, packed into one sheet."""

    def __init__(self) -> None:
        self._small: dict[int, UInt8Array] = {}

    def strip(self, frames: Sequence[Frame]) -> tuple[dict[str, Any], bytes]:
        """The strip of these frames.

        Returns:
            A description (`steps`, `objectives`, and the `width` and `height` of one image), and a WebP of all images
            side by side. Both are empty for fewer than two steps.
        """
        chosen = [frame for frame in _spread(frames) if 0 not in frame.images.shape]
        if len({frame.step for frame in chosen}) < 2:
            return {}, b""
        self._small = {frame.step: self._small_of(frame) for frame in chosen}
        cells = [self._small[frame.step] for frame in chosen]
        height, width = cells[0].shape[:2]
        sheet = np.concatenate([cell for cell in cells if cell.shape == cells[0].shape], axis=1)
        buffer = io.BytesIO()
        Image.fromarray(sheet).save(buffer, "WEBP", quality=_QUALITY, method=2)
        about = {
            "steps": [frame.step for frame in chosen],
            "objectives": [finite_or_none(frame.objective) for frame in chosen],
            "width": width,
            "height": height,
        }
        return about, buffer.getvalue()

    def _small_of(self, frame: Frame) -> UInt8Array:
        known = self._small.get(frame.step)
        return _small_image(frame) if known is None else known


def _spread(frames: Sequence[Frame]) -> Sequence[Frame]:
    """At most `MAX_IMAGES` frames, evenly chosen, always with the first and the last."""
    if len(frames) <= MAX_IMAGES:
        return frames
    return [frames[index] for index in np.linspace(0, len(frames) - 1, MAX_IMAGES).round().astype(int)]


def _small_image(frame: Frame) -> UInt8Array:
    image = to_pillow(np.nan_to_num(tile(visible_channels(frame.images)), nan=0.0))
    height = min(HEIGHT, image.height)
    width = max(1, round(image.width * height / image.height))
    if image.mode == "L":
        image = image.convert("RGB")
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
