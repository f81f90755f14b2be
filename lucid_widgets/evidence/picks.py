"""Which images stand for a unit: those that excite it most, those that excite it least, and a spread over quantiles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lucid_widgets.evidence.statistics import Statistics

SHOWN = 9
"""Number of images of each kind that widgets show, and that an index keeps copies of."""

KINDS = ("most", "spread", "least")

_UNITS = 512
"""Units whose values are sorted together, which bounds the memory."""


class Pick(NamedTuple):
    """An image, and how it excites a unit.

    Attributes:
        image: Its place in the image set.
        value: The unit's value.
        position: Its position, counted row by row.
    """

    image: int
    value: float
    position: int


def top(statistics: Statistics, unit: int, count: int) -> list[Pick]:
    """The images with the largest values, the largest first."""
    return _kept(statistics.top_images, statistics.top_values, statistics.top_positions, unit, count)


def bottom(statistics: Statistics, unit: int, count: int) -> list[Pick]:
    """The images with the smallest values, the smallest first."""
    return _kept(statistics.bottom_images, statistics.bottom_values, statistics.bottom_positions, unit, count)


def spread(statistics: Statistics, unit: int, count: int) -> list[Pick]:
    """One image from each of `count` equal parts of the sample, ordered by value, the largest first.

    A part is represented by the image in its middle.
    """
    values = statistics.sample_values[:, unit]
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(-values[known], kind="stable")]
    return [
        Pick(
            int(statistics.sample_images[row]),
            float(values[row]),
            int(statistics.sample_positions[row, unit]),
        )
        for row in order[_middles(count, len(order))]
    ]


def of_kind(statistics: Statistics, unit: int, kind: str, count: int = SHOWN) -> list[Pick]:
    """The images of one of `KINDS`."""
    return {"most": top, "spread": spread, "least": bottom}[kind](statistics, unit, count)


def shown_images(statistics: Statistics) -> list[int]:
    """All images that stand for any unit, in ascending order."""
    found = {int(each) for each in np.unique(statistics.top_images[:, :SHOWN])}
    found |= {int(each) for each in np.unique(statistics.bottom_images[:, :SHOWN])}
    found |= _all_spread(statistics)
    return sorted(found - {-1})


def _all_spread(statistics: Statistics) -> set[int]:
    """The images of `spread` for all units at once: for thousands of units, much faster than one by one."""
    values = statistics.sample_values
    finite = np.isfinite(values)
    known = np.flatnonzero(finite.all(1))
    if len(known) < finite.any(1).sum():  # a pass leaves out an image for all units, or for none
        return {pick.image for unit in range(values.shape[1]) for pick in spread(statistics, unit, SHOWN)}
    places = _middles(SHOWN, len(known))
    images = statistics.sample_images[known]
    found: set[int] = set()
    for start in range(0, values.shape[1], _UNITS):
        some = np.ascontiguousarray(values[known, start : start + _UNITS].T)
        order = np.argsort(-some, axis=1, kind="stable")
        found |= set(np.unique(images[order[:, places]]).tolist())
    return found


def _middles(count: int, known: int) -> np.ndarray:
    """The places in the middle of `count` equal parts."""
    return np.unique(((np.arange(count) + 0.5) * known / count).astype(int))[:known]


def _kept(images: np.ndarray, values: np.ndarray, positions: np.ndarray, unit: int, count: int) -> list[Pick]:
    return [
        Pick(int(image), float(value), int(position))
        for image, value, position in zip(
            images[unit, :count], values[unit, :count], positions[unit, :count], strict=True
        )
        if image >= 0
    ]


__all__ = ["KINDS", "SHOWN", "Pick", "bottom", "of_kind", "shown_images", "spread", "top"]
