"""The cells of a grid: the unit, the progress and the image of each, and which to make next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.frames import FloatArray, finite_or_none
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.misc.io.line_plots import is_signal
from lucid_widgets.misc.io.serialize_array import UInt8Array, to_uint8


class CellState(IntEnum):
    """Progress of a cell. The page uses the same numbers."""

    WAITING = 0
    MAKING = 1
    MADE = 2
    FAILED = 3


Keep = Callable[[int, UInt8Array, float], object]


class Cells:
    """One image for each of a list of units. Thread-safe.

    A place is the index of a cell in the grid; a unit is a channel of the layer.

    Args:
        id: Differs from the ids of all earlier cells, including those of earlier kernels.
        units: The units, in the order of their places.
        size: Width and height of the images.
        only_wanted: Whether only places that a page shows are made.

    Attributes:
        images: uint8 `[places, size, size, 3]`; black where there is none.
        states: `CellState` of each place.
        values: Objective of each place; NaN if unknown.
        versions: Number of changes of each place.
        failures: Reasons why places have no image, by place.
    """

    def __init__(self, id: int, units: Sequence[int], size: int, *, only_wanted: bool = False) -> None:
        self.id = id
        self._only_wanted = only_wanted
        self.units = list(units)
        self.size = size
        count = len(self.units)
        self.images: UInt8Array = np.zeros((count, size, size, 3), np.uint8)
        self.states = np.zeros(count, np.uint8)
        self.values: FloatArray = np.full(count, np.nan, np.float32)
        self.versions: npt.NDArray[np.int64] = np.zeros(count, np.int64)
        self.failures: dict[int, str] = {}
        self._places = {unit: place for place, unit in enumerate(self.units)}
        self._wanted: list[int] = []
        self._claim: Claim | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.units)

    @property
    def done(self) -> int:
        """Number of places that need no more work."""
        return int(np.count_nonzero(self.states >= CellState.MADE))

    @property
    def finished(self) -> npt.NDArray[np.bool_]:
        """Which places have their final image."""
        return self.states == CellState.MADE

    def place_of(self, unit: int) -> int | None:
        """The place of a unit; None if it has none."""
        return self._places.get(unit)

    def want(self, places: Iterable[int]) -> None:
        """Name the places that a page shows. They are made first."""
        with self._lock:
            self._wanted = list(places)

    @property
    def lacking(self) -> bool:
        """Whether a place that a page shows is waiting for its image."""
        with self._lock:
            return bool((self.states[self._wanted] < CellState.MADE).any())

    def put(self, unit: int, image: UInt8Array, value: float | None) -> None:
        """Take an image that was made before."""
        place = self._places[unit]
        with self._lock:
            self.images[place] = image
            self.values[place] = np.nan if value is None else value
            self._set([place], CellState.MADE)

    def claim(self, keep: Keep | None = None) -> Claim:
        """Return the right to make the unfinished cells, including those that failed. This ends any earlier claim.

        Args:
            keep: Called with each finished unit, its image and its objective.
        """
        claim = Claim(self, keep)
        self.give_back(claim)
        with self._lock:
            self._set(list(self.failures), CellState.WAITING)
            self.failures = {}
        return claim

    def give_back(self, claim: Claim | None = None) -> None:
        """Mark the cells in progress as unfinished again, because their run has stopped."""
        with self._lock:
            self._claim = claim
            self._set(np.flatnonzero(self.states == CellState.MAKING).tolist(), CellState.WAITING)

    def in_order(self) -> list[int]:
        """All units: those that a page shows, then the others."""
        with self._lock:
            wanted = list(self._wanted)
        return list(dict.fromkeys([*(self.units[place] for place in wanted), *self.units]))

    # Called by claims.

    def take(self, claim: Claim, most: int, shown: bool) -> list[int]:
        """At most `most` units to begin next: those that a page shows, then those after them, then the others.

        Args:
            claim: The claim that takes them.
            most: Number of units.
            shown: Whether to take none unless a page shows one of them.
        """
        with self._lock:
            if claim is not self._claim:
                return []
            waiting = self.states == CellState.WAITING
            looked_at = [place for place in self._wanted if waiting[place]]
            begin = max(self._wanted, default=-1) + 1
            rest = np.roll(np.arange(len(self.units)), -begin)
            others = [] if self._only_wanted else rest[waiting[rest]].tolist()
            order = dict.fromkeys([*looked_at, *others])
            places = [] if shown and not looked_at else list(order)[:most]
            self._set(places, CellState.MAKING, changed=False)
        return [self.units[place] for place in places]

    def shows(self, units: Sequence[int]) -> bool:
        """Whether a page shows one of these units."""
        with self._lock:
            wanted = set(self._wanted)
        return any(self._places[unit] in wanted for unit in units)

    def show(self, claim: Claim, units: Sequence[int], images: UInt8Array) -> None:
        """Take intermediate images."""
        with self._lock:
            if claim is self._claim:
                self._take_images(units, images, CellState.MAKING)

    def finish(self, units: Sequence[int], images: UInt8Array, values: Sequence[float]) -> None:
        """Take final images and their objectives. They are accepted even from a claim that has ended."""
        with self._lock:
            self.values[[self._places[unit] for unit in units]] = values
            self._take_images(units, images, CellState.MADE)

    def fail(self, unit: int, message: str) -> None:
        """Record why a unit has no image."""
        place = self._places[unit]
        with self._lock:
            self.failures = {**self.failures, place: message}
            self.images[place] = 0
            self._set([place], CellState.FAILED)

    def _take_images(self, units: Sequence[int], images: UInt8Array, state: CellState) -> None:
        """Needs the lock."""
        places = [self._places[unit] for unit in units]
        self.images[places] = images
        self._set(places, state)

    def _set(self, places: Sequence[int], state: CellState, *, changed: bool = True) -> None:
        """Needs the lock."""
        self.states[list(places)] = state
        if changed:
            self.versions[list(places)] += 1

    # For the pages.

    def news(self, have: Mapping[int, int]) -> list[int]:
        """The places that are newer than the given versions."""
        return [place for place, version in have.items() if self.versions[place] > version]

    def described(self, places: Sequence[int]) -> dict[str, object]:
        """Description of places for the page, without their images."""
        with self._lock:
            return {
                "places": list(places),
                "versions": self.versions[list(places)].tolist(),
                "states": self.states[list(places)].tolist(),
                "values": [finite_or_none(value) for value in self.values[list(places)].tolist()],
                "failures": {str(place): self.failures[place] for place in places if place in self.failures},
            }


class Claim:
    """The right of one `UnitFrames` stream to fill cells.

    A claim that was ended gets no more units, and its intermediate images are ignored: the worker may still be inside a
    stream whose run was stopped.
    """

    def __init__(self, cells: Cells, keep: Keep | None) -> None:
        self._cells = cells
        self._keep = keep

    def take(self, most: int, *, shown: bool = False) -> Sequence[int]:
        """At most `most` units to begin next; with `shown`, none unless a page shows one of them."""
        return self._cells.take(self, most, shown)

    def shows(self, units: Sequence[int]) -> bool:
        """Whether a page shows one of these units."""
        return self._cells.shows(units)

    def show(self, units: Sequence[int], images: FloatArray) -> None:
        """Take the intermediate images of units."""
        self._cells.show(self, units, _levels(images))

    def made(self, units: Sequence[int], images: FloatArray, values: Sequence[float]) -> None:
        """Take the final images of units, and their objectives."""
        levels = _levels(images)
        self._cells.finish(units, levels, values)
        if self._keep is not None:
            for unit, image, value in zip(units, levels, values, strict=True):
                self._keep(unit, image, value)

    def failed(self, unit: int, message: str) -> None:
        """Record why a unit has no image."""
        self._cells.fail(unit, message)


def _levels(images: FloatArray) -> UInt8Array:
    """Images as uint8 squares with three channels, on black where they are not square."""
    levels = to_uint8(np.nan_to_num(visible_channels(images)[..., :3]))
    if is_signal(images.shape):  # as wide as long, however wide a line plot is
        length, rows = images.shape[2], max(1, round(levels.shape[1] * images.shape[2] / levels.shape[2]))
        drawn = [Image.fromarray(each).resize((length, rows), Image.Resampling.LANCZOS) for each in levels]
        levels = np.stack([np.asarray(each) for each in drawn])
    levels = on_squares(levels)
    return np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:3], 3)))


def on_squares(images: np.ndarray, side: int = 0) -> np.ndarray:
    """Return images in the middle of black squares.

    Args:
        images: `[images, height, width, channels]`.
        side: Smallest width and height of the squares.
    """
    height, width = images.shape[1:3]
    side = max(side, height, width)
    if height == width == side:
        return images
    rows, columns = side - height, side - width
    around = [(0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0)]
    return np.pad(images, around)
