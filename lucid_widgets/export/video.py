"""MP4 with H.264, which presentation software, browsers and messengers play. Requires PyAV (the extra `video`)."""

from __future__ import annotations

import importlib.util
import tempfile
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.frames_in import with_channels
from lucid_widgets.export.progress import Progress
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["encode_mp4", "has_av", "need_av"]

_BT709 = 1  # H.264's number for the color space of HD video


def need_av() -> ModuleType:
    """Return PyAV, or raise an `ArgumentError` that says how to install it."""
    try:
        import av  # noqa: PLC0415
    except ImportError as error:
        raise ArgumentError(
            "MP4 requires PyAV, which is not installed.",
            'Run pip install "lucid-widgets[video]", or save a GIF or WebP.',
        ) from error
    return av


def has_av() -> bool:
    """Return whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def encode_mp4(frames: UInt8Array, progress: Progress, fps: float, quality: int) -> bytes:
    """Encode an MP4: H.264, yuv420p, BT.709 colors, with the index first so that it plays while loading.

    Args:
        frames: uint8 `[n, height, width, channels]` with 1 or 3 channels. An odd side grows by one pixel, which repeats
            the edge, because chroma has half the resolution.
        progress: The frames to show, in order.
        fps: Frames per second.
        quality: 1 to 100. 100 is CRF 0, 90 is CRF 10 (hardly distinguishable from the original), 50 is CRF 30.
    """
    av = need_av()
    rate = Fraction(fps).limit_denominator(1001)
    height, width = frames.shape[1:3]
    # To move the index to the front, FFmpeg opens the file again. That requires a real file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "animation.mp4")
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as file:
            stream = file.add_stream("libx264", rate=rate)
            stream.width, stream.height = width + width % 2, height + height % 2
            stream.pix_fmt = "yuv420p"
            # More than two threads gain little at these sizes, and an optimization may be running at the same time.
            stream.options = {"crf": str(_crf(quality)), "preset": "medium", "threads": "2"}
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = av.video.reformatter.ColorRange.MPEG
            context.time_base = stream.time_base = 1 / rate
            for time, index in enumerate(progress):
                pixels = np.pad(with_channels(frames[index], 3), ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
                    format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG", interpolation="LANCZOS"
                )
                frame.pts, frame.time_base = time, 1 / rate
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        return path.read_bytes()


def _crf(quality: int) -> int:
    """Return x264's constant rate factor: 0 at quality 100, 10 at 90, then 1 more per 2 points, at most 51."""
    return 100 - quality if quality >= 90 else min(51, round(10 + (90 - quality) / 2))
