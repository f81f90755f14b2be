"""One call for every format: frames to the bytes of a file, or to a file.

| ending         | what it is                         | colours                     | alpha        | fps up to |
|----------------|------------------------------------|-----------------------------|--------------|-----------|
| `.gif`         | GIF                                | 256 for the whole animation | on or off    | 50        |
| `.webp`        | animated WebP, lossy or lossless   | all                         | kept         | 90        |
| `.apng`        | animated PNG, lossless             | all                         | kept         | 90        |
| `.mp4`         | H.264, needs the extra `video`     | half resolution             | `background` | 240       |
| `.png`         | sprite sheet, lossless, with JSON  | all                         | kept         | 240       |
| `.jpg`         | sprite sheet with JSON             | all                         | `background` | 240       |
| `.sheet.webp`  | sprite sheet with JSON             | all                         | kept         | 240       |
| `.html`        | a page with a player, no network   | all                         | kept         | 120       |

Browsers show a frame whose delay is 10 ms or less for 100 ms, and a GIF counts in steps of 10 ms: hence the bounds
on its fps. Where the time of a frame is no whole number of the format's steps, delays vary by one step and add up.
Neighbours that are equal, in lossy WebP also those that hardly differ, may be stored as one frame that lasts longer.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm.auto import tqdm

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, whole_number
from lucid_widgets.export.frames_in import frame_by_frame, over, to_frames
from lucid_widgets.export.gif import Dither, checked_dither, encode_gif
from lucid_widgets.export.html import FASTEST as FASTEST_HTML
from lucid_widgets.export.html import html_page
from lucid_widgets.export.sprite_frames import make_sprite_frames, notes_of
from lucid_widgets.export.sprites import Sheet, SheetFormat, make_sheets
from lucid_widgets.export.timing import Mode, checked_fps, durations, order
from lucid_widgets.export.video import encode_mp4, need_av
from lucid_widgets.misc.io.saving import write_whole
from lucid_widgets.misc.io.serialize_array import UInt8Array

FASTEST = {"gif": 50, "webp": 90, "apng": 90, "html": FASTEST_HTML}
"""Frames a second that a format goes up to; 240 for the others."""

_SHEETS: dict[str, SheetFormat] = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "sheet.webp": "webp"}
FORMATS = ("gif", "webp", "apng", "mp4", "html", *_SHEETS)
"""Formats, named as the end of a file's name."""

Watch = Callable[[int, int], object]
"""Called with the frames done and the frames in all."""


