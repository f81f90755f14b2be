"""`Recording`: frames of a run at regular intervals, for filmstrips and time-lapses."""

from __future__ import annotations

import threading

from lucid_widgets.errors import whole_number
from lucid_widgets.frames import Frame

__all__ = ["MAX_BYTES", "Recording"]

MAX_BYTES = 128 * 2**20
"""Default limit for the images of one recording."""


class Recording:
    """Keeps one frame of a run every few steps, and the newest frame, within a limit of memory.

    When the limit is reached, every second frame is dropped and the interval doubles. The frames therefore stay evenly
    spaced however long the run is. One thread may add frames while others read.

    Args:
        every: Steps between the frames to keep; 0 keeps none.
        max_bytes: Limit for the images of the kept frames. Two frames are kept even if they exceed it.

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
        return f"<{type(self).__name__}: {len(self.frames)} frames, one every {self.every} steps>"

    @property
    def every(self) -> int:
        """Steps between kept frames. It doubles each time memory runs out; a value set here applies from now on."""
        return self._every

    @every.setter
    def every(self, every: int) -> None:
        self._every = whole_number("every", every, 0)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The kept frames by step. The last is always the newest frame of the run."""
        with self._lock:
            kept = tuple(self._kept)
            newest = self._newest
        return kept if newest is None or (kept and kept[-1] is newest) else (*kept, newest)

    def add(self, frame: Frame) -> None:
        """Take the next frame of the run, and keep it if it is due."""
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
        """Return the next step after `step` whose frame will be kept; None if no frames are kept."""
        every = self._every
        return _due(step, every) if every else None


def _due(step: int, every: int) -> int:
    """The first multiple of `every` after `step`: a frame that comes late does not delay the next one."""
    return (step // every + 1) * every


def _thinned(frames: list[Frame], every: int) -> list[Frame]:
    kept = frames[:1]
    for frame in frames[1:]:
        if frame.step >= _due(kept[-1].step, every):
            kept.append(frame)
    return kept
