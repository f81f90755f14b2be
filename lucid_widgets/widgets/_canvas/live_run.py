"""A run and its newest picture, kept in step with the pages that show them.

State travels in traits, pictures as messages that the pages ask for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import traitlets

from lucid_widgets.frames import Frame
from lucid_widgets.recording import Recording
from lucid_widgets.runner import IN_MOTION, Status
from lucid_widgets.widgets._canvas.encoded_frame import EncodedFrame
from lucid_widgets.widgets._canvas.filmstrip import Filmstrip
from lucid_widgets.widgets._core.background import NUMBERS_SECONDS, Background
from lucid_widgets.widgets._core.exports import Exports
from lucid_widgets.widgets._core.flow_control import FlowControl
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._core.traits import Data, Flag, Real, Record, Records, Text, Whole

STATE_SECONDS = 2.0
"""While a run moves, its picture goes into the widget's state no more often than this."""


class LiveRun(Background):
    """Publishes what its runner does. Subclasses start it."""

    _wire_names: ClassVar[Mapping[str, str]] = {"current_step": "step"}

    current_step: int = Whole(0, output=True, help="Updates that made the newest picture. The page calls it `step`.")
    total_steps: int = Whole(0, output=True, help="Steps at which the run will be done; 0 if that is not known.")
    objective_value: float | None = Real(
        None, allow_none=True, output=True, help="The objective of the newest picture, if it has one."
    )
    rate: float = Real(0.0, output=True, help="Steps a second, smoothed; 0 while unknown.")
    history: list[list[float]] = Records(
        output=True, help="The objective over the run: at most 256 pairs [step, value], by step."
    )
    frame: bytes = Data(b"", output=True, help="The newest picture as an image file, lossless once the run rests.")
    frame_meta: dict[str, Any] = Record(
        output=True, help="About `frame`: id, step, objective, mime, width, height, rows, columns, count, lossless."
    )
    film: dict[str, Any] = Record(
        output=True, help="About `film_sheet`: steps and objectives of its pictures, width and height of each."
    )
    film_sheet: bytes = Data(b"", output=True, help="The run so far in small: pictures side by side in one image file.")
    record_every: int = Whole(8, min=0, help="Steps between the frames that a run keeps; 0 keeps none.")
    title: str = Text("", help="A heading.")
    pixelated: bool = Flag(False, help="Show whole pixels where the picture is enlarged, instead of smoothing.")

    def _prepare(self) -> None:
        super()._prepare()
        # A kernel that was restarted must not count from lower than the pages that survived it have seen.
        self._picture_id = int(time.time() * 1000)
        self._forget()
        self._flow = FlowControl(push=not self._only_answers, clock=self._clock)
        self._state_at = float("-inf")
        self._exports = Exports()

    def _steps_to_make(self) -> int:
        """The step at which the run will be done; 0 if that is not known."""
        raise NotImplementedError

    def close(self) -> None:
        """Removes the widget from the page and ends its run."""
        super().close()
        self._forget()

    def _forget(self) -> None:
        with self._lock:
            self._progress = Progress(self._clock)
            self._picture: EncodedFrame | None = None
            self._shown: Frame | None = None
            self._finished: Frame | None = None
            self._recording = Recording(self.record_every)
            self._film = Filmstrip()

    def _want(self, client: str, content: dict[str, Any]) -> None:
        picture = self._picture
        newest = 0 if picture is None else picture.id
        if self._flow.want(client, int(content.get("seen") or 0), newest, moving=self._runner.in_motion):
            self._send_picture(picture)
        elif not self._flow.push:
            self.send({"type": "none", "id": newest, "status": self.status})

    @traitlets.observe("record_every")
    def _record_from_now(self, change: Any) -> None:
        self._recording.every = change.new

    # What the runner reports.

    def _keep(self, frame: Frame) -> None:
        """Every frame comes by here; those that were overtaken by another run are none of this one's."""
        with self._lock:
            if self._runner.frame is frame:
                self._recording.add(frame)

    def _catch_up(self) -> None:
        with self._lock:
            if self._closed:
                return
            status, frame = self._runner.status, self._runner.frame
            moving = status in IN_MOTION
            changed = status != self.status
            fresh = frame is not None and frame is not self._shown
            if frame is not None and fresh:
                self._take(frame)
            if changed:
                self._note_status(status)
            if changed or (fresh and self._clock() - self._numbers_at >= NUMBERS_SECONDS):
                self._publish_numbers(status)
            picture = self._picture
            news = picture is not None and fresh and moving
            send = news and picture is not None and self._flow.publish(picture.id, moving=True)
            keep = news and self._clock() - self._state_at >= STATE_SECONDS
            abandoned = fresh and self._flow.abandoned
        if picture is not None and (send or keep):
            self._publish_picture(picture, send=send, keep=keep)
        if not moving and (fresh or changed):
            self._settle_on_worker()
        if abandoned:
            self._runner.stop()

    def _take(self, frame: Frame) -> None:
        self._shown = frame
        self._progress.add(frame)
        self._picture = self._new_picture(frame, lossless=False)

    def _new_picture(self, frame: Frame, *, lossless: bool) -> EncodedFrame:
        self._picture_id += 1
        return EncodedFrame(self._picture_id, frame, lossless=lossless)

    def _publish_numbers(self, status: Status) -> None:
        """All that is not a picture, in one message. Needs the lock."""
        progress = self._progress
        with self.hold_sync():
            self.set_trait("status", status)
            self.set_trait("total_steps", self._steps_to_make())
            self.set_trait("current_step", progress.step)
            self.set_trait("objective_value", progress.objective)
            self.set_trait("rate", progress.rate)
            self.set_trait("remaining", progress.remaining(self.total_steps) if status in IN_MOTION else None)
            self.set_trait("history", progress.history.points)
        self._numbers_at = self._clock()

    def _publish_nothing(self) -> None:
        """An empty canvas. Needs the lock."""
        with self.hold_sync():
            self.set_trait("frame", b"")
            self.set_trait("frame_meta", {})
            self.set_trait("film", {})
            self.set_trait("film_sheet", b"")
            self._publish_numbers(self._runner.status)

    def _publish_picture(self, picture: EncodedFrame, *, send: bool, keep: bool) -> None:
        film = self._film
        data = picture.encoded()  # takes its time, so without the lock
        strip, sheet = film.strip(self._recording.frames) if keep else ({}, b"")
        with self._lock:
            if self._closed or self._picture is not picture:
                return  # a newer one is on its way, or none is wanted any more
            if keep:
                with self.hold_sync():
                    self.set_trait("frame", data)
                    self.set_trait("frame_meta", picture.meta)
                    self.set_trait("film", strip)
                    self.set_trait("film_sheet", sheet)
                self._state_at = self._clock()
            if send:
                self._send_picture(picture)

    def _send_picture(self, picture: EncodedFrame | None) -> None:
        if picture is not None:
            self.send({"type": "frame", "status": self.status, **picture.meta}, [picture.encoded()])

    def _settle(self) -> None:
        """Publishes the picture of a run at rest once more, lossless."""
        with self._lock:
            picture = self._picture
            if self._closed or picture is None or self._runner.in_motion:
                return
            send = False
            if picture.frame is not self._finished:
                self._finished = picture.frame
                picture = self._picture = self._new_picture(picture.frame, lossless=True)
                send = self._flow.publish(picture.id, moving=False)
            elif self.frame_meta.get("id") == picture.id:
                return
        # If another thread is at it, this waits for it to be done with the encoding.
        self._publish_picture(picture, send=send, keep=True)

    def _png(self) -> bytes | None:
        frame = self._shown
        return None if frame is None or 0 in frame.images.shape else EncodedFrame(0, frame, lossless=True).encoded()
