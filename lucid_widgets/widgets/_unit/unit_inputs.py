"""`UnitInputs`: the inputs that the unit of a `LucidWidget` is made of, and an image of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.misc.io.serialize_array import encode_jpeg
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.runner import Runner
from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command, error_report
from lucid_widgets.widgets._grid.cells import Cells, CellState
from lucid_widgets.widgets._unit.strongest import StrongestInputs, strongest_inputs
from lucid_widgets.widgets._unit.unit_follower import UnitFollower
from lucid_widgets.widgets._workbench.model_run import ModelRun

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget

IMAGES_SECONDS = 0.4
"""Shortest time between two publications of images that are being made."""

_MOST_PIXELS = 96
_QUALITY = 86
_NO_IMAGES: dict[str, Any] = {"_inputs_images": {}, "_inputs_sheet": b""}


@dataclass(frozen=True)
class _Question:
    """A unit, and the earlier layer that the user chose."""

    model: Model
    layer: str
    channel: int
    wanted: str


class UnitInputs(UnitFollower):
    """Finds the inputs of the unit, while the page shows them.

    The weights come first. Then the images are made, in turns with the run of the widget, and shared with those of
    `FeatureGrid` and `ImageExplorer` through the cache.

    Args:
        widget: The owner. It needs `InputTraits`.
        live: Its run.
        run: Makes the frames of the run.
    """

    def __init__(self, widget: LucidWidget, *, live: LiveRun, run: ModelRun) -> None:
        super().__init__(widget, live, run, ["layer", "channel", "show_inputs", "inputs_from", "model_name"])
        self._cache = ImageCache()
        self._cells: Cells | None = None
        self._drawn_at = float("-inf")
        self._images = Runner(weakly(self._made_some), weakly(self._draw))

    def commands(self) -> Mapping[str, Command]:
        return {"open_input": self._open, "retry_inputs": self._retry}

    def close(self) -> None:
        super().close()
        self._images.close()

    def _open(self, layer: str, channel: int) -> None:
        """Show another unit on the canvas, with a new run. The run so far is kept with the others."""
        with self.lock:
            self.widget._change({"layer": layer, "channel": channel, "inputs_from": ""}, start=False)
            self._live.reset()
            self._live.run()

    # Needs the lock, which observers hold.

    def _follow(self) -> None:
        widget = self.widget
        if widget._closed or self._live.flow.out_of_sight:
            return
        if not widget.show_inputs:
            return self._end()
        if widget.channel < 0:
            self._end()
            return widget._publish(_inputs={"state": "no unit"}, **_NO_IMAGES)
        question = _Question(self._run.network.model, widget.layer, widget.channel, widget.inputs_from)
        if question == self._question:
            return
        self._end()
        if widget._inputs.get("state") != "ready":
            widget._publish(_inputs={"state": "waiting"}, **_NO_IMAGES)
        self._ask(question)

    def _end(self) -> None:
        self._question = self._cells = None
        self._runner.stop()
        self._images.stop()

    def _show_error(self, report: dict[str, Any]) -> None:
        self.widget._publish(_inputs=report, **_NO_IMAGES)

    # On the worker, without the lock.

    def _answer(self, question: _Question) -> None:
        found = strongest_inputs(question.model, question.layer, question.channel, question.wanted)
        with self.lock:
            if question is self._question and not self.widget._closed:
                self._show(found)

    def _show(self, found: StrongestInputs) -> None:
        """Publish the weights and begin with the images. Needs the lock."""
        features = found.features
        if features is None:
            return self.widget._publish(_inputs=found.about, **_NO_IMAGES)
        self._cells = cells = Cells(0, found.channels, features.size)
        self.widget._publish(_inputs=found.about, **_NO_IMAGES)
        cache = self._cache
        self._images.start(lambda: features.frames(cells, cache))

    def _made_some(self, _: Frame) -> None:
        if self._live.flow.is_time(IMAGES_SECONDS, self._drawn_at):
            self._draw()

    def _draw(self) -> None:
        """Publish the images, and whether they are finished."""
        with self.lock:
            cells, moving, error = self._cells, self._images.in_motion, self._images.exception
            about = {"layer": self.widget._inputs.get("from", ""), "state": "making" if moving else "ready"}
        if cells is None:
            return
        described = cells.described(range(len(cells)))
        states = [CellState(int(state)).name.lower() for state in cells.states]
        about |= {"states": states, "failures": described["failures"]}
        if error is not None:
            about |= {"state": "failed", **error_report(error)}
        sheet = _sheet(cells)  # takes long, so without the lock
        with self.lock:
            if cells is self._cells and not self.widget._closed:
                self.widget._publish(_inputs_images=about, _inputs_sheet=sheet)
                self._drawn_at = self._live.clock()


def _sheet(cells: Cells) -> bytes:
    """The images side by side. Their width is a multiple of 8, so that no JPEG block holds parts of two of them."""
    size = max(8, min(cells.size, _MOST_PIXELS) // 8 * 8)
    images = (Image.fromarray(image) for image in cells.images)
    small = [np.asarray(image.resize((size, size), Image.Resampling.LANCZOS)) for image in images]
    return encode_jpeg(np.concatenate(small, 1), _QUALITY)


__all__ = ["IMAGES_SECONDS", "UnitInputs"]
