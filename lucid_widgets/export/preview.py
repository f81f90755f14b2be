"""Previews of an animation for notebook viewers that show no widgets: a small animation and a still image."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from lucid_widgets.export.frames_in import frame_by_frame
from lucid_widgets.export.timing import Mode, durations, order
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import in_html

__all__ = ["MAX_FRAMES", "MAX_SIDE", "preview_html", "preview_png"]

MAX_FRAMES = 60
"""Most frames of a preview. Of a longer animation, evenly spaced frames are shown, with the same total duration."""

MAX_SIDE = 320
"""Longer side of a preview in pixels."""

_STILLS = 6
_STILL_HEIGHT = 128
_QUALITY = 75


def preview_html(frames: UInt8Array, fps: float, mode: Mode, title: str) -> str:
    """Return an `<img>` that contains an animated WebP.

    An image plays even if scripts and styles are blocked: in notebooks that are not trusted, exported pages and mail.

    Args:
        frames: uint8 `[n, height, width, channels]`.
        fps: Frames per second.
        mode: "loop", "alternate" or "once".
        title: Alternative text of the image.
    """
    chosen = _evenly_spaced(len(frames), MAX_FRAMES)
    height, width = frames.shape[1:3]
    scale = min(1.0, MAX_SIDE / max(height, width))
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
    name = in_html(title or "Animation")
    return f'<img alt="{name}" width="{size[0]}" height="{size[1]}" src="data:image/webp;base64,{data}">'


def preview_png(frames: UInt8Array) -> bytes:
    """Return a PNG with up to six evenly spaced frames side by side."""
    chosen = _evenly_spaced(len(frames), _STILLS)
    height, width = frames.shape[1:3]
    scale = min(1.0, _STILL_HEIGHT / height) if len(chosen) > 1 else min(1.0, MAX_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [_resized(image, size) for image in frame_by_frame(frames[chosen])]
    strip = Image.new(small[0].mode, (size[0] * len(small), size[1]))
    for index, image in enumerate(small):
        strip.paste(image, (index * size[0], 0))
    buffer = io.BytesIO()
    strip.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _evenly_spaced(count: int, most: int) -> list[int]:
    """Return at most `most` indices below `count`, including the first and the last."""
    if count <= most:
        return list(range(count))
    return [round(place) for place in np.linspace(0, count - 1, most)]


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
