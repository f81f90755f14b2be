"""`Progress`: how far a run is, and how long the rest takes, judged by the measured time of each layer's tasks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lucid_widgets.microscope.tasks import LayerPlan, Task

_LEAST_SHARE = 0.02
"""Added to a layer's share of compute: what each step costs in any layer, such as transforms of the image."""


@dataclass(frozen=True)
class LayerProgress:
    """How far a layer is.

    Args:
        name: The layer.
        done: Number of finished images.
        total: Number of images.
        seconds_per_unit: Median of the measured tasks; None if none has been measured.
        seconds_left: Estimate for the remaining images; None if nothing has been measured yet.
    """

    name: str
    done: int
    total: int
    seconds_per_unit: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Args:
        done: Number of finished images, those of earlier runs included.
        total: Number of images.
        failed: Number of images that could not be made.
        per_minute: Images per minute in this run; None before the first.
        seconds_left: Estimate for the remaining images; None if nothing has been measured yet.
        layers: The same, per layer.
    """

    done: int
    total: int
    failed: int
    per_minute: float | None
    seconds_left: float | None
    layers: tuple[LayerProgress, ...]

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {self.total:,} images"]
        if self.per_minute is not None:
            parts.append(f"{self.per_minute:.0f} per minute")
        if self.seconds_left is not None and self.done < self.total:
            parts.append(f"{in_words(self.seconds_left)} left")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


class Tracker:
    """Counts what a run has done, and estimates what is left.

    Args:
        layers: The layers of the plan.
        variants: Number of images per unit.
        clock: Returns the time in seconds.
    """

    def __init__(self, layers: Sequence[LayerPlan], variants: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._layers = {layer.name: layer for layer in layers}
        self._totals = {layer.name: layer.channels * variants for layer in layers}
        self._done = dict.fromkeys(self._totals, 0)
        self._rates: dict[str, list[float]] = {name: [] for name in self._totals}
        self._failed = 0
        self._made = 0
        self._clock = clock
        self._running = 0.0
        self._since: float | None = None
        self.workers = 1

    def found(self, task: Task) -> None:
        """Count a task that an earlier run has finished."""
        self._done[task.layer] += len(task.units)

    def start(self) -> None:
        """Start the clock, or start it again after a pause."""
        if self._since is None:
            self._since = self._clock()

    def pause(self) -> None:
        """Stop the clock."""
        self._running = self._elapsed()
        self._since = None

    def finished(self, task: Task, seconds: float, failed: int) -> None:
        """Count a task of this run.

        Args:
            task: The task.
            seconds: How long it took its worker.
            failed: Number of its units that have no image.
        """
        self._done[task.layer] += len(task.units)
        self._rates[task.layer].append(seconds / len(task.units))
        self._made += len(task.units)
        self._failed += failed

    def progress(self) -> Progress:
        """Return how far the run is."""
        guess = self._seconds_per_share()
        layers = []
        for name, total in self._totals.items():
            measured = self._rates[name]
            rate = statistics.median(measured) if measured else None
            assumed = rate if rate is not None else None if guess is None else guess * self._weight(name)
            rest = total - self._done[name]
            left = None if assumed is None else rest * assumed / self.workers
            layers.append(LayerProgress(name, self._done[name], total, rate, 0.0 if rest == 0 else left))
        known = [layer.seconds_left for layer in layers if layer.seconds_left is not None]
        elapsed = self._elapsed()
        return Progress(
            done=sum(self._done.values()),
            total=sum(self._totals.values()),
            failed=self._failed,
            per_minute=60 * self._made / elapsed if self._made and elapsed else None,
            seconds_left=sum(known) if len(known) == len(layers) else None,
            layers=tuple(layers),
        )

    def _seconds_per_share(self) -> float | None:
        """Seconds per unit and share of compute, for layers that have not been measured."""
        measured = [(statistics.median(rates), self._weight(name)) for name, rates in self._rates.items() if rates]
        return sum(rate for rate, _ in measured) / sum(weight for _, weight in measured) if measured else None

    def _weight(self, name: str) -> float:
        return self._layers[name].share + _LEAST_SHARE

    def _elapsed(self) -> float:
        return self._running + (0.0 if self._since is None else self._clock() - self._since)


def in_words(seconds: float) -> str:
    """Return a duration as text.

    >>> in_words(42), in_words(600), in_words(8000)
    ('42 s', '10 min', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


__all__ = ["LayerProgress", "Progress", "Tracker", "in_words"]
