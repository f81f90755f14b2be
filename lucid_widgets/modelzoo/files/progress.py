"""Progress of downloads: a bar by default, or a function that is told, and can end the download."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pooch

from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.waiting import ProgressBar

__all__ = ["DownloadProgress", "Watch", "watched", "without_log"]

Watch = Callable[[int, int], object]
"""Called with the number of bytes so far and their total, 0 if that is unknown. An exception ends the download."""

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Tell a function of the downloads of this thread, in place of a progress bar."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


@contextmanager
def without_log() -> Iterator[None]:
    """Keep pooch from writing to stderr which file it downloads, because a notebook shows that in red."""
    log = pooch.get_logger()
    before = log.level
    log.setLevel(max(before, logging.WARNING))
    try:
        yield
    finally:
        log.setLevel(before)


class DownloadProgress:
    """A progress bar as pooch expects one. pooch sets `total`, and counts again from 0 for another attempt.

    Args:
        name: What is downloaded.
    """

    def __init__(self, name: str) -> None:
        self.total = 0
        self._name, self._done = name, 0
        self._watch = _watch.get()
        self._bar: ProgressBar | None = None

    def update(self, more: int) -> None:
        """Count bytes."""
        self._done += more
        done = min(self._done, self.total or self._done)
        if self._watch is not None:
            self._watch(done, self.total)
        elif shows_progress():
            if self._bar is None or self._bar.total != (self.total or None):
                self.close()
                self._bar = ProgressBar(
                    total=self.total or None, unit="B", unit_scale=True, leave=False, desc=self._name
                )
            self._bar.update(done - self._bar.n)

    def reset(self) -> None:
        """Count from 0."""
        self._done = 0

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
