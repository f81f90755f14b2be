"""Which cells go to which page, and when. Pure bookkeeping, as in `_flow`: the clock is handed in.

A page says which cells it shows, and which version it has of each ("want": a credit). What is newer answers, a bounded
number at a time; so a page that has scrolled, was reloaded or missed a message needs nothing remembered about it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from lucid_widgets.widgets._core.flow_control import FRAME_SECONDS, RESEND_SECONDS, FlowControl
from lucid_widgets.widgets._grid.cells import Cells

MOST_ASKED = 1024
"""Cells that a page may ask for at once; no screen shows more."""


class CellFlow(FlowControl):
    """Keeps the accounts of all pages that show one grid."""

    def __init__(self, *, push: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(push=push, clock=clock)
        self._have: dict[str, dict[int, int]] = {}

    def ask(self, client: str, have: Mapping[int, int]) -> None:
        """A page asks for what is newer than the versions that it has of the cells that it shows."""
        state = self._hear(client)
        state.wants, state.hidden = True, False
        self._have[client] = dict(have)
        for gone in self._have.keys() - self._clients.keys():
            del self._have[gone]

    def due(self, cells: Cells, *, moving: bool) -> list[int]:
        """The places that are to be sent now, in the order in which the pages named them."""
        now = self._clock()
        places: dict[int, None] = {}
        for client, state in self._clients.items():
            patient = state.wants and (not moving or now - state.sent_at >= FRAME_SECONDS)
            # Its word may wait behind a cell that runs; what was sent is taken for received.
            unheard = not state.wants and not state.hidden and now - state.sent_at >= RESEND_SECONDS
            if patient or (self.push and unheard and self._is_there(state, now)):
                places |= dict.fromkeys(cells.news(self._have.get(client, {})))
        return list(places)

    def sent(self, cells: Cells, places: Iterable[int]) -> None:
        """These places went out, as they are now."""
        now = self._clock()
        versions = {place: int(cells.versions[place]) for place in places}
        for client, state in self._clients.items():
            have = self._have.get(client, {})
            if have.keys() & versions.keys():
                have |= {place: version for place, version in versions.items() if place in have}
                state.wants, state.sent_at = False, now

    def forget(self) -> None:
        """There are other cells now: nobody has any of them, until a page says so."""
        self._have.clear()


def asked(content: Mapping[str, object], cells: Cells) -> dict[int, int]:
    """The cells that a message asks for, and the versions that its page has; empty if it means other cells."""
    if content.get("board") != cells.id:
        return {}
    places, versions = content.get("places"), content.get("versions")
    if not isinstance(places, list) or not isinstance(versions, list):
        return {}
    pairs = zip(places[:MOST_ASKED], versions, strict=False)
    return {int(place): int(version) for place, version in pairs if 0 <= int(place) < len(cells)}
