"""Kept runs, with everything that is needed to show them and to continue them."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame, finite_or_none
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.serialize_array import UInt8Array, tile, to_pillow
from lucid_widgets.widgets._core.progress import Progress
from lucid_widgets.widgets._workbench.run_settings import RunSettings
from lucid_widgets.widgets._workbench.steering import Made

MAX_RUNS = 24
"""Most runs that are kept. The oldest one is dropped first."""

MAX_BYTES = 128 * 2**20
"""Most memory for the images of all runs, and for the states to continue from."""

# A filmstrip with at most this number of frames is not thinned any further.
_FEWEST_RECORDED = 8

SIDE = 72
"""Pixels along each side of a thumbnail: sharp at 48 CSS pixels on most high-density screens."""


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One run, in the state in which it finished, paused or stopped.

    Attributes:
        id: Number of the run in its widget.
        settings: Its `RunSettings` when it came to rest, including its planned number of steps.
        made: How it was made.
        frame: Its newest frame.
        state: State of the optimization at that frame, to continue from; None if unknown.
        recorded: Its frames for the filmstrip.
        progress: Its step, objective and curve.
        done: Whether it reached its last step.
        rested_at: When it came to rest, in seconds since 1970.
    """

    id: int
    settings: RunSettings
    made: Made
    frame: Frame
    state: Any = None
    recorded: tuple[Frame, ...] = ()
    progress: Progress = field(default_factory=Progress)
    done: bool = False
    rested_at: float = field(default_factory=time.time)
    thumbnail: UInt8Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "thumbnail", _thumbnail(self.frame))

    @property
    def nbytes(self) -> int:
        """Memory that the run takes, in bytes."""
        tensors = (*self.state.params, *self.state.slots) if self.state is not None else ()
        recorded = sum(frame.images.nbytes for frame in self.recorded if frame is not self.frame)
        return self.frame.images.nbytes + recorded + sum(int(np.prod(t.shape)) * t.dtype.size for t in tensors)

    @property
    def about(self) -> dict[str, Any]:
        """Description of the run for the page."""
        frame = self.frame
        return {
            **about_run(self.id, self.made, frame),
            "step": frame.step,
            "objective": finite_or_none(frame.objective),
            "steps": self.settings.steps,
            "rested_at": self.rested_at,
        }

    def thinned(self) -> KeptRun:
        """The same run with every other recorded frame."""
        return replace(self, recorded=self.recorded[::2])


def about_run(number: int, made: Made, frame: Frame) -> dict[str, Any]:
    """Return a description, for the page, of the run that made a frame."""
    settings = made.last_settings
    start = settings.start_image if settings.starts_from_image else None
    return {
        "id": number,
        "model": made.network.name,
        "expression": repr(made.last_objective),
        "objectives": made.objectives,
        "seed": settings.seed,
        "image_size": frame.images.shape[2],
        "batch": frame.images.shape[0],
        "parameterization": settings.parameterization,
        "robust_to": settings.robust_to,
        "shift": settings.shift,
        "scale": settings.scale,
        "rotate": settings.rotate,
        "optimizer": settings.optimizer,
        "learning_rate": settings.learning_rate,
        "start_image": "" if start is None else start.name or "array",
        "steered": made.steered,
    }


class KeptRuns:
    """Runs by number, within bounds of number and memory. Not thread-safe."""

    def __init__(self, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES) -> None:
        self._max_runs, self._max_bytes = max_runs, max_bytes
        self._runs: dict[int, KeptRun] = {}

    def __iter__(self) -> Iterator[KeptRun]:
        return iter(self._runs.values())

    def __len__(self) -> int:
        return len(self._runs)

    def keep(self, run: KeptRun) -> None:
        """Add a run, or replace an earlier record of it.

        If memory is short, the filmstrips of the oldest runs are thinned. If that is not enough, the oldest runs are
        dropped.
        """
        self._runs[run.id] = run
        while len(self._runs) > self._max_runs:
            del self._runs[self._oldest_but(run.id)]
        while sum(each.nbytes for each in self) > self._max_bytes:
            long = next((each for each in self if len(each.recorded) > _FEWEST_RECORDED), None)
            if long is not None:
                self._runs[long.id] = long.thinned()
            elif len(self._runs) > 1:
                del self._runs[self._oldest_but(run.id)]
            else:
                return

    def _oldest_but(self, number: int) -> int:
        return next(each for each in self._runs if each != number)

    def get(self, number: Any) -> KeptRun:
        """The run with a number.

        Raises:
            ArgumentError: If it is not kept.
        """
        if isinstance(number, bool) or not isinstance(number, int) or number not in self._runs:
            known = ", ".join(map(str, self._runs)) or "none"
            raise ArgumentError(f"Run {number!r} is not kept.", f"Kept runs: {known}.")
        return self._runs[number]

    def forget(self, number: Any) -> None:
        """Remove a run."""
        del self._runs[self.get(number).id]

    def sheet(self) -> bytes:
        """A WebP of all thumbnails, side by side in the order of the runs; empty if there are none."""
        return _sheet([run.thumbnail for run in self])


def _sheet(thumbnails: Sequence[UInt8Array]) -> bytes:
    if not thumbnails:
        return b""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(thumbnails, axis=1)).save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _thumbnail(frame: Frame) -> UInt8Array:
    """The central square of a frame's tiled images."""
    image = to_pillow(np.nan_to_num(tile(visible_channels(frame.images)), nan=0.0)).convert("RGBA")
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    small = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
    return np.asarray(small)


__all__ = ["KeptRun", "KeptRuns", "about_run"]
