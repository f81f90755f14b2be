"""`FrameFiles`: the image files of a run that a page can save."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprite_frames import notes_of
from lucid_widgets.misc.outside import in_path
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.exports import Source
from lucid_widgets.widgets._core.part import Part

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class FrameFiles(Part):
    """Gives the page single frames as PNG files, and `Exports` the frames of an animation.

    Args:
        widget: The owner.
        live: The run.
        name: Returns the name that files and animations get.
    """

    def __init__(self, widget: LucidBase, live: LiveRun, name: Callable[[], str]) -> None:
        super().__init__(widget)
        self._live, self._name = live, name

    def commands(self) -> Mapping[str, Command]:
        return {"png": self._png, "recorded_frame": self._recorded_frame}

    def source(self, what: str) -> Source:
        """The newest batch of images if `what` is "batch", else the run as a time-lapse."""
        newest = self._live.newest()
        if what == "batch":
            return Source(to_frames(newest), self._name())
        frames = self._live.recorded or (newest,)
        pixels = to_frames(frames)
        return Source(pixels, self._name(), notes_of(frames, len(pixels)))

    def _png(self) -> Reply:
        """The newest frame."""
        frame = self._live.newest()
        encoded = EncodedFrame(0, frame, lossless=True)
        name = f"{in_path(self._name(), 'image')}-{frame.step}.png"
        size = {"width": encoded.meta["width"], "height": encoded.meta["height"]}
        return Reply({"filename": name, **size}, [encoded.encoded()])

    def _recorded_frame(self, step: int) -> Reply:
        """A kept frame in full size; the filmstrip has only small ones."""
        found = next((frame for frame in self._live.recorded if frame.step == step), None)
        if found is None:
            raise ArgumentError(f"Step {step} is no longer kept.", "Choose one of the steps in the filmstrip.")
        encoded = EncodedFrame(0, found, lossless=True)
        return Reply(encoded.meta, [encoded.encoded()])
