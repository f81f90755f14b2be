"""`SpritePlayer`: plays an animation on the page, with a kernel or without. Knows no TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, get_args

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.export.animation import Saved, save_animation
from lucid_widgets.export.html import MAX_FPS, html_page
from lucid_widgets.export.preview import preview_html, preview_png
from lucid_widgets.export.settings import format_of
from lucid_widgets.export.side_by_side import side_by_side
from lucid_widgets.export.sprite_frames import MAX_BYTES, make_sprite_frames, notes_of
from lucid_widgets.export.sprites import Sheet
from lucid_widgets.export.timing import Mode, checked_fps
from lucid_widgets.misc.io.saving import write_whole
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.widgets._core.base import Command, LucidBase, Reply
from lucid_widgets.widgets._core.exports import PIECE, Exports, Source
from lucid_widgets.widgets._core.traits import Choice, Flag, Real, Record, Records, Text, Whole

_MOST_ZOOM = 64


class SpritePlayer(LucidBase):
    """An animation with a scrubber, single steps, speed, and once, loop or back and forth; it exports itself to files.

    The frames are kept as one compressed sheet in the widget's state, so it plays without a kernel: in a saved notebook
    too, where the state was saved with it. `frame`, `playing`, `fps` and `mode` are traits that the page sets itself:
    `ipywidgets.jslink((player, "frame"), (slider, "value"))` works without a kernel.

    Args:
        frames: An array `[n, height, width, channels]`, a list of images, what `render_vis` returned, `Frame`s (then
            their steps and objective values are shown), `widget.recorded`, or a `Sheet`. A dict of animations by name,
            or frames that are batches of images together with `columns=`, are shown side by side, in lock-step.
        fps: Frames a second, 0.1 to 120.
        mode: "loop", "alternate" (there and back) or "once" (stays on the last frame).
        playing: Whether it starts by itself; never where somebody asked their system for less motion.
        columns: For several animations in lock-step: how many stand in a row.
        labels: A text for each frame.
        seeds: A whole number for each frame.
        objectives: A number for each frame.
        title: What the animation shows.
        crossfade: Blends each frame into the next.
        zoom: Screen pixels for each of the picture's; 0 fits the picture to its place.
        pixelated: Shows whole pixels where the picture is enlarged, instead of smoothing.
        quality: 1 to 100. Few or small frames are stored without loss; else opaque ones as JPEG, others as WebP.
        lossless: Stores every frame exactly.
        max_bytes: The most that the sheet may add to the widget's state, and so to a notebook that saves it.
        **kwargs: What all widgets take, such as `layout`.

    Raises:
        ArgumentError: For no frames, or what is none.
        OutOfRangeError: For more than `max_bytes`, or more pixels than a page can hold.

    Example:
        >>> SpritePlayer(render_vis(model, objective, lambda: param.image(128, batch=6)), fps=4, mode="alternate")
    """

    _bundle: ClassVar[str] = "sprite_player"

    reel: dict[str, Any] = Record(
        output=True, help="How the sheets are cut: count, width, height, mime, and each one's first, count and columns."
    )
    sheets: list[bytes] = Records(output=True, help="The frames, as image files with a grid of frames each.")
    notes: dict[str, Any] = Record(output=True, help="Of each frame: labels, steps, seeds, objectives.")
    title: str = Text("", help="What the animation shows.")
    # The page sets these by itself, and is not told what it said: an echo of the frame before would move it back.
    frame: int = Whole(0, min=0, help="The frame that is shown, from 0.").tag(echo_update=False)
    playing: bool = Flag(True, help="Whether it plays.").tag(echo_update=False)
    fps: float = Real(20.0, help="Frames a second.").tag(echo_update=False)
    mode: Mode = Choice(get_args(Mode), "loop", help='"loop", "alternate" or "once".').tag(echo_update=False)
    crossfade: bool = Flag(False, help="Blends each frame into the next.").tag(echo_update=False)
    zoom: int = Whole(0, min=0, max=_MOST_ZOOM, help="Screen pixels for each of the picture's; 0 fits it.").tag(
        echo_update=False
    )
    pixelated: bool = Flag(False, help="Shows whole pixels where the picture is enlarged.").tag(echo_update=False)

    def __init__(
        self,
        frames: Any,
        *,
        fps: float = 20,
        mode: Mode = "loop",
        playing: bool = True,
        columns: int | None = None,
        labels: Sequence[Any] | None = None,
        seeds: Sequence[int | None] | None = None,
        objectives: Sequence[float | None] | None = None,
        title: str = "",
        crossfade: bool = False,
        zoom: int = 0,
        pixelated: bool = False,
        quality: int = 90,
        lossless: bool = False,
        max_bytes: int = MAX_BYTES,
        **kwargs: Any,
    ) -> None:
        # First, for a player whose frames are refused is closed all the same.
        self._exports = Exports()
        self._previews: dict[tuple[float, str], str] = {}
        frames = list(frames) if isinstance(frames, Iterator) else frames
        laid_out, cells = side_by_side(frames, columns)
        self._reel = make_sprite_frames(laid_out, quality=quality, lossless=lossless, max_bytes=max_bytes)
        notes = notes_of(frames, len(self), labels=labels, seeds=seeds, objectives=objectives)
        self.set_trait("reel", self._reel.meta)
        self.set_trait("sheets", list(self._reel.sheets))
        self.set_trait("notes", notes if cells is None else {**notes, "cells": cells})
        self._change(
            {
                "fps": fps,
                "mode": mode,
                "playing": playing,
                "title": title,
                "crossfade": crossfade,
                "zoom": zoom,
                "pixelated": pixelated,
            }
        )
        super().__init__(**kwargs)

    @classmethod
    def from_sheet(
        cls, path_or_bytes: str | os.PathLike[str] | bytes, *, columns: int, count: int | None = None, **kwargs: Any
    ) -> SpritePlayer:
        """A player for a sprite sheet that is there already.

        Args:
            path_or_bytes: An image file, PNG, JPEG, WebP or whatever Pillow reads, or its bytes. It is kept as it is,
                unless it is too large for a browser.
            columns: Frames in a row.
            count: Frames; by default as many square ones as fit.
            **kwargs: What `SpritePlayer` takes besides frames.

        Raises:
            ArgumentError: For a file that is no image, or cannot be cut so.
        """
        if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
            sheet = Sheet.from_bytes(bytes(path_or_bytes), columns=columns, count=count)
        else:
            sheet = Sheet.from_path(path_or_bytes, columns=columns, count=count)
        return cls(sheet, **kwargs)

    def __len__(self) -> int:
        """Number of frames."""
        return len(self._reel.pixels)

    def __repr__(self) -> str:
        count, height, width, _ = self._reel.pixels.shape
        about = f" {self.title!r}:" if self.title else ":"
        pace = f"{self.fps:g} a second, {self.mode}"
        return f"<{type(self).__name__}{about} {count} frames of {width}×{height} at {pace}>"

    @property
    def frames(self) -> UInt8Array:
        """The frames as they were given, uint8 `[n, height, width, channels]`."""
        return self._reel.pixels

    def play(self) -> None:
        """Plays; at the end of an animation that plays once, from the start."""
        again = self.mode == "once" and self.frame == len(self) - 1
        self._change({"frame": 0, "playing": True} if again else {"playing": True})

    def pause(self) -> None:
        """Stays on the frame at hand."""
        self._change({"playing": False})

    def stop(self) -> None:
        """Goes back to the first frame, and stays there."""
        self._change({"playing": False, "frame": 0})

    def save(self, path: str | os.PathLike[str], **options: Any) -> Saved:
        """Writes the animation to a file, from the frames as they were given.

        Args:
            path: Ends with `.gif`, `.webp`, `.apng`, `.mp4`, `.html`, or, for a sprite sheet, `.png`, `.jpg` or
                `.sheet.webp`.
            **options: What `export.save_animation` takes: `fps` and `mode` (by default the player's own), `quality`,
                `lossless`, `dither`, `background`, ...

        Returns:
            What was written.
        """
        settings = {"fps": self.fps, "mode": self.mode, **options}
        kind = options.get("format") or format_of(os.fspath(path))
        if kind == "html" and options.keys() <= {"fps", "mode", "format"}:
            return self._save_html(path, settings["fps"], settings["mode"])
        return save_animation(self.frames, path, **settings)

    # For LucidBase.

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        checked = super()._checked(values)
        if "fps" in checked:
            checked["fps"] = checked_fps(checked["fps"], MAX_FPS, "a player")
        if checked.get("frame", 0) >= len(self):
            raise OutOfRangeError(
                f"Frame {checked['frame']} is out of range.", f"Expected a whole number from 0 to {len(self) - 1}."
            )
        return checked

    def _commands(self) -> Mapping[str, Command]:
        return {"sheet": self._sheet, **self._exports.commands(self._export_source)}

    def _sheet(self, index: int, offset: int) -> Reply:
        """A piece of a sheet, for hosts that open widgets without the bytes in their state."""
        sheets = self._reel.sheets
        if not 0 <= int(index) < len(sheets):
            raise ArgumentError(f"There is no sheet {index}.", f"There are {len(sheets)}, counted from 0.")
        return Reply(None, [sheets[int(index)][int(offset) : int(offset) + PIECE]])

    def _png(self) -> bytes:
        return preview_png(self.frames)

    def _html(self) -> str:
        key = self.fps, self.mode
        if key not in self._previews:
            self._previews = {key: preview_html(self.frames, self.fps, self.mode, self.title)}
        return self._previews[key]

    def close(self) -> None:
        """Removes the player from the page."""
        self._exports.close()
        super().close()

    # Exports.

    def _look(self) -> dict[str, Any]:
        return {"crossfade": self.crossfade, "zoom": self.zoom, "pixelated": self.pixelated}

    def _export_source(self, _: str) -> Source:
        return Source(self.frames, self.title, self.notes, self._reel, self._look())

    def _save_html(self, path: str | os.PathLike[str], fps: float, mode: Mode) -> Saved:
        """The very sheet that the player has, and all that it knows of the frames."""
        target = Path(path)
        data = html_page(self._reel, fps=fps, mode=mode, title=self.title, notes=self.notes, **self._look())
        write_whole(target, data)
        count, height, width, _ = self.frames.shape
        return Saved(target, "html", len(data), count, width, height, float(fps), mode, (target,))
