"""`LiveGrid`: a grid of cells that fills in the background, shown on the pages that watch it.

It does for a grid what `LiveRun` does for one image. State travels in traits. Images travel in messages; the pages ask
for them and name the cells that they show.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.frames import Frame
from lucid_widgets.runner import IN_MOTION, Status, crowding
from lucid_widgets.widgets._core.background import NUMBERS_SECONDS, BackgroundRun
from lucid_widgets.widgets._core.commands import Command
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._grid.cell_flow import CellFlow, asked
from lucid_widgets.widgets._grid.cell_sheets import batches, state_sheet
from lucid_widgets.widgets._grid.cells import Cells

LONG_SECONDS = 60.0
"""Longest work that a grid begins by itself. It asks before more, once the first batch shows how long that takes."""

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class LiveGrid(BackgroundRun):
    """Runs the frames that fill the cells, and publishes the cells.

    Args:
        widget: The owner. It needs the traits that `show`, `_publish_numbers` and `_publish_sheet` set.
        begin: Returns the stream that fills the given cells. Called on the worker, without the lock.
        steps: Returns the number of updates of one cell.
    """

    flow: CellFlow

    def __init__(
        self,
        widget: LucidBase,
        begin: Callable[[Cells], Iterable[Frame]],
        steps: Callable[[], int],
    ) -> None:
        super().__init__(widget, CellFlow(push=not widget._only_answers))
        self.cells = Cells(0, [], 1)
        self._begin, self._steps = begin, steps
        # Updates that all cells together needed when the run began.
        self._total_steps = 0
        # Whether the run may have to ask before it goes on, and the number of cells that were done when it began.
        self._may_ask = False
        self._done_before = 0
        self._published_version: tuple[int, int] | None = None
        self._sheet_lock = threading.Lock()

    def commands(self) -> Mapping[str, Command]:
        return {"run": self.run, "pause": self.runner.pause, "resume": self.resume, "stop": self.runner.stop}

    def run(self) -> None:
        """Make all cells, however long it takes. Returns at once."""
        self._begin_run(may_ask=False)

    def run_if_short(self) -> None:
        """Make the first batch, and go on if the others take less than a minute; else ask. Returns at once."""
        self._begin_run(may_ask=True)

    def _begin_run(self, *, may_ask: bool) -> None:
        with self.lock:
            self.widget._refuse_if_closed()
            self._may_ask = may_ask
            self.widget._publish(_estimate={})
            super().run()

    def wait(self, timeout: float | None = None, verbose: bool = True) -> Status:
        with self.lock:
            self._may_ask = False  # a caller who waits wants all images
            if self.widget._estimate:
                self.run()
        return super().wait(timeout, verbose)

    def show(self, cells: Cells) -> None:
        """Replace the cells, and continue if a run has begun already. Needs the lock."""
        has_begun = self.runner.status != "idle"
        self.replace(cells, units=cells.units)
        if has_begun:
            self.run_if_short()

    def replace(self, cells: Cells, **more: Any) -> None:
        """Replace the cells, end the run, and publish `more` in the same message. Needs the lock."""
        self.runner.clear()
        self.cells = cells
        self.progress = Progress(self.clock)
        self.flow.forget()
        self._total_steps = 0
        self._published_version = None
        with self.widget.hold_sync():
            self.widget._publish(_sheet=b"", _sheet_meta={}, _board=cells.id, error={}, _estimate={}, **more)
            self.publish_status(self.runner.status)

    def publish_filled(self, status: Status) -> None:
        """Publish cells that were filled without a run. Needs the lock."""
        self._publish_numbers(status)
        if self.flow.push:
            self._send_news()

    def waiting_for(self) -> tuple[int, int, str]:
        done, total = int(np.count_nonzero(self.cells.finished)), len(self.cells)
        return self.progress.step, self._total_steps, f"{done} of {total} images"

    # Phases of a run.

    def start(self) -> None:
        self.flow.forgive()
        self.runner.start(self._make_frames)
        self.publish_status(self.runner.status)

    def _make_frames(self) -> Iterable[Frame]:
        with self.lock:
            cells = self.cells
        frames = self._begin(cells)
        with self.lock:
            if self.cells is cells:
                self._done_before = cells.done
                self._total_steps = self._steps() * (len(cells) - int(np.count_nonzero(cells.finished)))
        return frames

    # Callbacks of the runner.

    def catch_up(self) -> None:
        with self.lock:
            if self.widget._closed:
                return
            status, frame = self.runner.status, self.runner.frame
            moving, changed = status in IN_MOTION, status != self._published_status
            if frame is not None and frame.step > self.progress.step:
                self.progress.add(frame)
            if changed:
                self.publish_status(status)
            elif self.flow.is_time(NUMBERS_SECONDS * crowding(), self._numbers_at):
                self._publish_numbers(status)
            if self.flow.push:
                self._send_news()
            abandoned = moving and self.flow.abandoned
            asks = moving and self._asks()
        if not moving and changed:
            self.settle_soon()
        if abandoned:
            self.runner.stop()
        elif asks:
            self.runner.pause()

    def _asks(self) -> bool:
        """Whether to pause and ask, which is decided once the first batch is made. Needs the lock."""
        left = self.progress.remaining(self._total_steps)
        if not self._may_ask or left is None or self.cells.done == self._done_before:
            return False
        self._may_ask = False
        if left <= LONG_SECONDS:
            return False
        self.widget._publish(_estimate={"images": len(self.cells) - self.cells.done, "seconds": round(left)})
        return True

    def note_status(self, status: Status) -> None:
        if status not in IN_MOTION and status != "paused":
            self.cells.give_back()
            self.widget._publish(_estimate={})
        super().note_status(status)

    def settle(self) -> None:
        """Put the finished cells into the widget's state."""
        with self._sheet_lock:  # a second thread waits, and then finds the sheet published
            self._publish_sheet()

    # Messages to the page.

    def answer_want(self, client: str, content: dict[str, Any]) -> None:
        have = asked(content, self.cells)
        self.flow.ask(client, have)
        self.cells.want(have)
        if not self._send_news() and not self.flow.push:
            self.widget.send({"type": "none", "status": self._published_status})

    def _send_news(self) -> bool:
        """Send what the pages are waiting for. Needs the lock."""
        cells, sent = self.cells, False
        places = self.flow.due(cells, moving=self.runner.in_motion)
        for about, data in batches(cells, places) if places else ():
            self.flow.sent(cells, about["places"])
            self.widget.send({"type": "cells", "board": cells.id, "status": self._published_status, **about}, [data])
            sent = True
        return sent

    def _publish_numbers(self, status: Status) -> None:
        """Publish everything but images, in one message. Needs the lock."""
        left = self.progress.remaining(self._total_steps) if status in IN_MOTION else None
        self.widget._publish(status=status, made=self.cells.done, remaining=left)
        self._published_status = status
        self._numbers_at = self.clock()

    def _publish_sheet(self) -> None:
        with self.lock:
            cells = self.cells
            version = (cells.id, int(cells.versions.sum()))
            if self.widget._closed or self.runner.in_motion or version == self._published_version:
                return
            self._published_version = version
        about, data = state_sheet(cells)  # takes long, so without the lock
        with self.lock:
            if not self.widget._closed and self.cells is cells:
                self.widget._publish(_sheet=data, _sheet_meta=about)
