"""Save or encode an animation, in any format.

| extension      | format                             | colors                      | transparency | highest fps |
|----------------|------------------------------------|-----------------------------|--------------|-------------|
| `.gif`         | GIF                                | 256 for the whole animation | on or off    | 50          |
| `.webp`        | animated WebP, lossy or lossless   | all                         | kept         | 90          |
| `.apng`        | animated PNG, lossless             | all                         | kept         | 90          |
| `.mp4`         | H.264; needs the extra `video`     | half resolution             | `background` | 240         |
| `.png`         | lossless sprite sheet with JSON    | all                         | kept         | 240         |
| `.jpg`         | sprite sheet with JSON             | all                         | `background` | 240         |
| `.sheet.webp`  | sprite sheet with JSON             | all                         | kept         | 240         |
| `.html`        | page with a player; works offline  | all                         | kept         | 120         |

A format stores durations in units of 10 ms (GIF) or 1 ms. If the duration of a frame is not a multiple of that,
durations differ by one unit, so that the animation as a whole keeps its speed. Consecutive equal frames may be stored
as one that lasts longer; in lossy WebP, so may frames that hardly differ.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucid_widgets.export.frames_in import over, scaled, to_frames
from lucid_widgets.export.gif import Dither, encode_gif
from lucid_widgets.export.html import html_page
from lucid_widgets.export.progress import Progress, Watch
from lucid_widgets.export.settings import SHEETS, Settings, format_of
from lucid_widgets.export.sprite_frames import make_sprite_frames, notes_of
from lucid_widgets.export.sprites import Sheet, make_sheets, sheet_files
from lucid_widgets.export.timing import Mode, durations, order
from lucid_widgets.export.video import encode_mp4
from lucid_widgets.export.webp_apng import encode_apng, encode_webp
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.misc.keywords import suggest_keywords

__all__ = ["Saved", "encode_animation", "save_animation"]


@dataclass(frozen=True)
class Saved:
    """Description of a saved animation.

    Attributes:
        path: The file; the first one of several sheets.
        format: The format, such as "gif".
        bytes: Size of all `files` together.
        frames: Number of frames shown from start to end; in a sheet or an HTML file, the number stored.
        width: Width of a frame in pixels.
        height: Height of a frame in pixels.
        fps: Frames per second.
        mode: "loop", "alternate" or "once".
        files: All files that were written.
    """

    path: Path
    format: str
    bytes: int
    frames: int
    width: int
    height: int
    fps: float
    mode: Mode
    files: tuple[Path, ...]

    def __repr__(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB" if self.bytes >= 1e6 else f"{self.bytes / 1e3:.1f} kB"
        return (
            f"Saved({str(self.path)!r}, {size}: {self.frames} frames of {self.width}×{self.height}"
            f" at {self.fps:g} fps, {self.mode})"
        )


@suggest_keywords
def save_animation(
    frames: Any,
    path: str | os.PathLike[str],
    *,
    fps: float = 20,
    mode: Mode = "loop",
    format: str | None = None,
    quality: int = 90,
    lossless: bool = False,
    dither: Dither = "floyd-steinberg",
    background: tuple[int, int, int] = (255, 255, 255),
    size: int | None = None,
    hold: float = 0,
    progress: bool = True,
) -> Saved:
    """Save frames to a file. The file extension selects the format; the module's table lists them.

    Missing folders are created. A file is complete or not written: if an error occurs, such as a full disk, an earlier
    file stays unchanged. A sprite sheet is accompanied by a JSON file with its geometry, such as `name.png.json`, and
    is split into `name.png`, `name-2.png`, ... if one image would be too large for browsers.

    Args:
        frames: An array, a list of images or of `Frame`s, or the result of `render_vis`; see `to_frames`.
        path: The file.
        fps: Frames per second, at least 0.1.
        mode: "loop"; "alternate" plays the frames forward and backward without repeating the ends; "once" stays on the
            last frame. In a sheet, the JSON stores the mode. An MP4 cannot store it: its player decides.
        format: A format other than that of the extension, such as "apng" for `neuron.png`.
        quality: 1 to 100, for lossy WebP, JPEG and MP4, and for HTML with many or large frames.
        lossless: For WebP and HTML: keep every visible pixel exactly.
        dither: For GIF: "floyd-steinberg", "soft" (half as strong), "ordered" or "none".
        background: Red, green and blue, 0 to 255, behind transparent pixels in formats without transparency.
        size: Longer side of a frame in pixels, 8 to 4096. default: that of the frames.
        hold: For GIF, WebP, APNG and MP4: how many seconds the last frame stays longer than the others, 0 to 30.
        progress: Whether to show a progress bar if the encoding takes longer than a second.

    Returns:
        Path, size and number of frames of the saved animation.

    Raises:
        ArgumentError: If the frames, the format or a setting is invalid. Nothing has been written then.
        OSError: If the file cannot be written.

    Example:
        >>> save_animation(np.random.rand(6, 32, 32, 3), "out/noise.gif", fps=10)
        Saved('out/noise.gif', 12.4 kB: 6 frames of 32×32 at 10 fps, loop)
    """
    path = expanded(path)
    settings = Settings.checked(
        format_of(path.name) if format is None else format,
        fps,
        quality,
        background,
        mode=mode,
        lossless=lossless,
        dither=dither,
        hold=hold,
        progress=progress,
    )
    frames = list(frames) if isinstance(frames, Iterator) else frames
    pixels = scaled(to_frames(frames), size)
    count = len(pixels)
    if settings.format in SHEETS:
        sheets = make_sheets(pixels)
        with Progress(range(len(sheets)), bar=progress) as bar:
            encoded = [_encoded_sheet(sheets[index], settings) for index in bar]
        about = {"fps": settings.fps, "mode": mode}
        written = sheet_files(sheets, encoded, path, settings.format, about)
    elif settings.format == "html":
        written = {path: _html(frames, pixels, settings, path.stem)}
    else:
        written = {path: _encoded(pixels, settings)}
        count = len(order(count, mode))
    for file, data in written.items():
        write_whole(file, data)
    size = sum(map(len, written.values()))
    height, width = pixels.shape[1:3]
    return Saved(path, settings.format, size, count, width, height, settings.fps, mode, tuple(written))


@suggest_keywords
def encode_animation(
    frames: Any,
    format: str,
    *,
    fps: float = 20,
    mode: Mode = "loop",
    quality: int = 90,
    lossless: bool = False,
    dither: Dither = "floyd-steinberg",
    background: tuple[int, int, int] = (255, 255, 255),
    size: int | None = None,
    hold: float = 0,
    progress: bool = False,
    watch: Watch | None = None,
) -> bytes:
    """Return the bytes of the file that `save_animation` writes; for a sprite sheet, those of its image.

    Args:
        frames: See `to_frames`.
        format: "gif", "webp", "apng", "mp4", "html", or for a sheet "png", "jpg" or "sheet.webp".
        watch: Called with the number of frames done and their total, at least once per frame. An exception raised in it
            ends the encoding.

    The other arguments are those of `save_animation`.

    Example:
        >>> encode_animation(np.random.rand(6, 32, 32, 3), "gif")[:6]
        b'GIF89a'
    """
    settings = Settings.checked(
        format,
        fps,
        quality,
        background,
        mode=mode,
        lossless=lossless,
        dither=dither,
        hold=hold,
        progress=progress,
        watch=watch,
    )
    frames = list(frames) if isinstance(frames, Iterator) else frames
    pixels = scaled(to_frames(frames), size)
    if settings.format in SHEETS:
        return _encoded_sheet(Sheet.of(pixels), settings)
    if settings.format == "html":
        return _html(frames, pixels, settings, "")
    return _encoded(pixels, settings)


def _encoded(frames: UInt8Array, settings: Settings) -> bytes:
    shown = order(len(frames), settings.mode)
    last = len(frames) - 1
    if settings.format == "mp4":
        # A video has one frame rate, so the last frame is repeated.
        shown[last:last] = [last] * round(settings.hold * settings.fps)
    loop = settings.mode != "once"
    with Progress(shown, bar=settings.progress, watch=settings.watch) as progress:
        if settings.format == "gif":
            times = _with_hold(durations(len(shown), settings.fps, 100), last, settings.hold, 100)
            return encode_gif(frames, progress, times, loop=loop, dither=settings.dither)
        if settings.format == "mp4":
            return encode_mp4(over(frames, settings.background), progress, settings.fps, settings.quality)
        times = _with_hold(durations(len(shown), settings.fps, 1000), last, settings.hold, 1000)
        if settings.format == "apng":
            return encode_apng(frames, progress, times, loop=loop)
        return encode_webp(frames, progress, times, loop=loop, quality=settings.quality, lossless=settings.lossless)


def _with_hold(times: list[int], last: int, hold: float, unit: int) -> list[int]:
    return [*times[:last], times[last] + round(hold * unit), *times[last + 1 :]]


def _encoded_sheet(sheet: Sheet, settings: Settings) -> bytes:
    return sheet.encode(
        SHEETS[settings.format], settings.quality, lossless=settings.lossless, background=settings.background
    )


def _html(frames: Any, pixels: UInt8Array, settings: Settings, title: str) -> bytes:
    sprites = make_sprite_frames(pixels, quality=settings.quality, lossless=settings.lossless)
    return html_page(sprites, fps=settings.fps, mode=settings.mode, title=title, notes=notes_of(frames, len(pixels)))
