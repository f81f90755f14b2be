"""`LiveRun`: a run and its newest image, shown on the pages that watch it.

State travels in traits. Images travel in messages that the pages ask for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lucid_widgets.errors import whole_number
from lucid_widgets.frames import Frame
from lucid_widgets.misc.outside.records import is_whole
from lucid_widgets.recording import Recording
from lucid_widgets.runner import IN_MOTION, Frames, Status, crowding
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._canvas.filmstrip import Filmstrip
from lucid_widgets.widgets._core.background import NUMBERS_SECONDS, BackgroundRun
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._core.flow_control import FlowControl
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._core.still_images import no_image_yet

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

STATE_SECONDS = 2.0
"""Shortest time between two publications of a moving run's image in the widget's state."""


class FrameSource(Protocol):
    """Where the frames of a `LiveRun` come from."""

    def begin(self, recording: Recording) -> Frames:
        """The stream of a new run. It may add frames to the recording itself. Called with the lock held."""

    def last_step(self) -> int:
        """The step at which the run will end; 0 if unknown."""

    def take(self, frame: Frame) -> None:
        """Called on the worker with each frame of the current run."""

    def give_up(self) -> None:
        """Called with the lock held before the current run's image is forgotten."""

    def made_by(self) -> dict[str, Any]:
        """Description, for the page, of the run that made the newest frame. Called with the lock held."""


class RestedRun(Protocol):
    """A finished, paused or stopped run, with everything needed to show it again."""

    @property
    def frame(self) -> Frame: ...

    @property
    def recorded(self) -> Sequence[Frame]:
        """The frames for the filmstrip."""

    @property
    def progress(self) -> Progress: ...

    @property
    def done(self) -> bool:
        """Whether it reached its last step."""


