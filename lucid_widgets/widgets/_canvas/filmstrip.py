"""The filmstrip: the kept frames of a run in small, as the page shows them under the picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import UInt8Array, tile, to_pillow
from lucid_widgets.widgets._canvas.encoded_frame import finite

MOST = 60
"""Pictures in a strip. The state, which saved notebooks keep, has at most so many, evenly chosen."""

HEIGHT = 56
"""Pixels: enough for a strip of 40 px on most dense screens, and some kilobytes each."""

_QUALITY = 80


class Filmstrip:
    """Small pictures of frames, each made once, packed into one sheet."""

    def __init__(self) -> None:
        self._small: dict[int, UInt8Array] = {}

    def strip(self, frames: Sequence[Frame]) -> tuple[dict[str, Any], bytes]:
        """What the page gets of these frames.

        Returns:
            `steps`, `objectives`, and `width` and `height` of one picture; and a WebP of all of them, side by side.
            Both are empty where there are not two moments to choose from.
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
            "objectives": [finite(frame.objective) for frame in chosen],
            "width": width,
            "height": height,
        }
        return about, buffer.getvalue()

    def _small_of(self, frame: Frame) -> UInt8Array:
        known = self._small.get(frame.step)
        return _reduced(frame) if known is None else known


def _spread(frames: Sequence[Frame]) -> Sequence[Frame]:
    """At most so many, as evenly as it gets, always with the first and the last."""
    if len(frames) <= MOST:
        return frames
    return [frames[index] for index in np.linspace(0, len(frames) - 1, MOST).round().astype(int)]


def _reduced(frame: Frame) -> UInt8Array:
    picture = to_pillow(np.nan_to_num(tile(frame.images), nan=0.0))
    height = min(HEIGHT, picture.height)
    width = max(1, round(picture.width * height / picture.height))
    if picture.mode == "L":
        picture = picture.convert("RGB")
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS))
