"""MP4 with H.264: what slides, browsers and messengers play. Needs PyAV, the extra `video`."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.frames_in import with_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array

_BT709 = 1  # the number that H.264 has for the colours of HD video


def need_av() -> ModuleType:
    """PyAV, or an error that says how to install it."""
    try:
        import av  # noqa: PLC0415
    except ImportError as error:
        raise ArgumentError(
            "MP4 needs PyAV, which is not installed.", 'Run pip install "lucid-widgets[video]", or save a GIF or WebP.'
        ) from error
    return av


def has_av() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def encode_mp4(frames: UInt8Array, shown: Iterable[int], fps: float, quality: int) -> bytes:
    """The bytes of an MP4 file: H.264, yuv420p, BT.709 colours, its index at the front so that it plays while loading.

    Args:
        frames: uint8 `[n, height, width, channels]` with 1 or 3 channels. An odd side grows by one pixel, which repeats
            the edge, because chroma has half the resolution.
        shown: Which frames, in this order.
        fps: Frames a second.
        quality: 1 to 100; 100 is CRF 0, 90 is CRF 10 (hard to tell from the original), 50 is CRF 30.
    """
    av = need_av()
    rate = Fraction(fps).limit_denominator(1001)
    height, width = frames.shape[1:3]
    # FFmpeg moves the index to the front by opening the file again, which only a real file allows.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "animation.mp4")
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as file:
            stream = file.add_stream("libx264", rate=rate)
            stream.width, stream.height = width + width % 2, height + height % 2
            stream.pix_fmt = "yuv420p"
            # Two threads: more gain little at these sizes, and an optimization may be running beside.
            stream.options = {"crf": str(_crf(quality)), "preset": "medium", "threads": "2"}
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = av.video.reformatter.ColorRange.MPEG
            context.time_base = stream.time_base = 1 / rate
            for time, index in enumerate(shown):
                pixels = np.pad(with_channels(frames[index], 3), ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
                    format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG", interpolation="LANCZOS"
                )
                frame.pts, frame.time_base = time, 1 / rate
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        return path.read_bytes()


def _crf(quality: int) -> int:
    """x264's constant rate factor: 0 at 100, 10 at 90, then two for each four points, up to its worst, 51."""
    return 100 - quality if quality >= 90 else min(51, round(10 + (90 - quality) / 2))
