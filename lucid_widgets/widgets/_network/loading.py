"""`Loading`: loads one network for a widget, in a separate thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from lucid_widgets.modelzoo.base.input_probe import without_telling
from lucid_widgets.modelzoo.catalog.networks import fetch_weights
from lucid_widgets.modelzoo.files.progress import watched
from lucid_widgets.widgets._network.in_use import NetworkInUse

REPORT_SECONDS = 0.25
"""Shortest time between two reports of a download."""


class Cancelled(Exception):
    """The user does not want this network any more."""


class Loading:
    """Downloads and loads a network.

    Args:
        name: Its name, for the page.
        weights: Name of the network whose weights may have to be downloaded first; "" for none.
        make: Returns the network, once its weights are here.
        on_report: Called with what the page shows, from the thread.
        on_end: Called with the network or the exception, from the thread, unless it was cancelled.
    """

    def __init__(
        self,
        name: str,
        weights: str,
        make: Callable[[], NetworkInUse],
        on_report: Callable[[Loading, dict[str, Any]], None],
        on_end: Callable[[Loading, NetworkInUse | Exception], None],
    ) -> None:
        self.name = name
        self.cancelled = threading.Event()
        self._weights, self._make = weights, make
        self._on_report, self._on_end = on_report, on_end
        self._began = self._reported = time.monotonic()

    def start(self) -> None:
        """Begin, and return at once."""
        threading.Thread(target=self._load, name="lucid-widgets-network", daemon=True).start()

    def _load(self) -> None:
        result: NetworkInUse | Exception
        try:
            with watched(self._watch), without_telling():
                if self._weights:
                    fetch_weights(self._weights)
                self._report("loading")
                result = self._make()
        except Cancelled:
            return
        except Exception as error:
            result = error
        if not self.cancelled.is_set():
            self._on_end(self, result)

    def _watch(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done and now - self._reported < REPORT_SECONDS:
            if self.cancelled.is_set():
                raise Cancelled
            return
        self._reported = now
        seconds = now - self._began
        left = seconds * (total - done) / done if done and total > done and seconds > 1 else None
        self._report("downloading", done=done, total=total, left=left)

    def _report(self, phase: str, **more: Any) -> None:
        if self.cancelled.is_set():
            raise Cancelled
        self._on_report(self, {"name": self.name, "phase": phase, **more})


__all__ = ["Cancelled", "Loading"]
