"""Decides which page gets which cells, and when. Bookkeeping only, like `flow_control`.

A page names the cells that it shows, and the version that it has of each. The answer contains the cells that are newer,
at most a fixed number at a time. So Python need not remember what a page has: it may have scrolled, been reloaded, or
missed a message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from lucid_widgets.misc.outside.records import is_whole
from lucid_widgets.widgets._core.flow_control import FRAME_SECONDS, RESEND_SECONDS, FlowControl
from lucid_widgets.widgets._grid.cells import Cells

MAX_ASKED = 1024
"""Number of cells that a page may ask for at once. No screen shows more."""


class CellFlow(FlowControl):
    """Keeps account of all pages that show one grid."""

    def __init__(self, *, push: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(push=push, clock=clock)
        self._have: dict[str, dict[int, int]] = {}

    def ask(self, client: str, have: Mapping[int, int]) -> None:
        """Note that a page asks for the cells that are newer than its versions of them."""
        state = self._hear(client)
        state.wants, state.hidden = True, False
        self._have[client] = dict(have)
        for gone in self._have.keys() - self._clients.keys():
            del self._have[gone]

    def due(self, cells: Cells, *, moving: bool) -> list[int]:
        """The places to send now, in the order in which the pages named them."""
        now = self._clock()
        places: dict[int, None] = {}
        for client, state in self._clients.items():
            patient = state.wants and (not moving or now - state.sent_at >= FRAME_SECONDS)
            # The page's answer may be queued behind a running cell, so cells that were sent count as received.
            unheard = not state.wants and not state.hidden and now - state.sent_at >= RESEND_SECONDS
            if patient or (self.push and unheard and self._is_there(state, now)):
                places |= dict.fromkeys(cells.news(self._have.get(client, {})))
        return list(places)

    def sent(self, cells: Cells, places: Iterable[int]) -> None:
        """Note that these places were sent, as they are now."""
        now = self._clock()
        versions = {place: int(cells.versions[place]) for place in places}
        for client, state in self._clients.items():
            have = self._have.get(client, {})
            if have.keys() & versions.keys():
                have |= {place: version for place, version in versions.items() if place in have}
                state.wants, state.sent_at = False, now

    def forget(self) -> None:
        """Note that the cells were replaced, so that no page has any of them."""
        self._have.clear()


def asked(content: Mapping[str, object], cells: Cells) -> dict[int, int]:
    """The places that a message asks for, and the page's version of each; empty if it names other cells."""
    if content.get("board") != cells.id:
        return {}
    places, versions = content.get("places"), content.get("versions")
    if not isinstance(places, list) or not isinstance(versions, list):
        return {}
    pairs = zip(places[:MAX_ASKED], versions, strict=False)
    whole = ((place, version) for place, version in pairs if is_whole(place) and is_whole(version))
    return {place: version for place, version in whole if 0 <= place < len(cells)}
