"""`SpritePlayer`: plays an animation on the page, with or without a kernel. Needs no TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
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
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.io.writing import write_whole
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.exports import CHUNK_BYTES, Exports, Source
from lucid_widgets.widgets._core.traits import Choice, Flag, Real, Record, Records, Text, Whole

_MAX_ZOOM = 64


class SpritePlayer(LucidBase):
    """Plays an animation once, in a loop, or back and forth, and exports it to files.

    The frames are part of the widget's state, as compressed sprite sheets. So the player works without a kernel, and in
    a saved notebook if the widget state was saved with it. The page itself sets the traits `frame`, `playing`, `fps`
    and `mode`, so `ipywidgets.jslink((player, "frame"), (slider, "value"))` works without a kernel too.

    Args:
        frames: An array `[n, height, width, channels]`, a list of images, the result of `render_vis`, `Frame`s (whose
            steps and objective values are shown), `widget.recorded`, or a `Sheet`. A dict of animations by name, or
            frames with batches of images together with `columns=`, are shown side by side and play in step.
        fps: Frames per second, 0.1 to 120.
        mode: "loop", "alternate" (forward and backward) or "once" (stops at the last frame).
        playing: Whether playback starts automatically. It never does if the reader's system asks for reduced motion.
        columns: Number of animations per row, if several are shown side by side.
        labels: A text for each frame.
        seeds: A whole number for each frame.
        objectives: A number for each frame.
        title: Title of the animation, shown above it.
        crossfade: Whether each frame is blended into the next.
        zoom: Screen pixels per image pixel; 0 fits the image to the available space.
        pixelated: Whether an enlarged image shows sharp pixels instead of smooth ones.
        quality: 1 to 100. It applies to large animations; few or small frames are stored without loss.
        lossless: Whether every frame is stored exactly.
        max_bytes: Most bytes that the sheets may add to the widget's state, and so to a saved notebook.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        ArgumentError: If there are no frames, or they are not images.
        OutOfRangeError: If the sheets need more than `max_bytes`, or more pixels than a page can hold.

    Example:
        >>> SpritePlayer(render_vis(model, objective, lambda: param.image(128, batch=6)), fps=4, mode="alternate")
    """

    _bundle: ClassVar[str] = "sprite_player"
    _changes: ClassVar[bool] = False

    _sprite_frames: dict[str, Any] = Record(
        output=True, help="Layout of `_sheets`: size, number and format of the frames, and how each sheet divides."
    )
    _sheets: list[bytes] = Records(output=True, help="The frames as image files, each with a grid of frames.")
    _notes: dict[str, Any] = Record(output=True, help="Labels, steps, seeds and objectives of the frames.")
    title: str = Text("", help="Title of the animation.")
    # The page sets these itself. An echo of an earlier value would move the animation back.
    frame: int = Whole(0, min=0, help="Index of the frame that is shown.").tag(echo_update=False)
    playing: bool = Flag(True, help="Whether the animation is playing.").tag(echo_update=False)
    fps: float = Real(20.0, help="Frames per second, 0.1 to 120.").tag(echo_update=False)
    mode: Mode = Choice(
        get_args(Mode), "loop", help='How to play: "loop", "alternate" (forward and backward) or "once".'
    ).tag(echo_update=False)
    crossfade: bool = Flag(False, help="Whether each frame is blended into the next.").tag(echo_update=False)
    zoom: int = Whole(
        0, min=0, max=_MAX_ZOOM, help="Screen pixels per image pixel; 0 fits the image to the available space."
    ).tag(echo_update=False)
    pixelated: bool = Flag(False, help="Whether an enlarged image shows sharp pixels instead of smooth ones.").tag(
        echo_update=False
    )

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
        frames = list(frames) if isinstance(frames, Iterator) else frames
        laid_out, cells = side_by_side(frames, columns)
        self._sprites = make_sprite_frames(laid_out, quality=quality, lossless=lossless, max_bytes=max_bytes)
        notes = notes_of(frames, len(self), labels=labels, seeds=seeds, objectives=objectives)
        self._publish(
            _sprite_frames=self._sprites.meta,
            _sheets=list(self._sprites.sheets),
            _notes=notes if cells is None else {**notes, "cells": cells},
        )
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
        cell_reruns.remember(self)

    def _make_parts(self) -> None:
        self._previews: dict[tuple[float, str], str] = {}
        self._own(Exports(self, self._export_source))

    @classmethod
    def from_sheet(
        cls,
        path_or_bytes: str | os.PathLike[str] | bytes,
        *,
        columns: int | None = None,
        count: int | None = None,
        **kwargs: Any,
    ) -> SpritePlayer:
        """A player for an existing sprite sheet.

        Args:
            path_or_bytes: An image file in any format that Pillow reads, or its bytes. It is not encoded again, unless
                it is too large for a browser.
            columns: Number of frames per row; default: as in the JSON file that was saved with the sheet.
            count: Number of frames; default: as in the JSON file; with `columns`, as many square frames as fit.
            **kwargs: Arguments of `SpritePlayer` other than frames.

        Raises:
            ArgumentError: If the file is not an image, or cannot be divided in this way.
        """
        if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
            if columns is None:
                raise ArgumentError("columns is missing.", "Expected the number of frames in a row of the sheet.")
            sheet = Sheet.from_bytes(bytes(path_or_bytes), columns=columns, count=count)
        else:
            sheet = Sheet.from_path(path_or_bytes, columns=columns, count=count)
        return cls(sheet, **kwargs)

    def __len__(self) -> int:
        """Number of frames."""
        return len(self._sprites.pixels)

    def __repr__(self) -> str:
        count, height, width, _ = self._sprites.pixels.shape
        about = f" {self.title!r}:" if self.title else ":"
        pace = f"{self.fps:g} per second, {self.mode}"
        return f"<{type(self).__name__}{about} {count} frames of {width}×{height} at {pace}>"

    @property
    def frames(self) -> UInt8Array:
        """The original frames, uint8 `[n, height, width, channels]`."""
        return self._sprites.pixels

    def play(self) -> None:
        """Play. An animation that plays once starts again if it is at its end."""
        again = self.mode == "once" and self.frame == len(self) - 1
        self._change({"frame": 0, "playing": True} if again else {"playing": True})

    def pause(self) -> None:
        """Stop at the current frame."""
        self._change({"playing": False})

    def stop(self) -> None:
        """Go back to the first frame and stop there."""
        self._change({"playing": False, "frame": 0})

    def save(self, path: str | os.PathLike[str], **options: Any) -> Saved:
        """Write the animation to a file, from the original frames.

        Args:
            path: A file name that ends in `.gif`, `.webp`, `.apng`, `.mp4`, `.html`, or, for a sprite sheet, `.png`,
                `.jpg` or `.sheet.webp`.
            **options: Arguments of `export.save_animation`: `fps` and `mode` (default: the player's), `quality`,
                `lossless`, `dither`, `background`, ...

        Returns:
            A description of the file.
        """
        settings = {"fps": self.fps, "mode": self.mode, **options}
        kind = options.get("format") or format_of(os.fspath(path))
        if kind == "html" and options.keys() <= {"fps", "mode", "format"}:
            return self._save_html(path, settings["fps"], settings["mode"])
        return save_animation(self.frames, path, **settings)

    # For the base class.

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
        return {"sheet": self._sheet}

    def _sheet(self, index: int, offset: int) -> Reply:
        """A chunk of a sheet, for hosts that open widgets without the bytes in their state."""
        sheets = self._sprites.sheets
        if not 0 <= int(index) < len(sheets):
            raise ArgumentError(f"There is no sheet {index}.", f"Expected a whole number from 0 to {len(sheets) - 1}.")
        return Reply(None, [sheets[int(index)][int(offset) : int(offset) + CHUNK_BYTES]])

    def _png(self) -> bytes:
        return preview_png(self.frames)

    def _html(self) -> str:
        key = self.fps, self.mode
        if key not in self._previews:
            self._previews = {key: preview_html(self.frames, self.fps, self.mode, self.title)}
        return self._previews[key]

    # Exports.

    def _look(self) -> dict[str, Any]:
        return {"crossfade": self.crossfade, "zoom": self.zoom, "pixelated": self.pixelated}

    def _export_source(self, _: str) -> Source:
        return Source(self.frames, self.title, self._notes, self._sprites, self._look())

    def _save_html(self, path: str | os.PathLike[str], fps: float, mode: Mode) -> Saved:
        """Write a page with the player's own sheets and its notes about the frames."""
        target = expanded(path)
        data = html_page(self._sprites, fps=fps, mode=mode, title=self.title, notes=self._notes, **self._look())
        write_whole(target, data)
        count, height, width, _ = self.frames.shape
        return Saved(target, "html", len(data), count, width, height, float(fps), mode, (target,))


__all__ = ["SpritePlayer"]
