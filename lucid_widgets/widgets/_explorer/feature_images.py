"""`FeatureImages`: images of channels, groups or positions, made when a page first looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lucid_widgets.widgets._grid.cells import Cells, CellState
from lucid_widgets.widgets._grid.live_grid import LiveGrid

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase

BATCH = 6
"""Most images that are made together. Larger batches are faster per image, but the first images take longer."""

STEPS = 64
"""Updates of each image, as in `FeatureGrid`, whose images are then found in the cache."""

__all__ = ["BATCH", "STEPS", "FeatureImages"]


class FeatureImages(LiveGrid):
    """A grid of cells that makes only what a page shows, in the order in which the page names it.

    It pauses while no page is visible.
    """

    widget: LucidBase

    def answer_want(self, client: str, content: dict[str, Any]) -> None:
        super().answer_want(client, content)
        self._go_on()

    def on_message(self, content: dict[str, Any]) -> None:
        super().on_message(content)
        if content.get("type") in ("hidden", "bye") and not self.flow.watched:
            self.runner.pause()

    def make(self, units: Sequence[int]) -> None:
        """Make the images of these units, for callers without a page."""
        with self.lock:
            found = (self.cells.place_of(unit) for unit in units)
            places = [place for place in found if place is not None]
            self.cells.want([place for place in places if self.cells.states[place] != CellState.FAILED])
            self._go_on()

    def catch_up(self) -> None:
        super().catch_up()
        with self.lock:
            # A page may have asked for more after the stream had looked for the last time, but before the run was done.
            if self.runner.status == "done" and not self.widget._closed:
                self._go_on()

    def _go_on(self) -> None:
        """Start if something is missing, or continue what was paused. After an error, only `run` tries again.

        A paused run is continued even if the page shows other cells by now: it would stay paused, and `wait` with it.
        Needs the lock.
        """
        if self.runner.pausing or (self.cells.lacking and self.runner.status != "error"):
            self.run()


def no_cells() -> Cells:
    """The cells before anything is known."""
    return Cells(0, [], 1)