@dataclass(frozen=True)
class Saved:
    """What was written.

    Attributes:
        path: The file; of several sheets, the first.
        format: One of `FORMATS`.
        bytes: Size of all `files` together.
        frames: Frames shown in one run; in a sheet or an HTML file, frames in it.
        width: Pixels of a frame.
        height: Pixels of a frame.
        fps: Frames a second.
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
            f" at {self.fps:g} a second, {self.mode})"
        )


@dataclass(frozen=True)
class _Settings:
    format: str
    fps: float
    mode: Mode
    quality: int
    lossless: bool
    dither: Dither
    background: tuple[int, int, int]
    progress: bool
    watch: Watch | None = None


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
    progress: bool = True,
) -> Saved:
    """Writes frames to a file of the kind that its name ends with; the table above has the kinds.

    The folder is made if need be. A file appears whole or not at all: where something fails, a full disk for one,
    an earlier file stays as it was. A sprite sheet gets a file beside it, `name.json`, with its geometry,
    and is split into `name.png`, `name-2.png`, … where one would be too large for browsers.

    Args:
        frames: What `to_frames` takes: an array, a list of images, of `Frame`s, or what `render_vis` returned.
        path: The file.
        fps: Frames a second, from 0.1.
        mode: "loop"; "alternate" writes the frames there and back, the ends once (in a sheet, the JSON says so);
            "once" stays on the last frame. An MP4 cannot say whether it loops: its player does.
        format: Another format than the name says, such as "apng" for `neuron.png`.
        quality: 1 to 100, for lossy WebP, JPEG and MP4, and for HTML with many or large frames.
        lossless: For WebP and HTML: every visible pixel as it is.
        dither: For GIF: "floyd-steinberg", "ordered" or "none".
        background: RGB in 0 to 255 under transparent pixels, where the format has no transparency.
        progress: Whether a bar is shown when it takes longer than a second.

    Returns:
        What was written: path, bytes, frames, size.

    Raises:
        ArgumentError: For frames, a format or a setting that cannot be, before anything is written.
        OSError: Where the path cannot be written.

    Example:
        >>> save_animation(np.random.rand(6, 32, 32, 3), "out/noise.gif", fps=10)
        Saved('out/noise.gif', 12.4 kB: 6 frames of 32×32 at 10 a second, loop)
    """
    path = Path(path)
    known = format_of(path.name) if format is None else format
    settings = _checked(known, fps, mode, quality, lossless, dither, background, progress)
    frames = list(frames) if isinstance(frames, Iterator) else frames
    pixels = to_frames(frames)
    count = len(pixels)
    if settings.format in _SHEETS:
        written = _sheet_files(path, make_sheets(pixels), settings)
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
    progress: bool = False,
    watch: Watch | None = None,
) -> bytes:
    """The bytes of the file that `save_animation` writes; of a sprite sheet, those of its picture.

    Args:
        frames: What `to_frames` takes.
        format: "gif", "webp", "apng", "mp4", "html", or for a sheet "png", "jpg" or "sheet.webp".
        watch: Called before each frame is encoded, with the frames done and the frames in all. What it raises ends the
            encoding.

    The other arguments are those of `save_animation`.

    Example:
        >>> encode_animation(np.random.rand(6, 32, 32, 3), "gif")[:6]
        b'GIF89a'
    """
    settings = _checked(format, fps, mode, quality, lossless, dither, background, progress, watch)
    frames = list(frames) if isinstance(frames, Iterator) else frames
    pixels = to_frames(frames)
    if settings.format in _SHEETS:
        return _sheet_bytes(Sheet.of(pixels), settings)
    if settings.format == "html":
        return _html(frames, pixels, settings, "")
    return _encoded(pixels, settings)


def format_of(name: str) -> str:
    """The format that a file's name ends with."""
    for ending in sorted(FORMATS, key=len, reverse=True):
        if name.lower().endswith(f".{ending}"):
            return ending
    suffix = Path(name).suffix
    what = f"end with {suffix!r}" if suffix else "have no ending"
    raise ArgumentError(
        f"Files that {what} are no animations here ({name!r}).",
        did_you_mean(suffix, [f".{known}" for known in FORMATS]),
    )


def _checked(
    format: str,
    fps: float,
    mode: Mode,
    quality: int,
    lossless: bool,
    dither: Dither,
    background: tuple[int, int, int],
    progress: bool,
    watch: Watch | None = None,
) -> _Settings:
    """The settings, all of which are looked at before any work begins."""
    format = str(format).lower().removeprefix(".")
    if format not in FORMATS:
        raise ArgumentError(f"There is no format {format!r} here.", did_you_mean(format, list(FORMATS)))
    hint = "Browsers slow down what is faster; MP4 goes up to 240." if format in FASTEST else ""
    fps = checked_fps(fps, FASTEST.get(format, 240), format.upper(), hint)
    order(1, mode)
    checked_dither(dither)
    quality = whole_number("quality", quality, 1)
    if quality > 100:
        raise OutOfRangeError(f"quality is {quality}.", "Expected a whole number from 1 to 100.")
    colour = tuple(whole_number("background", level, 0) for level in background)
    if len(colour) != 3 or max(colour) > 255:
        raise ArgumentError(f"background is {background!r}.", "Expected red, green and blue from 0 to 255.")
    if format == "mp4":
        need_av()
    return _Settings(format, fps, mode, quality, lossless, dither, (colour[0], colour[1], colour[2]), progress, watch)


