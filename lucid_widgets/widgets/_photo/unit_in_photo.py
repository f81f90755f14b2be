"""`UnitInPhoto`: where the unit of a `LucidWidget` fires in an image of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.frames import Frame
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._core.uploads import Uploads
from lucid_widgets.widgets._evidence.own_value import OwnValue
from lucid_widgets.widgets._explorer.findings import Findings
from lucid_widgets.widgets._explorer.packing import packed
from lucid_widgets.widgets._explorer.picture import Picture, as_picture, sample_names
from lucid_widgets.widgets._unit.unit_follower import UnitFollower
from lucid_widgets.widgets._workbench.model_run import ModelRun
from lucid_widgets.widgets._workbench.start_image import StartImage

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget

_NO_UNIT: dict[str, Any] = {"photo_peak": None, "_fires_map": b"", "_fires_own": {}}


@dataclass(frozen=True, eq=False)
class _Question:
    """A unit and an image. The results for the image are kept, so that other channels of a layer need no pass."""

    findings: Findings
    layer: str
    channel: int

    def is_about(self, findings: Findings | None, layer: str, channel: int) -> bool:
        return (self.findings, self.layer, self.channel) == (findings, layer, channel)


class UnitInPhoto(UnitFollower):
    """Finds where the unit fires in the image, while the page shows it.

    A layer costs one forward pass; further channels of it cost none.

    Args:
        widget: The owner. It needs `PhotoTraits`.
        live: Its run.
        run: Makes the frames of the run.
    """

    def __init__(self, widget: LucidWidget, *, live: LiveRun, run: ModelRun) -> None:
        super().__init__(widget, live, run, ["layer", "channel", "photo", "show_photo", "model_name"])
        self._uploads = Uploads()
        self._fitted_for: Any = None
        self._photo: Picture | None = None
        self._findings: Findings | None = None
        self._own = OwnValue(live, run, weakly(self._compare))
        run.on_frame.append(self.note)
        widget._publish(_photo_samples=sample_names())

    def commands(self) -> Mapping[str, Command]:
        return {"upload_photo": self._upload, "retry_photo": self._retry}

    def settle(self) -> None:
        if self._question is not None and not self._live.runner.in_motion:
            self._compare()

    def note(self, _: Frame) -> None:
        """Compare with the newest image soon if its turn has come. Called on the worker, with the lock."""
        if self._question is not None:
            self._own.note()

    def _upload(self, name: str, upload: str, part: int, parts: int, data: str) -> None:
        """Take one chunk of an image file."""
        file = self._uploads.add(upload, part, parts, data)
        if file is not None:
            self.widget._change({"photo": StartImage.of_bytes(file, str(name)[:200])})

    # Needs the lock, which observers hold.

    def _follow(self) -> None:
        widget = self.widget
        if widget._closed or not widget.show_photo or self._live.flow.out_of_sight:
            # An answer that is on its way is not wanted any more.
            self._question = None if not widget.show_photo else self._question
            return
        if not self._fit():
            return
        layer, channel = widget.layer, widget.channel
        if channel < 0:
            self._question = None
            return widget._publish(_fires={"state": "no unit"}, **_NO_UNIT)
        if self._question is not None and self._question.is_about(self._findings, layer, channel):
            return
        assert self._findings is not None
        if widget._fires.get("state") != "ready":
            widget._publish(_fires={"state": "waiting"})
        self._ask(_Question(self._findings, layer, channel))

    def _fit(self) -> bool:
        """Make the image fit the network. Returns whether there is one, and it was the newest already."""
        widget, model = self.widget, self._run.network.model
        photo = widget.photo
        if photo is None or model is not self._fitted_for:
            self._fitted_for = model
            try:
                wanted = as_picture(model, sample_names()[0] if photo is None else photo.source or photo)
            except Exception as error:
                widget._publish(_fires={"state": "failed", **error_report(error)}, **_NO_UNIT)
                return False
            if wanted != photo:
                widget._commit({"photo": wanted})  # which calls `_follow` again
                return False
        if photo is not self._photo or self._findings is None or self._findings.model is not model:
            self._photo, self._findings = photo, Findings(model, photo.pixels)
            widget._publish(_photo_name=photo.name)
        return True

    def _show_error(self, report: dict[str, Any]) -> None:
        self.widget._publish(_fires=report, **_NO_UNIT)

    # On the worker, without the lock.

    def _answer(self, question: _Question) -> None:
        found = question.findings.activated(question.layer)
        values = found.grid[..., question.channel]
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        about, data = packed(values[..., None])
        fires = {
            "state": "ready",
            "layer": question.layer,
            "channel": question.channel,
            "places": found.places,
            "peak": [int(row), int(column)],
            "value": float(values.max()),
            "share": float((values > 0).mean()),
            **about,
        }
        with self.lock:
            if question is not self._question or self.widget._closed:
                return
            self.widget._publish(_fires=fires, _fires_map=data, photo_peak=fires["value"])
        self._compare()

    def _compare(self) -> None:
        """Publish how strongly the newest image of the run excites the unit."""
        with self.lock:
            question, model = self._question, self._run.network.model
        if question is None:
            return
        found = self._own.of(model, question.layer, question.channel)
        about = {"layer": question.layer, "channel": question.channel}
        own = {} if found is None else {**about, "value": found[0], "step": found[1]}
        with self.lock:
            if question is self._question and not self.widget._closed:
                self.widget._publish(_fires_own=own)


__all__ = ["UnitInPhoto"]
