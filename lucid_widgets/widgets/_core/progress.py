"""Progress of a run: step, speed, and the curve of its objective in at most 256 points."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import median

from lucid_widgets.frames import Frame, finite_or_none

MAX_POINTS = 256
_RECENT_SECONDS = 4.0
_RECENT_FRAMES = 8
_SLOWEST = 3.0
"""Times the median that a frame may take per step and still count. One that takes longer has compiled something."""


class History:
    """The objective at evenly spaced steps, and at the newest one.

    When there are too many points, every other one is dropped, and from then on only steps on the coarser grid are
    kept.
    """

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max = max_points - 1
        self._stride = 1
        self._points: list[tuple[int, float]] = []
        self._newest: tuple[int, float] | None = None

    def add(self, step: int, value: float | None) -> None:
        """Add the objective at a step. A value that is not finite leaves a gap."""
        value = finite_or_none(value)
        if value is None:
            return
        self._newest = (step, value)
        if step % self._stride == 0:
            self._points.append(self._newest)
        while len(self._points) > self._max:
            self._stride *= 2
            self._points = [point for point in self._points if point[0] % self._stride == 0]

    def copy(self) -> History:
        """An independent copy."""
        other = History(self._max + 1)
        other._stride, other._points, other._newest = self._stride, list(self._points), self._newest
        return other

    @property
    def points(self) -> list[list[float]]:
        """`[[step, value], ...]` in the order of steps."""
        newest = [] if self._newest in self._points[-1:] or self._newest is None else [self._newest]
        return [list(point) for point in (*self._points, *newest)]


class Progress:
    """Follows a run. Pauses and compilations do not count as time.

    Attributes:
        step: Step of the newest frame.
        objective: Objective of the newest frame; None if unknown or not finite.
        rate: Steps per second in the last seconds, without those that compiled something; 0 while unknown.
        history: The curve of the objective.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.step = 0
        self.objective: float | None = None
        self.rate = 0.0
        self.history = History()
        self._clock = clock
        self._last: float | None = None
        # Steps and seconds of the last frames.
        self._recent: deque[tuple[int, float]] = deque()

    def add(self, frame: Frame) -> None:
        """Take the next frame."""
        now = self._clock()
        made = frame.step - self.step
        if self._last is not None and made > 0 and now > self._last:
            self._measure(made, now - self._last)
        self._last = now
        self.step = frame.step
        self.objective = finite_or_none(frame.objective)
        values = frame.objectives.tolist() or ([] if frame.objective is None else [frame.objective])
        for step, value in enumerate(values, frame.step - len(values) + 1):
            self.history.add(step, value)

    def _measure(self, steps: int, seconds: float) -> None:
        recent = self._recent
        recent.append((steps, seconds))
        total = sum(seconds for _, seconds in recent)
        while len(recent) > _RECENT_FRAMES and total - recent[0][1] >= _RECENT_SECONDS:
            total -= recent.popleft()[1]
        slowest = _SLOWEST * median(seconds / steps for steps, seconds in recent)
        usual = [each for each in recent if each[1] / each[0] <= slowest]
        self.rate = sum(steps for steps, _ in usual) / sum(seconds for _, seconds in usual)

    def copy(self) -> Progress:
        """An independent copy."""
        other = Progress(self._clock)
        other.step, other.objective, other.rate = self.step, self.objective, self.rate
        other._recent = self._recent.copy()
        other.history = self.history.copy()
        return other

    def restart_curve(self) -> None:
        """Drop the curve, because values of the new objective cannot be compared with it."""
        self.history = History()

    def interrupt(self) -> None:
        """Leave the time until the next frame out of the measured speed."""
        self._last = None

    def remaining(self, total_steps: int) -> float | None:
        """Estimated seconds until the last step; None if unknown."""
        if self.rate <= 0 or total_steps <= self.step:
            return None
        return (total_steps - self.step) / self.rate
