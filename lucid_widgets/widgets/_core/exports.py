"""`Exports`: animations that a page asks for, encoded in the background and fetched in pieces.

The page polls the progress of an export, and then fetches the files in pieces of less than one megabyte, because some
hosts end the connection at larger messages. Python sends nothing unasked, because Colab delivers only answers.

Each export is encoded on its own thread. On the worker thread, a GIF that takes seconds would hold up all
optimizations; encoding needs no TensorFlow, so it can run next to them.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lucid_widgets.errors import ArgumentError, OutOfRangeError, did_you_mean, whole_number
from lucid_widgets.export.animation import encode_animation
from lucid_widgets.export.css import css_snippet
from lucid_widgets.export.frames_in import scaled
from lucid_widgets.export.html import html_page
from lucid_widgets.export.progress import Watch
from lucid_widgets.export.settings import HOLDING, MAX_FPS
from lucid_widgets.export.sprite_frames import SpriteFrames, make_sprite_frames
from lucid_widgets.export.sprites import Sheet, make_sheets
from lucid_widgets.export.timing import Mode
from lucid_widgets.export.video import has_av
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import in_path
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

CHUNK_BYTES = 900_000
"""Bytes of a file in one message."""

_MAX_JOBS = 4

_SAMPLED = 6
"""Frames that are encoded to estimate the size of a file."""

_MIME = {
    "gif": "image/gif",
    "webp": "image/webp",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "mp4": "video/mp4",
    "html": "text/html",
    "json": "application/json",
    "css": "text/css",
}
_SPRITES = "sprite_frames"
"""Format of the frames for a player on the page: sheets, and a JSON file with their layout. Not offered to users."""

_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "gif": ("gif", {}),
    "webp": ("webp", {}),
    "webp-lossless": ("webp", {"lossless": True}),
    "apng": ("apng", {}),
    "mp4": ("mp4", {}),
    "html": ("html", {}),
    "sheet": ("png", {}),
    "css": ("css", {}),
    _SPRITES: (_SPRITES, {}),
}
"""Name and options for `encode_animation`, by the page's name of a format."""

Files = dict[str, bytes]


class Cancelled(Exception):
    """Ends the thread of an export that nobody waits for."""


