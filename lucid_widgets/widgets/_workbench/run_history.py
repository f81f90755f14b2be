"""The runs that a widget has finished, with everything needed to show them and to continue them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import UInt8Array, tile, to_pillow
from lucid_widgets.widgets._canvas.encoded_frame import finite

MOST = 24
"""Runs that are kept; the oldest goes first."""

MAX_BYTES = 128 * 2**20
"""Memory for the images of all of them, and for what is needed to go on."""

SIDE = 72
"""Pixels along each side of a thumbnail: sharp at 48 px on most dense screens."""


@dataclass(frozen=True, eq=False)
class KeptRun:
    """One run as it was when it came to rest.

    Attributes:
        id: Its number in this widget.
        recipe: Its settings.
        objective: What it maximized.
        frame: Its picture.
        state: Where the optimization was, to go on from; None if that is not known.
        steered: Whether settings changed while it ran, so that its recipe alone makes another picture.
    """

    id: int
    recipe: Any
    objective: Any
    frame: Frame
    state: Any = None
    steered: bool = False
    thumbnail: UInt8Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "thumbnail", _small(self.frame))

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        tensors = (*self.state.params, *self.state.slots) if self.state is not None else ()
        return self.frame.images.nbytes + sum(int(np.prod(t.shape)) * t.dtype.size for t in tensors)

    @property
    def about(self) -> dict[str, Any]:
        """What the page says about it."""
        recipe, frame = self.recipe, self.frame
        return {
            "id": self.id,
            "step": frame.step,
            "objective": finite(frame.objective),
            "expression": recipe.expression,
            "steps": recipe.steps,
            "seed": recipe.seed,
            "image_size": frame.images.shape[2],
            "batch": frame.images.shape[0],
            "parameterization": recipe.parameterization,
            "robust_to": recipe.robust_to,
            "shift": recipe.shift,
            "scale": recipe.scale,
            "rotate": recipe.rotate,
            "optimizer": recipe.optimizer,
            "learning_rate": recipe.learning_rate,
            "start_image": recipe.start_image.name or "array" if recipe.starts_from_image else "",
            "steered": self.steered,
        }


class KeptRuns:
    """Runs by number, within bounds. Not for several threads at once."""

    def __init__(self, most: int = MOST, max_bytes: int = MAX_BYTES) -> None:
        self._most, self._max_bytes = most, max_bytes
        self._runs: dict[int, KeptRun] = {}

    def __iter__(self) -> Any:
        return iter(self._runs.values())

    def __len__(self) -> int:
        return len(self._runs)

    def keep(self, run: KeptRun) -> None:
        """Adds a run, or puts it in the place of what was known about it. Old ones go where there is no room."""
        self._runs[run.id] = run
        while len(self._runs) > 1 and (
            len(self._runs) > self._most or sum(each.nbytes for each in self) > self._max_bytes
        ):
            del self._runs[next(number for number in self._runs if number != run.id)]

    def get(self, number: Any) -> KeptRun:
        """The run of that number.

        Raises:
            ArgumentError: It is not kept.
        """
        if isinstance(number, bool) or not isinstance(number, int) or number not in self._runs:
            known = ", ".join(map(str, self._runs)) or "none"
            raise ArgumentError(f"Run {number!r} is not kept.", f"Those that are: {known}.")
        return self._runs[number]

    def forget(self, number: Any) -> None:
        """Lets go of a run."""
        del self._runs[self.get(number).id]

    def sheet(self) -> bytes:
        """A WebP of all thumbnails, side by side in the order of the runs; empty without runs."""
        return _sheet([run.thumbnail for run in self])


def _sheet(thumbnails: Sequence[UInt8Array]) -> bytes:
    if not thumbnails:
        return b""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(thumbnails, axis=1)).save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _small(frame: Frame) -> UInt8Array:
    """The square in the middle of a frame's pictures."""
    picture = to_pillow(np.nan_to_num(tile(frame.images), nan=0.0)).convert("RGBA")
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
    return np.asarray(small)


__all__ = ["KeptRun", "KeptRuns"]