def _encoded(frames: UInt8Array, settings: _Settings) -> bytes:
    shown = order(len(frames), settings.mode)
    bar = _watched(shown, settings)
    loop = settings.mode != "once"
    if settings.format == "gif":
        times = durations(len(shown), settings.fps, 100)
        return encode_gif(frames, bar, times, loop=loop, dither=settings.dither)
    if settings.format == "mp4":
        return encode_mp4(over(frames, settings.background), bar, settings.fps, settings.quality)
    return _encoded_by_pillow(frames, bar, len(shown), settings)


def _watched(shown: list[int], settings: _Settings) -> Iterator[int]:
    """`shown`, with whoever watches told before each."""
    bar = tqdm(shown, unit="frame", leave=False, delay=1, disable=not settings.progress)
    for done, index in enumerate(bar):
        if settings.watch is not None:
            settings.watch(done, len(shown))
        yield index


class _InTurn(Image.Image):
    """A picture that says when an encoder comes to it: Pillow takes a whole animation at once, and reports nothing."""

    turns: Iterator[int]

    @classmethod
    def of(cls, image: Image.Image, turns: Iterator[int]) -> _InTurn:
        self = cls()
        vars(self).update(vars(image))
        self.turns = turns
        return self

    def seek(self, frame: int) -> None:
        super().seek(frame)
        next(self.turns, None)


def _encoded_by_pillow(frames: UInt8Array, turns: Iterator[int], count: int, settings: _Settings) -> bytes:
    pictures = list(frame_by_frame(frames))
    sequence = [_InTurn.of(pictures[index], turns) for index in order(len(frames), settings.mode)]
    options: dict[str, Any] = {}
    if settings.format == "webp":
        # Lossless, `quality` is effort: at 90 and method 4 it takes five times as long and saves 3 %.
        effort = {"quality": 50, "method": 2} if settings.lossless else {"quality": settings.quality, "method": 4}
        options = {"lossless": settings.lossless, **effort}
    buffer = io.BytesIO()
    sequence[0].save(
        buffer,
        "PNG" if settings.format == "apng" else "WEBP",
        save_all=True,
        append_images=sequence[1:],
        duration=durations(count, settings.fps, 1000),
        loop=0 if settings.mode != "once" else 1,
        **options,
    )
    return buffer.getvalue()


def _html(frames: Any, pixels: UInt8Array, settings: _Settings, title: str) -> bytes:
    reel = make_sprite_frames(pixels, quality=settings.quality, lossless=settings.lossless)
    return html_page(reel, fps=settings.fps, mode=settings.mode, title=title, notes=notes_of(frames, len(pixels)))


def _sheet_bytes(sheet: Sheet, settings: _Settings) -> bytes:
    return sheet.encode(
        _SHEETS[settings.format], settings.quality, lossless=settings.lossless, background=settings.background
    )


def _sheet_files(path: Path, sheets: list[Sheet], settings: _Settings) -> dict[Path, bytes]:
    """The pictures and, last, the JSON that names them, so that it never names one that is not there."""
    name, ending = path.name, ""
    if path.name.lower().endswith(f".{settings.format}"):
        cut = len(path.name) - len(settings.format) - 1
        name, ending = path.name[:cut], path.name[cut:]
    files: dict[Path, bytes] = {}
    described = []
    bar = tqdm(sheets, unit="sheet", leave=False, delay=1, disable=not settings.progress)
    for number, sheet in enumerate(bar, 1):
        file = path if number == 1 else path.with_name(f"{name}-{number}{ending}")
        files[file] = _sheet_bytes(sheet, settings)
        described.append({"file": file.name, **sheet.geometry})
    about = {
        "version": 1,
        "fps": settings.fps,
        "mode": settings.mode,
        "count": sum(sheet.count for sheet in sheets),
        "width": sheets[0].width,
        "height": sheets[0].height,
        "sheets": described,
    }
    files[path.with_name(f"{name}.json")] = json.dumps(about, indent=1).encode()
    return files