@dataclass(frozen=True)
class Source:
    """An animation to export.

    Attributes:
        frames: uint8 `[n, height, width, channels]`.
        title: Title of the page; the files are named after it.
        notes: Labels, steps, seeds and objectives of the frames, see `notes_of`.
        sprites: The frames as sheets for a player, if they exist already.
        look: Further state of the player in the HTML file.
    """

    frames: UInt8Array
    title: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)
    sprites: SpriteFrames | None = None
    look: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the files, without extension."""
        return in_path(self.title, "animation")

    def part(self, first: int = 0, last: int | None = None) -> Source:
        """The frames from `first` to `last` with their notes; `self` if these are all frames."""
        count = len(self.frames)
        last = count - 1 if last is None else last
        first, last = whole_number("first", first, 0, count - 1), whole_number("last", last, 0, count - 1)
        if first > last:
            raise OutOfRangeError(
                f"The range goes from frame {first} to {last}.", "Expected a first frame before the last."
            )
        if (first, last) == (0, count - 1):
            return self
        notes = {
            name: values[first : last + 1] if isinstance(values, list) and len(values) == count else values
            for name, values in self.notes.items()
        }
        return replace(self, frames=self.frames[first : last + 1], notes=notes, sprites=None)

    def scaled(self, size: int | None, watch: Watch) -> Source:
        """The frames with a longer side of `size` pixels; `self` if they have it already."""
        frames = scaled(self.frames, size, watch)
        return self if frames is self.frames else replace(self, frames=frames, sprites=None)


class _Job:
    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self.files: Files | None = None
        self.estimate: int | None = None
        self.error: BaseException | None = None
        self.cancelled = False

    def watch(self, done: int, total: int) -> None:
        if self.cancelled:
            raise Cancelled
        self.done, self.total = done, total

    def run(self, make: Callable[[Watch], Files]) -> None:
        try:
            self.files = make(self.watch)
        except BaseException as error:
            self.error = error


class Exports(Part):
    """The exports of one widget.

    Args:
        widget: The owner.
        source: Returns the animation to export, or raises an error if there is none. Its argument names one of the
            widget's animations; "" if there is only one.
    """

    def __init__(self, widget: LucidBase, source: Callable[[str], Source]) -> None:
        super().__init__(widget)
        self._source = source
        self._jobs: dict[str, _Job] = {}

    def commands(self) -> Mapping[str, Command]:
        return {
            "export_formats": lambda: Reply(self.formats()),
            "export": self._start,
            "export_estimate": lambda **settings: self._start(**settings, estimate=True),
            "export_progress": self._progress,
            "export_chunk": self._chunk,
            "export_end": self._end,
            "freeze": self._freeze,
        }

    @staticmethod
    def formats() -> list[str]:
        """Formats that can be written on this machine."""
        return [name for name in _FORMATS if name != _SPRITES and (name != "mp4" or has_av())]

    def close(self) -> None:
        for job in list(self._jobs):
            self._end(job)

    def _start(
        self,
        *,
        format: str,
        fps: float = 20,
        mode: Mode = "loop",
        dither: Any = "floyd-steinberg",
        what: str = "",
        size: int | None = None,
        hold: float = 0,
        first: int = 0,
        last: int | None = None,
        estimate: bool = False,
    ) -> Reply:
        """Start an export.

        Args:
            format: One of the page's names of formats.
            fps: Frames per second.
            mode: How the animation plays.
            dither: Dithering of a GIF.
            what: Name of the animation, for `source`.
            size: Longer side of a frame in pixels; None keeps it.
            hold: Extra seconds for which the last frame stays visible, in formats that can store it.
            first: Index of the first frame.
            last: Index of the last frame; None for the last of all.
            estimate: Whether to encode only a few of the frames, and to report the estimated size in place of files.
        """
        if format not in _FORMATS:
            raise ArgumentError(f"There is no format {format!r} here.", did_you_mean(str(format), list(_FORMATS)))
        source = self._source(what).part(first, last)
        hold = hold if _FORMATS[format][0] in HOLDING else 0
        # A player can be faster than the file format. The file then plays as fast as its format allows.
        fps = min(float(fps), MAX_FPS.get(_FORMATS[format][0], 240))
        # A page that was reloaded or closed neither fetches nor ends its exports.
        while len(self._jobs) >= _MAX_JOBS:
            self._end(next(iter(self._jobs)))
        key, job = uuid.uuid4().hex, _Job()
        self._jobs[key] = job

        def make(watch: Watch) -> Files:
            if estimate:
                job.estimate = _estimate(source, format, fps, mode, dither, size, watch)
                return {}
            return _files(source.scaled(size, watch), format, fps, mode, dither, hold, watch)

        threading.Thread(target=job.run, args=(make,), name="lucid_widgets export", daemon=True).start()
        return Reply({"job": key})

    def _progress(self, job: str) -> Reply:
        known = self._known(job)
        if known.error is not None:
            self._jobs.pop(job, None)
            raise known.error
        about = None
        if known.files is not None:
            about = [
                {"filename": name, "mime": _MIME[name.rsplit(".", 1)[1]], "bytes": len(data)}
                for name, data in known.files.items()
            ]
        progress = {"done": known.done, "total": known.total, "files": about}
        return Reply(progress if known.estimate is None else {**progress, "estimate": known.estimate})

    def _chunk(self, job: str, file: int, offset: int) -> Reply:
        files = list((self._known(job).files or {}).values())
        return Reply(None, [files[int(file)][int(offset) : int(offset) + CHUNK_BYTES]])

    def _end(self, job: str) -> None:
        known = self._jobs.pop(job, None)
        if known is not None:
            known.cancelled = True

    def _freeze(self) -> None:
        self.widget.freeze()

    def _known(self, job: str) -> _Job:
        if job not in self._jobs:
            raise ArgumentError("This export has ended or was cancelled.", "Export again.")
        return self._jobs[job]


def _estimate(source: Source, format: str, fps: float, mode: Mode, dither: Any, size: int | None, watch: Watch) -> int:
    """Estimated size of all files in bytes, from a sample of neighboring frames."""
    count = len(source.frames)
    if count <= _SAMPLED:
        files = _files(source.scaled(size, watch), format, fps, mode, dither, 0, watch)
        return sum(map(len, files.values()))
    middle = (count - _SAMPLED) // 2
    sizes = []
    # The difference of two samples leaves out fixed costs, such as the player of a web page.
    for number in (_SAMPLED // 2, _SAMPLED):
        sample = source.part(middle, middle + number - 1).scaled(size, watch)
        sizes.append(sum(map(len, _files(sample, format, fps, "loop", dither, 0, watch).values())))
    twice = mode == "alternate" and _FORMATS[format][0] in HOLDING
    frames = 2 * count - 2 if twice else count
    return round(sizes[1] + (frames - _SAMPLED) * max(0, sizes[1] - sizes[0]) / (_SAMPLED - _SAMPLED // 2))


def _files(source: Source, format: str, fps: float, mode: Mode, dither: Any, hold: float, watch: Watch) -> Files:
    kind, options = _FORMATS[format]
    name, frames = source.name, source.frames
    if kind in ("html", _SPRITES):
        sprites = source.sprites or make_sprite_frames(frames, watch=watch)
        if kind == _SPRITES:
            return _sprite_files(sprites, source.notes)
        page = html_page(sprites, fps=fps, mode=mode, title=source.title, notes=dict(source.notes), **source.look)
        return {f"{name}.html": page}
    if kind in ("png", "css"):
        return _sheet_files(name, make_sheets(frames), fps, mode, watch, css=kind == "css")
    if kind == "gif":
        options = {**options, "dither": dither}
    ending = "png" if kind == "apng" else kind
    return {f"{name}.{ending}": encode_animation(frames, kind, fps=fps, mode=mode, hold=hold, watch=watch, **options)}


def _sprite_files(sprites: SpriteFrames, notes: Mapping[str, Any]) -> Files:
    ending = sprites.meta["mime"].partition("/")[2]
    about = json.dumps({"sprite_frames": sprites.meta, "notes": notes}).encode()
    return {"sprite_frames.json": about, **{f"{index}.{ending}": sheet for index, sheet in enumerate(sprites.sheets)}}


def _sheet_files(name: str, sheets: list[Sheet], fps: float, mode: Mode, watch: Watch, *, css: bool) -> Files:
    if css and len(sheets) > 1:
        raise ArgumentError(
            f"These frames need {len(sheets)} sheets, but CSS can play only one.", "Use fewer or smaller frames."
        )
    files: Files = {}
    described = []
    for number, sheet in enumerate(sheets, 1):
        watch(number - 1, len(sheets))
        file = f"{name}.png" if len(sheets) == 1 else f"{name}-{number}.png"
        files[file] = sheet.encode("png", check=partial(watch, number - 1, len(sheets)))
        described.append({"file": file, **sheet.geometry})
    if css:
        files[f"{name}.css"] = css_snippet(sheets[0], f"{name}.png", fps=fps, mode=mode).encode()
    else:
        about = {"version": 1, "fps": fps, "mode": mode, "count": sum(s.count for s in sheets)}
        size = {"width": sheets[0].width, "height": sheets[0].height}
        files[f"{next(iter(files))}.json"] = json.dumps({**about, **size, "sheets": described}, indent=1).encode()
    return files
