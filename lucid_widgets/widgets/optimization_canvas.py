"""`OptimizationCanvas`: shows any stream of frames while it is made, and controls it. Needs no TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import traitlets

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.saving import save
from lucid_widgets.recording import Recording
from lucid_widgets.runner import Frames, Status
from lucid_widgets.widgets._canvas.frame_files import FrameFiles
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.background import error_trait, remaining_trait, status_trait
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.exports import Exports
from lucid_widgets.widgets._core.traits import Data, Flag, Real, Record, Records, Text, Whole
from lucid_widgets.widgets.sprite_player import SpritePlayer


class OptimizationCanvas(LucidBase):
    """Shows a stream of frames while it runs in the background. Other cells can run at the same time.

    Run, pause, resume, step, stop and reset are buttons on the page and methods here; all return at once. A run also
    ends when the kernel is interrupted, when the cell that made the widget runs again, when the widget is closed, and
    two seconds after its last view was removed. A hidden, reloaded or disconnected page does not end a run.

    Args:
        frames: An iterable of `Frame`s, or a function without arguments that returns one. The function is called in
            the background for each run. An iterator can be run only once.
        title: A heading.
        pixelated: Whether an enlarged image shows sharp pixels instead of smooth ones.
        record_every: Steps between the frames that are kept for the filmstrip and for `timelapse`; 0 keeps none. The
            frames take at most 128 MiB: when they would need more, every second one is dropped and the interval
            doubles.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        ArgumentError: If `frames` is not a stream.

    Example:
        >>> canvas = OptimizationCanvas(iter_vis(model, "mixed4a:152"), title="A tiger's coat")
        >>> canvas.run()
        >>> canvas
    """

    _bundle: ClassVar[str] = "optimization_canvas"
    _streams: ClassVar[bool] = True
    _editable: ClassVar[tuple[str, ...]] = ("pixelated", "record_every")

    status: Status = status_trait()
    remaining: float | None = remaining_trait()
    error: dict[str, str] = error_trait()
    current_step: int = Whole(0, output=True, help="Number of updates that made the newest image.")
    total_steps: int = Whole(0, output=True, help="Step at which the run will be done; 0 if unknown.")
    objective_value: float | None = Real(
        None, allow_none=True, output=True, help="Objective of the newest image; None if unknown or not finite."
    )
    rate: float = Real(0.0, output=True, help="Steps per second, smoothed; 0 while unknown.")
    history: list[list[float]] = Records(
        output=True, help="The objective over the run: at most 256 pairs [step, value], in the order of steps."
    )
    record_every: int = Whole(8, min=0, help="Steps between the frames that a run keeps; 0 keeps none.")
    title: str = Text("", help="A heading.")
    pixelated: bool = Flag(False, help="Whether an enlarged image shows sharp pixels instead of smooth ones.")
    _frame_bytes: bytes = Data(b"", output=True, help="The newest image as a file, lossless once the run rests.")
    _frame_meta: dict[str, Any] = Record(
        output=True,
        help="About `_frame_bytes`: id, step, objective, file type, size, and how a batch is tiled.",
    )
    _filmstrip: dict[str, Any] = Record(
        output=True, help="About `_filmstrip_sheet`: steps and objectives of its images, width and height of each."
    )
    _filmstrip_sheet: bytes = Data(b"", output=True, help="Small images of the kept frames, side by side in one file.")

    _live: LiveRun

    def __init__(
        self, frames: Frames, *, title: str = "", pixelated: bool = False, record_every: int = 8, **kwargs: Any
    ) -> None:
        self._live.source = GivenFrames(frames, self._live)
        self._open({"title": title, "pixelated": pixelated, "record_every": record_every}, kwargs)

    def _make_parts(self) -> None:
        self._live = self._own(LiveRun(self, self.record_every))
        files = self._own(FrameFiles(self, self._live, self._name))
        self._own(Exports(self, files.source))

    def _open(self, values: Mapping[str, Any], kwargs: Mapping[str, Any]) -> None:
        """End of a constructor: assign settings, then open the connection to the page."""
        self._live.publish_last_step()
        self._change(values)
        super().__init__(**kwargs)
        earlier = cell_reruns.remember(self)
        if earlier is not None:
            self._take_over(earlier)

    def _take_over(self, earlier: Any) -> None:
        """Take over state, such as kept runs, from the widget that an earlier execution of the same cell made."""

    def __repr__(self) -> str:
        about = f", {self.title!r}" if self.title else ""
        return f"<{type(self).__name__}{about}: {self.status}, step {self.current_step} of {self.total_steps or '?'}>"

    # Control.

    def run(self) -> None:
        """Run in the background, and return at once.

        Continues after a pause, and after the end if the number of steps was raised since. In any other state it
        starts over, with the same seed. While a run is moving it has no effect.
        """
        self._live.run()

    def pause(self) -> None:
        """Pause the run. The frame under way still arrives."""
        self._live.runner.pause()

    def resume(self) -> None:
        """Continue after a pause, or cancel one that is about to begin. No effect in any other state."""
        self._live.resume()

    def step(self, n: int = 1) -> None:
        """Make exactly `n` more updates, then pause.

        If there is nothing to continue, a run starts: its initial image is shown first, and is not an update. Streams
        that do not come from this package's engine are counted in frames.

        Args:
            n: Number of updates, at least 1.
        """
        self._live.step(n)

    def stop(self) -> None:
        """End the run and keep its image. `run()` then starts over."""
        self._live.runner.stop()

    def reset(self) -> None:
        """End the run and forget its image."""
        self._live.reset()

    def wait(self, timeout: float | None = None, *, verbose: bool = True) -> Status:
        """Block until the run is finished, paused or stopped. For scripts and for notebooks that run unattended.

        An interrupt ends everything that runs in the background, and `wait` then returns "stopped".

        Args:
            timeout: Seconds to wait at most; default: no limit.
            verbose: Whether a notebook or a terminal shows a progress bar after a second; default: True.

        Returns:
            The status after waiting. The widget's state is up to date, unless the time ran out.

        Raises:
            Exception: The error that ended the run, if its status is "error".
        """
        return self._live.wait(timeout, verbose)

    # Results.

    @property
    def image(self) -> FloatArray | None:
        """The newest images, `[batch, height, width, channels]` in [0, 1], read-only; None before the first."""
        frame = self._live.frame
        return None if frame is None else frame.images

    @property
    def recorded(self) -> tuple[Frame, ...]:
        """The frames that the run kept, and the newest one; `export.save_animation` accepts them."""
        return self._live.recorded

    def timelapse(self, **options: Any) -> SpritePlayer:
        """The run so far as an animation that can be played, scrubbed and saved.

        Args:
            **options: Arguments of `SpritePlayer` other than frames, such as `mode` and `fps` (default: 12).

        Raises:
            ArgumentError: If there is no image yet.

        Example:
            >>> w.timelapse(fps=24).save("growth.mp4")
        """
        newest = self._live.newest()
        return SpritePlayer(self.recorded or [newest], **{"fps": 12, "title": self._name(), **options})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the newest image to a file.

        Args:
            path: A file name that ends in `.png`, `.jpg`, `.webp` (a batch is tiled) or `.npy` (the array `image`).

        Raises:
            ArgumentError: If there is no image yet, or the file name ends differently.
        """
        save(self._live.newest().images, path)

    # Connections between the parts.

    def _name(self) -> str:
        """Name for files and animations."""
        return self.title

    @traitlets.observe("record_every")
    def _record_from_now(self, change: Any) -> None:
        self._live.record_every(change.new)

    def _on_message(self, content: dict[str, Any]) -> None:
        self._live.on_message(content)

    def _png(self) -> bytes | None:
        return self._live.png()


