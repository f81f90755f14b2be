"""Which page gets a picture, and when. Pure bookkeeping: no threads, no comms, and the clock is handed in.

A page asks for one picture at a time, naming the newest one it has ("want": a credit). The newest picture
answers; whatever came between is dropped. So a slow, hidden or vanished page costs the optimization nothing.
Whatever is sent reaches all pages, since they share one comm; what differs is whether any of them is due.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FRAME_SECONDS = 1 / 15
"""No page is sent pictures of a run faster than one each so many seconds."""

RESEND_SECONDS = 1.0
"""A page that has not said that it drew a picture is sent another after so long: its word may wait behind a cell."""

PATIENCE_SECONDS = 60.0
"""A page that has been silent for so long is not sent unasked pictures any more, nor counted as there."""

GRACE_SECONDS = 2.0
"""How long after the last page said good-bye a run goes on: a page that is displayed anew says hello meanwhile."""

MAX_CLIENTS = 32


@dataclass
class _Client:
    heard_at: float
    seen: int = 0
    wants: bool = False
    hidden: bool = False
    sent: int = 0
    sent_at: float = float("-inf")


class FlowControl:
    """Keeps the accounts of all pages that show one widget.

    Args:
        push: Whether pictures may be sent at any time; if not, only in answer to a "want".
        clock: Seconds that only ever grow.
    """

    def __init__(self, *, push: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self.push = push
        self._clock = clock
        self._clients: dict[str, _Client] = {}
        self._ends_at: float | None = None

    def hello(self, client: str) -> None:
        """A page is there. It gets a picture when it asks for one."""
        self._hear(client)

    def want(self, client: str, seen: int, newest: int, *, moving: bool) -> bool:
        """A page asks for a picture newer than `seen`.

        Args:
            client: Its name.
            seen: Id of the newest picture that it has drawn.
            newest: Id of the newest picture there is.
            moving: Whether further pictures will follow by themselves.

        Returns:
            Whether to send the newest picture at once. If not, the credit stands (unless pushing is ruled
            out).
        """
        state = self._hear(client)
        state.seen, state.wants, state.hidden = seen, True, False
        due = self._is_due(state, newest, moving)
        if due:
            self._sent(newest)
        elif not self.push:
            state.wants = False
        return due

    def publish(self, newest: int, *, moving: bool) -> bool:
        """There is a new picture. Returns whether to send it."""
        due = self.push and any(self._is_due(state, newest, moving) for state in self._clients.values())
        if due:
            self._sent(newest)
        return due

    def hidden(self, client: str) -> None:
        """Nobody can see this page: its credit is void."""
        state = self._hear(client)
        state.wants, state.hidden = False, True

    def bye(self, client: str, *, moving: bool) -> None:
        """The last view on this page was removed."""
        now = self._clock()
        known = self._clients.pop(client, None) is not None
        if known and moving and not any(self._is_there(state, now) for state in self._clients.values()):
            self._ends_at = now + GRACE_SECONDS

    def forgive(self) -> None:
        """A run begins or goes on, whether or not anybody watches."""
        self._ends_at = None

    @property
    def abandoned(self) -> bool:
        """Whether the last page said good-bye during the run and none has come since."""
        return self._ends_at is not None and self._clock() >= self._ends_at

    def _hear(self, client: str) -> _Client:
        now = self._clock()
        state = self._clients.setdefault(client, _Client(now))
        state.heard_at = now
        self._ends_at = None
        if len(self._clients) > MAX_CLIENTS:
            del self._clients[min(self._clients, key=lambda name: self._clients[name].heard_at)]
        return state

    def _is_there(self, state: _Client, now: float) -> bool:
        return now - state.heard_at <= PATIENCE_SECONDS

    def _is_due(self, state: _Client, newest: int, moving: bool) -> bool:
        now = self._clock()
        if state.wants:
            return newest > state.seen and (not moving or now - state.sent_at >= FRAME_SECONDS)
        unacknowledged = state.seen < state.sent < newest
        return (
            unacknowledged and not state.hidden and now - state.sent_at >= RESEND_SECONDS and self._is_there(state, now)
        )

    def _sent(self, newest: int) -> None:
        now = self._clock()
        for state in self._clients.values():
            if not state.hidden:
                state.wants, state.sent, state.sent_at = False, newest, now
