"""The cells of a grid: which unit is where, how far each is, and what is to be made next. No threads of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.serialize_array import UInt8Array, to_uint8


class CellState(IntEnum):
    """How far a cell is. The page knows these numbers."""

    WAITING = 0
    MAKING = 1
    MADE = 2
    FAILED = 3


Keep = Callable[[int, UInt8Array, float], object]


class Cells:
    """A picture for each of some units. May be used from any thread.

    Args:
        id: Unlike that of any grid before it, also those of earlier kernels.
        units: The units, in the order of their places.
        size: Width and height of the pictures.

    Attributes:
        pictures: uint8 `[places, size, size, 3]`; black where there is none.
        states: A `CellState` for each place.
        values: The objective of each place, NaN where unknown.
        versions: How often each place has changed; 0 where it has never.
        failures: Why places have no picture.
    """

    def __init__(self, id: int, units: Sequence[int], size: int) -> None:
        self.id = id
        self.units = list(units)
        self.size = size
        count = len(self.units)
        self.pictures: UInt8Array = np.zeros((count, size, size, 3), np.uint8)
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
        """Places for which nothing is left to do."""
        return int(np.count_nonzero(self.states >= CellState.MADE))

    @property
    def finished(self) -> npt.NDArray[np.bool_]:
        """Which places have their picture."""
        return self.states == CellState.MADE

    def place_of(self, unit: int) -> int | None:
        """The place of a unit; None if it is not here."""
        return self._places.get(unit)

    def want(self, places: Iterable[int]) -> None:
        """Says which places somebody looks at: they are made first."""
        with self._lock:
            self._wanted = list(places)

    def put(self, unit: int, picture: UInt8Array, value: float | None) -> None:
        """Takes a picture that was made before."""
        place = self._places[unit]
        with self._lock:
            self.pictures[place] = picture
            self.values[place] = np.nan if value is None else value
            self._set([place], CellState.MADE)

    def claim(self, keep: Keep | None = None) -> Claim:
        """The right to make what is not made yet, also what failed before. It ends any earlier one.

        Args:
            keep: Called with each unit that was made, its picture and its value.
        """
        claim = Claim(self, keep)
        self.give_back(claim)
        with self._lock:
            self._set(list(self.failures), CellState.WAITING)
            self.failures = {}
        return claim

    def give_back(self, claim: Claim | None = None) -> None:
        """What was under way is to be made again: whoever made it has stopped."""
        with self._lock:
            self._claim = claim
            self._set(np.flatnonzero(self.states == CellState.MAKING).tolist(), CellState.WAITING)

    # As a claim calls it.

    def take(self, claim: Claim, most: int) -> list[int]:
        """The next units: first those that are looked at, then those that follow them, then the others."""
        with self._lock:
            if claim is not self._claim:
                return []
            waiting = self.states == CellState.WAITING
            looked_at = [place for place in self._wanted if waiting[place]]
            begin = max(self._wanted, default=-1) + 1
            rest = np.roll(np.arange(len(self.units)), -begin)
            order = dict.fromkeys([*looked_at, *rest[waiting[rest]].tolist()])
            places = list(order)[:most]
            self._set(places, CellState.MAKING, changed=False)
        return [self.units[place] for place in places]

    def show(self, claim: Claim, units: Sequence[int], pictures: UInt8Array) -> None:
        """Pictures as they are so far."""
        with self._lock:
            if claim is self._claim:
                self._take_pictures(units, pictures, CellState.MAKING)

    def finish(self, units: Sequence[int], pictures: UInt8Array, values: Sequence[float]) -> None:
        """Pictures as they are to be. They are right whoever made them."""
        with self._lock:
            self.values[[self._places[unit] for unit in units]] = values
            self._take_pictures(units, pictures, CellState.MADE)

    def fail(self, unit: int, message: str) -> None:
        """A unit has no picture, and why."""
        place = self._places[unit]
        with self._lock:
            self.failures = {**self.failures, place: message}
            self.pictures[place] = 0
            self._set([place], CellState.FAILED)

    def _take_pictures(self, units: Sequence[int], pictures: UInt8Array, state: CellState) -> None:
        """Needs the lock."""
        places = [self._places[unit] for unit in units]
        self.pictures[places] = pictures
        self._set(places, state)

    def _set(self, places: Sequence[int], state: CellState, *, changed: bool = True) -> None:
        """Needs the lock."""
        self.states[list(places)] = state
        if changed:
            self.versions[list(places)] += 1

    # For the pages.

    def news(self, have: Mapping[int, int]) -> list[int]:
        """Those places of which there is more than these versions."""
        return [place for place, version in have.items() if self.versions[place] > version]

    def described(self, places: Sequence[int]) -> dict[str, object]:
        """What a page has to know about places, beside their pictures."""
        with self._lock:
            return {
                "places": list(places),
                "versions": self.versions[list(places)].tolist(),
                "states": self.states[list(places)].tolist(),
                "values": [finite_or_none(value) for value in self.values[list(places)].tolist()],
                "failures": {str(place): self.failures[place] for place in places if place in self.failures},
            }


class Claim:
    """What makes the pictures of cells: the board of `UnitFrames`.

    After it was ended, it gets nothing to do any more, and what it shows of unfinished pictures is ignored: the
    worker may be inside a stream whose run was stopped.
    """

    def __init__(self, cells: Cells, keep: Keep | None) -> None:
        self._cells = cells
        self._keep = keep

    def take(self, most: int) -> Sequence[int]:
        """The units to be made next."""
        return self._cells.take(self, most)

    def show(self, units: Sequence[int], images: FloatArray) -> None:
        """The images so far of units that are being made."""
        self._cells.show(self, units, _levels(images))

    def made(self, units: Sequence[int], images: FloatArray, values: Sequence[float]) -> None:
        """The images of units, and their objectives."""
        pictures = _levels(images)
        self._cells.finish(units, pictures, values)
        if self._keep is not None:
            for unit, picture, value in zip(units, pictures, values, strict=True):
                self._keep(unit, picture, value)

    def failed(self, unit: int, message: str) -> None:
        """The unit has no picture."""
        self._cells.fail(unit, message)


def _levels(images: FloatArray) -> UInt8Array:
    """Images as uint8 with three channels."""
    levels = to_uint8(np.nan_to_num(images))
    return np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:3], 3)))


def finite_or_none(value: float) -> float | None:
    """`value` as JSON can hold it."""
    return value if np.isfinite(value) else None
