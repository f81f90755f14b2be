"""Animated WebP and animated PNG, encoded by Pillow. Both keep all colors and transparency."""

from __future__ import annotations

from typing import Any

from lucid_widgets.export.frames_in import frame_by_frame
from lucid_widgets.export.progress import CheckedFile, Progress, WatchedImage
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["encode_apng", "encode_webp"]


def encode_webp(
    frames: UInt8Array, progress: Progress, milliseconds: list[int], *, loop: bool, quality: int, lossless: bool
) -> bytes:
    """Encode an animated WebP.

    Args:
        frames: uint8 `[n, height, width, channels]`.
        progress: The frames to show, in order.
        milliseconds: Duration of each.
        loop: Whether the animation repeats forever; else it plays once.
        quality: 1 to 100. No effect if `lossless`.
        lossless: Whether every visible pixel is kept exactly.
    """
    # For lossless WebP, `quality` means effort: at 90 with method 4, it takes five times as long to save 3 %.
    effort = {"quality": 50, "method": 2} if lossless else {"quality": quality, "method": 4}
    file = CheckedFile(lambda _: progress.check())
    images = _images(frames, progress, progress.advance)
    _save(images, file, "WEBP", milliseconds, loop, lossless=lossless, **effort)
    return file.getvalue()


def encode_apng(frames: UInt8Array, progress: Progress, milliseconds: list[int], *, loop: bool) -> bytes:
    """Encode an animated PNG. The arguments are those of `encode_webp`."""

    def on_write(data: Any) -> None:
        # Pillow seeks all images several times before it encodes the first. It begins each frame with an fcTL chunk.
        if bytes(data[4:8]) == b"fcTL":
            progress.advance()
        else:
            progress.check()

    file = CheckedFile(on_write)
    _save(_images(frames, progress, progress.check), file, "PNG", milliseconds, loop)
    return file.getvalue()


def _images(frames: UInt8Array, progress: Progress, on_seek: Any) -> list[WatchedImage]:
    images = list(frame_by_frame(frames))
    return [WatchedImage.of(images[index], on_seek) for index in progress.shown]


def _save(
    images: list[WatchedImage], file: CheckedFile, kind: str, milliseconds: list[int], loop: bool, **options: Any
) -> None:
    images[0].save(
        file,
        kind,
        save_all=True,
        append_images=images[1:],
        duration=milliseconds,
        loop=0 if loop else 1,
        **options,
    )
