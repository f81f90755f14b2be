"""A grid that fills in the background, kept in step with the pages that show it: what `_live` is for one picture.

State travels in traits, pictures as messages that the pages ask for, naming the cells that they show.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar

from lucid_widgets.runner import IN_MOTION, Status
from lucid_widgets.widgets._core.background import NUMBERS_SECONDS, Background
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._core.traits import Data, Record, Records, Whole
from lucid_widgets.widgets._grid.cell_flow import CellFlow, asked
from lucid_widgets.widgets._grid.cell_sheets import batches, state_sheet
from lucid_widgets.widgets._grid.cells import Cells


class LiveGrid(Background):
    """Publishes what its runner does to its cells. Subclasses start it."""

    _bundle: ClassVar[str] = ""

    made: int = Whole(0, output=True, help="Cells for which nothing is left to do.")
    units: list[int] = Records(output=True, help="The channels (or neurons) that are shown, in order.")
    board: int = Whole(
        0, output=True, help="Names the present cells: pictures of others are none of the page's business."
    )
    sheet: bytes = Data(b"", output=True, help="What is made, as one small WebP; published when the run rests.")
    sheet_meta: dict[str, Any] = Record(
        output=True, help="About `sheet`: board, places, states, values, failures, columns, and size of a cell."
    )

    _flow: CellFlow

    def _prepare(self) -> None:
        super()._prepare()
        self._flow = CellFlow(push=not self._only_answers, clock=self._clock)
        self._cells = Cells(0, [], 1)
        self._in_state: tuple[int, int] | None = None
        self._sheet_turn = threading.Lock()

    def _total_steps(self) -> int:
        """Updates that all cells together still need, or have had in this run."""
        raise NotImplementedError

    def _show_cells(self, cells: Cells) -> None:
        """Puts other cells in the place of the present ones. Needs the lock."""
        self._cells = cells
        self._progress = Progress(self._clock)
        self._flow.forget()
        self._in_state = None
        with self.hold_sync():
            self.set_trait("sheet", b"")
            self.set_trait("sheet_meta", {})
            self.set_trait("units", cells.units)
            self.set_trait("board", cells.id)
            self._publish_numbers(self._runner.status)

    def _want(self, client: str, content: dict[str, Any]) -> None:
        have = asked(content, self._cells)
        self._flow.ask(client, have)
        self._cells.want(have)
        if not self._send_news() and not self._flow.push:
            self.send({"type": "none", "status": self.status})

    def _send_news(self) -> bool:
        """Sends what the pages are waiting for. Needs the lock."""
        cells, sent = self._cells, False
        places = self._flow.due(cells, moving=self._runner.in_motion)
        for about, data in batches(cells, places) if places else ():
            self._flow.sent(cells, about["places"])
            self.send({"type": "cells", "board": cells.id, "status": self.status, **about}, [data])
            sent = True
        return sent

    # What the runner reports.

    def _catch_up(self) -> None:
        with self._lock:
            if self._closed:
                return
            status, frame = self._runner.status, self._runner.frame
            moving, changed = status in IN_MOTION, status != self.status
            if frame is not None and frame.step > self._progress.step:
                self._progress.add(frame)
            if changed:
                self._note_status(status)
            if changed or self._clock() - self._numbers_at >= NUMBERS_SECONDS:
                self._publish_numbers(status)
            if self._flow.push:
                self._send_news()
            abandoned = moving and self._flow.abandoned
        if not moving and changed:
            self._settle_on_worker()
        if abandoned:
            self._runner.stop()

    def _note_status(self, status: Status) -> None:
        if status not in IN_MOTION and status != "paused":
            self._cells.give_back()
        super()._note_status(status)

    def _publish_numbers(self, status: Status) -> None:
        """All that is not a picture, in one message. Needs the lock."""
        with self.hold_sync():
            self.set_trait("status", status)
            self.set_trait("made", self._cells.done)
            left = self._progress.remaining(self._total_steps()) if status in IN_MOTION else None
            self.set_trait("remaining", left)
        self._numbers_at = self._clock()

    def _settle(self) -> None:
        """Puts what is made into the state, once a run is at rest."""
        with self._sheet_turn:  # whoever comes second finds it there
            self._publish_newest_sheet()

    def _publish_newest_sheet(self) -> None:
        with self._lock:
            cells = self._cells
            newest = (cells.id, int(cells.versions.sum()))
            if self._closed or self._runner.in_motion or newest == self._in_state:
                return
            self._in_state = newest
        about, data = state_sheet(cells)  # takes its time, so without the lock
        with self._lock:
            if self._closed or self._cells is not cells:
                return
            with self.hold_sync():
                self.set_trait("sheet", data)
                self.set_trait("sheet_meta", about)
