"""Decides which page gets an image, and when. Bookkeeping only: no threads or connections; the clock is an argument.

A page asks for one image at a time and names the newest one that it has (a "want", which is a credit for one image). It
gets the newest image; those in between are dropped. So a slow, hidden or disconnected page costs the optimization
nothing. A page repeats a want that stays unanswered. While an image is on its way, wants add no second one: on a slow
page, images would queue up, and each would be shown late.

All pages share one connection, so every message reaches all of them; the state of each page only decides whether an
image is due.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

FRAME_SECONDS = 1 / 15
"""Shortest time between two images of a moving run for one page."""

RESEND_SECONDS = 1.0
"""A page that has not acknowledged an image gets another one after this time: a running cell may delay its answer. If
answers of the page usually take longer, it is twice the time that they take."""

_ANSWERS = 4
"""Number of answers whose shortest time counts: those that waited for a running cell say nothing about the page."""

_ON_THE_WAY = 16
"""Most images per page whose time is remembered."""

PATIENCE_SECONDS = 60.0
"""A page that has been silent for this time gets no more unrequested images and no longer counts as present."""

GRACE_SECONDS = 2.0
"""Time that a run continues after the last page said goodbye. If it is displayed again, it says hello in that time."""

UNHEARD = 4
"""Times the usual interval between two publications while no page has answered the last one."""

UNWATCHED = 30
"""The same while no page can be seen. Servers keep what they cannot deliver, for hours if need be."""

MAX_CLIENTS = 32


@dataclass
class _Client:
    heard_at: float
    seen: int = 0
    wants: bool = False
    hidden: bool = False
    sent: int = 0
    sent_at: float = float("-inf")
    on_the_way: dict[int, float] = field(default_factory=dict)
    """When images were sent that the page has not acknowledged, by their ids."""
    answers: deque[float] = field(default_factory=partial(deque, maxlen=_ANSWERS))
    """Seconds from an image to its acknowledgment, of the last ones."""

    @property
    def round_trip(self) -> float:
        """Usual seconds from an image to its acknowledgment; 0 if unknown."""
        return min(self.answers, default=0.0)

    @property
    def patience(self) -> float:
        """Seconds after which an image without acknowledgment counts as lost."""
        return max(RESEND_SECONDS, 2 * self.round_trip)

    def acknowledge(self, seen: int, now: float) -> None:
        """Note that the page has drawn an image."""
        self.seen = seen
        if seen in self.on_the_way:
            self.answers.append(now - self.on_the_way[seen])
        self.on_the_way = {image: at for image, at in self.on_the_way.items() if image > seen}

    def send(self, image: int, now: float) -> None:
        """Note that an image is sent."""
        self.wants, self.sent, self.sent_at = False, image, now
        self.on_the_way.setdefault(image, now)
        while len(self.on_the_way) > _ON_THE_WAY:
            del self.on_the_way[min(self.on_the_way)]


def client_of(content: Mapping[str, object]) -> str:
    """Return the name of the page that sent a message."""
    return str(content.get("client"))[:64]


class FlowControl:
    """Keeps account of all pages that show one widget.

    Args:
        push: Whether images may be sent at any time; if not, only in answer to a "want".
        clock: Returns monotonic seconds.
    """

    def __init__(self, *, push: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self.push = push
        self._clock = clock
        self._clients: dict[str, _Client] = {}
        self._ends_at: float | None = None

    def hello(self, client: str) -> None:
        """Note that a page is there. It gets an image when it asks for one."""
        self._hear(client)

    def want(self, client: str, seen: int, newest: int, *, moving: bool) -> bool:
        """Note that a page asks for an image newer than `seen`.

        Args:
            client: Name of the page.
            seen: Id of the newest image that the page has drawn.
            newest: Id of the newest image that exists.
            moving: Whether more images will follow.

        Returns:
            Whether to send the newest image now. If not, the page keeps its credit, unless images may not be pushed.
        """
        state = self._hear(client)
        state.acknowledge(seen, self._clock())
        state.wants, state.hidden = True, False
        due = self._is_due(state, newest, moving)
        if due:
            self._sent(newest)
        elif not self.push:
            state.wants = False
        return due

    def publish(self, newest: int, *, moving: bool) -> bool:
        """Note that there is a new image. Returns whether to send it now."""
        due = self.push and any(self._is_due(state, newest, moving) for state in self._clients.values())
        if due:
            self._sent(newest)
        return due

    def hidden(self, client: str) -> None:
        """Note that a page cannot be seen. Its credit is void."""
        state = self._hear(client)
        state.wants, state.hidden = False, True

    def bye(self, client: str, *, moving: bool) -> None:
        """Note that the last view on a page was removed."""
        now = self._clock()
        known = self._clients.pop(client, None) is not None
        if known and moving and not any(self._is_there(state, now) for state in self._clients.values()):
            self._ends_at = now + GRACE_SECONDS

    def forgive(self) -> None:
        """Note that a run begins or continues, whether or not a page watches it."""
        self._ends_at = None

    @property
    def watched(self) -> bool:
        """Whether at least one page can be seen."""
        now = self._clock()
        return any(not state.hidden and self._is_there(state, now) for state in self._clients.values())

    def is_time(self, interval: float, last: float) -> bool:
        """Whether to publish something that a later publication replaces, such as the step of a moving run.

        Args:
            interval: Shortest time in seconds between two publications for a page that keeps up. If answers take
                longer than that, publications are as far apart as answers.
            last: When the last one was, on the clock of this object.
        """
        visible = [state for state in self._clients.values() if not state.hidden]
        interval = max(interval, min((state.round_trip for state in visible), default=0.0))
        heard = max((state.heard_at for state in visible), default=float("-inf"))
        if heard < last:
            interval *= UNHEARD if self.watched else UNWATCHED
        return self._clock() - last >= interval

    @property
    def present(self) -> bool:
        """Whether at least one page has the widget, in sight or not."""
        now = self._clock()
        return any(state.hidden or self._is_there(state, now) for state in self._clients.values())

    @property
    def out_of_sight(self) -> bool:
        """Whether there are pages, and all of them have said that they cannot be seen."""
        return bool(self._clients) and all(state.hidden for state in self._clients.values())

    @property
    def abandoned(self) -> bool:
        """Whether the last page said goodbye during the run, and none has come back in time."""
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
        waited = self._clock() - state.sent_at
        lost = waited >= state.patience
        if state.wants:
            # At rest, no later image makes up for a lost one.
            return newest > state.seen and (not moving or (waited >= FRAME_SECONDS and (lost or not state.on_the_way)))
        unacknowledged = state.seen < state.sent < newest
        return unacknowledged and not state.hidden and lost and self._is_there(state, self._clock())

    def _sent(self, newest: int) -> None:
        now = self._clock()
        for state in self._clients.values():
            if not state.hidden:
                state.send(newest, now)