class GivenFrames:
    """The user's frames as the source of a `LiveRun`."""

    def __init__(self, frames: Frames, live: LiveRun) -> None:
        if not hasattr(frames, "__iter__") and not callable(frames):
            raise ArgumentError(
                f"{frames!r} is not a stream of frames.",
                "Expected an iterable of Frames, or a function without arguments that returns one.",
            )
        self._frames, self._live = frames, live
        self._used_up = False
        self._known_last_step = 0

    def begin(self, recording: Recording) -> Frames:
        """Return the frames. An iterator can be run only once."""
        if self._used_up:
            raise ArgumentError(
                "These frames were run once already, and cannot be run again.",
                "Pass a function that returns new ones, such as lambda: iter_vis(...).",
            )
        self._used_up = hasattr(self._frames, "__iter__") and iter(self._frames) is self._frames
        return self._frames

    def last_step(self) -> int:
        """The step at which the run will end; 0 if unknown. A stream that was closed is remembered."""
        stream = self._live.runner.stream
        self._known_last_step = _last_step_of(self._frames if stream is None else stream) or self._known_last_step
        return self._known_last_step

    def take(self, frame: Frame) -> None:
        """Do nothing: the user's frames have no state to record."""

    def give_up(self) -> None:
        """Do nothing: the user's frames have no run to keep."""

    def made_by(self) -> dict[str, Any]:
        """Return an empty description: nothing is known about the user's frames."""
        return {}


def _last_step_of(frames: Any) -> int:
    """The step at which a stream will end; 0 if it does not say."""
    if hasattr(frames, "steps"):
        return int(frames.steps)
    last = frames[-1] if isinstance(frames, Sequence) and len(frames) > 0 else None
    return last.step if isinstance(last, Frame) else 0


__all__ = ["OptimizationCanvas"]
