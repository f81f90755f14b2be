"""`Recording`: the moments of a run that are kept, for filmstrips and time-lapses."""

from __future__ import annotations

import threading

from lucid_widgets.errors import whole_number
from lucid_widgets.frames import Frame

MAX_BYTES = 128 * 2**20
"""Memory for the images of one recording, unless said otherwise."""


class Recording:
    """Frames of a run, one each so many steps, within a bound of memory.

    Where a further frame would not fit, every second one is dropped, and from then on they are kept half as often: what
    is kept stays evenly spaced, however long the run. The newest frame is always there, so that the end of a
    run is never missing. May be written by one thread and read by others.

    Args:
        every: Steps from one kept frame to the next; 0 keeps none.
        max_bytes: Of the kept images. Two frames are kept at least.

    Example:
        >>> recording = Recording(every=8)
        >>> for frame in iter_vis(model, "mixed4a:152", steps=64, record_every=recording):
        ...     pass
        >>> [frame.step for frame in recording.frames]
        [0, 8, 16, 24, 32, 40, 48, 56, 64]
    """

    def __init__(self, every: int = 8, max_bytes: int = MAX_BYTES) -> None:
        self._every = whole_number("every", every, 0)
        self._max_bytes = whole_number("max_bytes", max_bytes, 1)
        self._lock = threading.Lock()
        self._kept: list[Frame] = []
        self._newest: Frame | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.frames)} frames, one each {self.every} steps>"

    @property
    def every(self) -> int:
        """Steps from one kept frame to the next, doubled each time that memory ran out. Can be set, for what comes."""
        return self._every

    @every.setter
    def every(self, every: int) -> None:
        self._every = whole_number("every", every, 0)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """What is kept, in the order of the steps, and last the newest frame."""
        with self._lock:
            kept = tuple(self._kept)
            newest = self._newest
        return kept if newest is None or (kept and kept[-1] is newest) else (*kept, newest)

    def add(self, frame: Frame) -> None:
        """Takes the next frame of the run, and keeps it if it is due."""
        with self._lock:
            every = self._every
            if every == 0:
                return
            self._newest = frame
            if self._kept and frame.step < _due(self._kept[-1].step, every):
                return
            self._kept.append(frame)
            while len(self._kept) > 2 and sum(each.images.nbytes for each in self._kept) > self._max_bytes:
                self._every *= 2
                self._kept = _thinned(self._kept, self._every)

    def due_after(self, step: int) -> int | None:
        """The next step that is to be kept; None if none is."""
        every = self._every
        return _due(step, every) if every else None


def _due(step: int, every: int) -> int:
    """The first multiple of `every` beyond `step`: where frames come at any step, a late one delays no later one."""
    return (step // every + 1) * every


def _thinned(frames: list[Frame], every: int) -> list[Frame]:
    kept = frames[:1]
    for frame in frames[1:]:
        if frame.step >= _due(kept[-1].step, every):
            kept.append(frame)
    return kept