class LiveRun(BackgroundRun):
    """Runs a stream of frames and publishes the newest one.

    Args:
        widget: The owner. It needs the traits that `_publish_numbers` and `_publish_image` set.
        record_every: Steps between the frames that are kept; 0 keeps none.

    Attributes:
        source: Where the frames come from. The widget sets it in its `__init__`.
        on_reset: Functions that are called when the image was forgotten. The lock is held.
    """

    source: FrameSource

    def __init__(self, widget: LucidBase, record_every: int) -> None:
        super().__init__(widget, FlowControl(push=not widget._only_answers))
        # After a restart of the kernel, ids must be greater than those that surviving pages have seen.
        self._newest_id = int(time.time() * 1000)
        self._published_id = 0
        self._published_at = float("-inf")
        self._record_every = record_every
        self.on_reset: list[Callable[[], object]] = []
        self._forget(Recording(record_every))

    def commands(self) -> Mapping[str, Command]:
        return {
            "run": self.run,
            "pause": self.runner.pause,
            "resume": self.resume,
            "step": self.step,
            "stop": self.runner.stop,
            "reset": self.reset,
        }

    def close(self) -> None:
        super().close()
        with self.lock:
            self._forget(Recording(0))

    # Commands of the user, in addition to those of `BackgroundRun`.

    def step(self, n: int = 1) -> None:
        """Make exactly `n` more updates, then pause."""
        n = whole_number("n", n, 1)
        with self.lock:
            self.widget._refuse_if_closed()
            if self.runner.in_motion or self.can_go_on():
                self.flow.forgive()
                self.runner.step(n)
            else:
                self.start(steps=n)

    def reset(self) -> None:
        """End the run and forget its image."""
        with self.lock:
            self.widget._refuse_if_closed()
            self.source.give_up()
            self.runner.clear()
            self._forget(Recording(self._record_every))
            with self.widget.hold_sync():
                self.widget._publish(_frame_bytes=b"", _frame_meta={}, _filmstrip={}, _filmstrip_sheet=b"")
                self.publish_status(self.runner.status)
                for call in self.on_reset:
                    call()

    @property
    def frame(self) -> Frame | None:
        """The newest frame of the run; while there is no run, what `preview` shows."""
        return self.runner.frame or self._taken

    @property
    def recorded(self) -> tuple[Frame, ...]:
        """The frames that were kept so far, and the newest one."""
        return self._recording.frames

    def record_every(self, steps: int) -> None:
        """Set the number of steps between kept frames, from now on."""
        self._record_every = self._recording.every = steps

    def newest(self) -> Frame:
        """The newest frame.

        Raises:
            ArgumentError: If there is none.
        """
        frame = self.frame
        if frame is None:
            raise no_image_yet(moving=self.is_moving())
        return frame

    # How a run begins.

    def waiting_for(self) -> tuple[int, int, str]:
        objective = self.progress.objective
        return self.progress.step, self.source.last_step(), "" if objective is None else f"objective {objective:.4g}"

    def can_go_on(self) -> bool:
        return self.runner.pausing or (self.runner.resumable and self.source.last_step() > self.progress.step)

    def start(self, *, steps: int | None = None) -> None:
        """Start a run from its beginning, and pause after `steps` updates unless that is None. Needs the lock."""
        self.source.give_up()
        # A new recording for each run: the stream of a run that was overtaken may still add frames to its own.
        recording = Recording(self._record_every)
        frames = self.source.begin(recording)
        self._forget(recording)
        self.flow.forgive()
        self.runner.start(frames, steps=steps)
        with self.widget.hold_sync():
            # The image stays until there is another one. The filmstrip belongs to the previous run.
            self.widget._publish(_filmstrip={}, _filmstrip_sheet=b"")
            self.publish_status(self.runner.status)

    def _forget(self, recording: Recording) -> None:
        self.progress = Progress(self.clock)
        self._recording = recording
        self._filmstrip = Filmstrip()
        self._encoded: EncodedFrame | None = None
        self._taken: Frame | None = None
        self._finished: Frame | None = None

    def preview(self, frame: Frame | None, made_by: Mapping[str, Any]) -> None:
        """Show an image that no run has made, until there is a run. Needs the lock.

        Args:
            frame: The image; None to show none.
            made_by: Its description for the page.
        """
        if frame is None and self._encoded is None:
            return
        self._forget(Recording(self._record_every))
        data, meta = b"", dict[str, Any]()
        if frame is not None:
            self._newest_id += 1
            self._encoded = EncodedFrame(self._newest_id, frame, lossless=True, made_by=made_by)
            self._taken = self._finished = frame
            self._published_id = self._newest_id
            data, meta = self._encoded.encoded(), self._encoded.meta
        self.widget._publish(_frame_bytes=data, _frame_meta=meta)

    def restore(self, begin: Callable[[Recording], Frames], rested: RestedRun) -> None:
        """Show a run that came to rest earlier, with its curve and its filmstrip. Needs the lock.

        Args:
            begin: Returns the stream with which the run continues.
            rested: The run.
        """
        recording = Recording(self._record_every)
        for frame in (*rested.recorded, rested.frame):
            recording.add(frame)
        frames = begin(recording)
        self._forget(recording)
        self.progress = rested.progress.copy()
        self._taken, self._finished = rested.frame, rested.frame
        self._encoded = self._encode(rested.frame, lossless=True)
        self.flow.forgive()
        self.runner.rest(frames, rested.frame, done=rested.done)
        self.publish_status(self.runner.status)
        self.settle_soon()

    # Callbacks of the runner.

    def keep(self, frame: Frame) -> None:
        with self.lock:
            if self.runner.frame is not frame:
                return  # another run has started since
            self._recording.add(frame)
            self.source.take(frame)

    def catch_up(self) -> None:
        with self.lock:
            if self.widget._closed:
                return
            status, frame = self.runner.status, self.runner.frame
            moving = status in IN_MOTION
            changed = status != self._published_status
            fresh = frame is not None and frame is not self._taken
            if frame is not None and fresh:
                self._take(frame)
            if changed:
                self.publish_status(status)
            elif fresh and self.flow.is_time(NUMBERS_SECONDS * crowding(), self._numbers_at):
                self._publish_numbers(status)
            encoded = self._encoded
            news = encoded is not None and fresh and moving
            send = news and encoded is not None and self.flow.publish(encoded.id, moving=True)
            store = news and self.flow.is_time(STATE_SECONDS * crowding(), self._published_at)
            abandoned = fresh and self.flow.abandoned
        if encoded is not None and (send or store):
            self._publish_image(encoded, send=send, store=store)
        if not moving and (fresh or changed):
            self.settle_soon()
        if abandoned:
            self.runner.stop()

    def settle(self) -> None:
        """Publish the image of a run at rest again, lossless."""
        with self.lock:
            encoded = self._encoded
            if self.widget._closed or encoded is None or self.runner.in_motion:
                return
            send = False
            if encoded.frame is not self._finished:
                self._finished = encoded.frame
                encoded = self._encoded = self._encode(encoded.frame, lossless=True)
                send = self.flow.publish(encoded.id, moving=False)
            elif self._published_id == encoded.id:
                return
        # If another thread is encoding it already, this waits for that thread to finish.
        self._publish_image(encoded, send=send, store=True)

    def answer_want(self, client: str, content: dict[str, Any]) -> None:
        encoded = self._encoded
        newest = 0 if encoded is None else encoded.id
        seen = content["seen"] if is_whole(content.get("seen")) else 0
        if self.flow.want(client, seen, newest, moving=self.runner.in_motion) and encoded is not None:
            self._send(encoded)
        elif not self.flow.push:
            self.widget.send({"type": "none", "id": newest, "status": self._published_status})

    def _take(self, frame: Frame) -> None:
        self._taken = frame
        self.progress.add(frame)
        self._encoded = self._encode(frame, lossless=False)

    def _encode(self, frame: Frame, *, lossless: bool) -> EncodedFrame:
        self._newest_id += 1
        return EncodedFrame(self._newest_id, frame, lossless=lossless, made_by=self.source.made_by())

    # Messages to the page.

    def publish_last_step(self) -> None:
        """Publish the step at which the run will end."""
        self.widget._publish(total_steps=self.source.last_step())

    def _publish_numbers(self, status: Status) -> None:
        """Publish everything but images, in one message. Needs the lock."""
        progress, last_step = self.progress, self.source.last_step()
        self.widget._publish(
            status=status,
            total_steps=last_step,
            current_step=progress.step,
            objective_value=progress.objective,
            rate=progress.rate,
            remaining=progress.remaining(last_step) if status in IN_MOTION else None,
            history=progress.history.points,
        )
        self._published_status = status
        self._numbers_at = self.clock()

    def _publish_image(self, encoded: EncodedFrame, *, send: bool, store: bool) -> None:
        filmstrip = self._filmstrip
        data = encoded.encoded()  # takes long, so without the lock
        strip, sheet = filmstrip.strip(self._recording.frames) if store else ({}, b"")
        with self.lock:
            if self.widget._closed or self._encoded is not encoded:
                return  # a newer image is on its way, or the run was reset
            if store:
                self.widget._publish(
                    _frame_bytes=data, _frame_meta=encoded.meta, _filmstrip=strip, _filmstrip_sheet=sheet
                )
                self._published_id, self._published_at = encoded.id, self.clock()
            if send:
                self._send(encoded)

    def _send(self, encoded: EncodedFrame) -> None:
        self.widget.send({"type": "frame", "status": self._published_status, **encoded.meta}, [encoded.encoded()])

    def png(self) -> bytes | None:
        """The newest image as a PNG; None if there is none that can be shown."""
        frame = self._taken
        return None if frame is None or 0 in frame.images.shape else EncodedFrame(0, frame, lossless=True).encoded()
