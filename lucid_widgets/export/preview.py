"""An animation for readers that show no widgets: a small moving picture, and a still one."""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from PIL import Image

from lucid_widgets.export.frames_in import frame_by_frame
from lucid_widgets.export.timing import Mode, durations, order
from lucid_widgets.misc.io.serialize_array import UInt8Array

MOST_FRAMES = 60
"""Of a preview. A longer animation is thinned evenly, and takes as long as it did."""

MOST_SIDE = 320
"""Pixels of a preview's longer side."""

_STILLS = 6
_STILL_HEIGHT = 128
_QUALITY = 75


def preview_html(frames: UInt8Array, fps: float, mode: Mode, title: str) -> str:
    """An `<img>` with an animated WebP in it.

    An image moves in readers that allow no script and no style of ours: notebooks that were not trusted, exported
    pages, mail.

    Args:
        frames: uint8 `[n, height, width, channels]`.
        fps: Frames a second.
        mode: "loop", "alternate" or "once".
        title: What the picture shows.
    """
    chosen = _thinned(len(frames), MOST_FRAMES)
    height, width = frames.shape[1:3]
    scale = min(1.0, MOST_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [_resized(image, size) for image in frame_by_frame(frames[chosen])]
    shown = order(len(small), mode)
    slower = max(0.1, min(90.0, fps * len(chosen) / len(frames)))
    buffer = io.BytesIO()
    small[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=[small[index] for index in shown[1:]],
        duration=durations(len(shown), slower, 1000),
        loop=1 if mode == "once" else 0,
        quality=_QUALITY,
        method=0,
    )
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    name = html.escape(title or "Animation", quote=True)
    return f'<img alt="{name}" width="{size[0]}" height="{size[1]}" src="data:image/webp;base64,{data}">'


def preview_png(frames: UInt8Array) -> bytes:
    """Up to six frames side by side: all that a still picture can say about an animation."""
    chosen = _thinned(len(frames), _STILLS)
    height, width = frames.shape[1:3]
    scale = min(1.0, _STILL_HEIGHT / height) if len(chosen) > 1 else min(1.0, MOST_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [_resized(image, size) for image in frame_by_frame(frames[chosen])]
    strip = Image.new(small[0].mode, (size[0] * len(small), size[1]))
    for index, image in enumerate(small):
        strip.paste(image, (index * size[0], 0))
    buffer = io.BytesIO()
    strip.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _thinned(count: int, most: int) -> list[int]:
    """At most so many frames, evenly chosen, with the first and the last."""
    if count <= most:
        return list(range(count))
    return [round(place) for place in np.linspace(0, count - 1, most)]


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
