"""`OptimizationCanvas`: watches any stream of frames take shape, and steers it. Knows no TensorFlow."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.export.sprite_frames import notes_of
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.saving import save
from lucid_widgets.runner import Frames
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import Command, Reply
from lucid_widgets.widgets._core.exports import Source
from lucid_widgets.widgets.sprite_player import SpritePlayer


class OptimizationCanvas(LiveRun):
    """Shows a stream of frames as it is made, in the background, while the notebook stays free.

    Run, pause, resume, step, stop and reset are buttons on the page and methods here; both return at once. A
    run also ends when the kernel is interrupted, when the cell that made the widget is run again, with
    `close()`, and two seconds after the last view of it was removed (a hidden, reloaded or vanished page does
    not count).

    Args:
        frames: An iterable of `Frame`s, or a function without arguments that returns one, called in the
            background for each run. What can be iterated over only once can be run only once.
        title: A heading.
        pixelated: Shows whole pixels where the picture is enlarged, instead of smoothing.
        record_every: Steps between the frames that are kept for the filmstrip and for `timelapse`; 0 keeps none. The
            frames take at most 128 MiB: when they would need more, every second one is dropped and the interval
            doubles.
        **kwargs: What all widgets take, such as `layout`.

    Raises:
        ArgumentError: If `frames` is no stream.

    Example:
        >>> canvas = OptimizationCanvas(iter_vis(model, "mixed4a:152"), title="A tiger's coat")
        >>> canvas.run()
        >>> canvas
    """

    _bundle: ClassVar[str] = "optimization_canvas"
    _editable: ClassVar[tuple[str, ...]] = ("pixelated", "record_every")

    def __init__(
        self, frames: Frames, *, title: str = "", pixelated: bool = False, record_every: int = 8, **kwargs: Any
    ) -> None:
        if not hasattr(frames, "__iter__") and not callable(frames):
            raise ArgumentError(
                f"{frames!r} is not a stream of frames.",
                "Expected an iterable of Frames, or a function without arguments that returns one.",
            )
        self._frames = frames
        self._used_up = False
        self.set_trait("total_steps", self._steps_to_make())
        self._change({"title": title, "pixelated": pixelated, "record_every": record_every})
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    def close(self) -> None:
        """Removes the widget from the page, and ends its run and what it exports."""
        self._exports.close()
        super().close()

    def __repr__(self) -> str:
        about = f", {self.title!r}" if self.title else ""
        return f"<{type(self).__name__}{about}: {self.status}, step {self.current_step} of {self.total_steps or '?'}>"

    # What a person can do.

    def run(self) -> None:
        """Runs in the background, and returns at once.

        Goes on after a pause, and after the end if there are more steps to make by now; otherwise starts
        over, with the same seed. While a run is on its way to its end this does nothing, however often it is called.
        """
        super().run()

    def step(self, n: int = 1) -> None:
        """Lets `n` more frames arrive, then pauses. The first frame of a stream is the initial image.

        Args:
            n: At least 1.
        """
        n = whole_number("n", n, 1)
        with self._lock:
            if self._runner.in_motion or self._can_go_on():
                self._flow.forgive()
                self._runner.step(n)
            else:
                self._start(steps=n)

    def stop(self) -> None:
        """Ends the run; the picture stays. `run()` starts over then."""
        super().stop()

    def reset(self) -> None:
        """Ends the run and forgets the picture."""
        with self._lock:
            self._runner.clear()
            self._forget()
            self._publish_nothing()

    @property
    def image(self) -> FloatArray | None:
        """The newest images, `[batch, height, width, channels]` in [0, 1], read-only; None before the first."""
        frame = self._runner.frame
        return None if frame is None else frame.images

    @property
    def recorded(self) -> tuple[Frame, ...]:
        """The moments of the run that were kept, and last the newest: what `export.save_animation` takes."""
        return self._recording.frames

    def timelapse(self, **options: Any) -> SpritePlayer:
        """The run so far as an animation that can be played, scrubbed through and saved.

        Args:
            **options: What `SpritePlayer` takes besides frames, such as `fps` (12 unless given) and `mode`.

        Raises:
            ArgumentError: If there is no picture yet.

        Example:
            >>> w.timelapse(fps=24).save("growth.mp4")
        """
        self._newest()
        return SpritePlayer(self.recorded or [self._newest()], **{"fps": 12, "title": self._file_name(), **options})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the newest picture to a file.

        Args:
            path: Ends with `.png`, `.jpg`, `.webp` (a batch is tiled), or `.npy` (the array as `image` gives
                it).

        Raises:
            ArgumentError: If there is no picture yet, or for another ending.
        """
        save(self._newest().images, path)

    # What the page can do.

    def _commands(self) -> Mapping[str, Command]:
        return {
            "run": self.run,
            "pause": self.pause,
            "resume": self.resume,
            "step": self.step,
            "stop": self.stop,
            "reset": self.reset,
            "png": self._png_file,
            "moment": self._moment,
            "set": self._set,
            **self._exports.commands(self._export_source),
        }

    def _moment(self, step: Any) -> Reply:
        """A kept moment at its full size."""
        found = next((frame for frame in self.recorded if frame.step == step), None)
        if found is None:
            raise ArgumentError(f"Step {step} is not kept any more.", "The filmstrip has those that are.")
        picture = EncodedFrame(0, found, lossless=True)
        return Reply(picture.meta, [picture.encoded()])

    def _export_source(self, what: str) -> Source:
        """The run as a time-lapse, or the images of the newest batch."""
        newest = self._newest()
        if what == "batch":
            return Source(to_frames(newest), self._file_name())
        frames = self.recorded or (newest,)
        pixels = to_frames(frames)
        return Source(pixels, self._file_name(), notes_of(frames, len(pixels)))

    def _png_file(self) -> Reply:
        frame = self._newest()
        picture = EncodedFrame(0, frame, lossless=True)
        words = re.findall(r"[\w.-]+", self._file_name())
        name = f"{'-'.join(words)[:80] or 'image'}-{frame.step}.png"
        size = {"width": picture.meta["width"], "height": picture.meta["height"]}
        return Reply({"filename": name, **size}, [picture.encoded()])

    def _file_name(self) -> str:
        return self.title

    # How a run begins.

    def _start(self, *, steps: int | None = None) -> None:
        """Starts a run from its beginning. Needs the lock."""
        frames = self._frames_for_run()
        self._forget()
        self._flow.forgive()
        self._runner.start(frames, steps=steps)
        self._publish_numbers(self._runner.status)

    def _frames_for_run(self) -> Frames:
        if self._used_up:
            raise ArgumentError(
                "These frames can be run only once, and were.",
                "Give a function that returns new ones, such as lambda: iter_vis(...).",
            )
        self._used_up = hasattr(self._frames, "__iter__") and iter(self._frames) is self._frames
        return self._frames

    def _can_go_on(self) -> bool:
        runner = self._runner
        return runner.pausing or (runner.resumable and self._steps_to_make() > self._progress.step)

    def _steps_to_make(self) -> int:
        stream = self._runner.stream
        return _steps_of(self._frames if stream is None else stream) or self.total_steps

    def _newest(self) -> Frame:
        frame = self._runner.frame
        if frame is None:
            raise ArgumentError("There is no picture yet.", "Run first.")
        return frame


def _steps_of(frames: Any) -> int:
    """The step at which a stream will end; 0 if it does not say."""
    if hasattr(frames, "steps"):
        return int(frames.steps)
    last = frames[-1] if isinstance(frames, Sequence) and len(frames) > 0 else None
    return last.step if isinstance(last, Frame) else 0
