"""`UnitFrames`: which units get steps when, and that the order does not change their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from optvis.tiny_network import Tiny

from lucid_widgets import render_many
from lucid_widgets.optvis.objectives import channel
from lucid_widgets.optvis.unit_frames import UnitFrames

pytestmark = pytest.mark.slow

SIZE = 16
BATCH = 2


class Wall:
    """A board of the 4 channels of `conv`, twice, of which somebody sees some."""

    def __init__(self, shown: Sequence[int]) -> None:
        self.shown = list(shown)
        self.waiting = list(range(8))
        self.begun: list[int] = []
        self.drawn: list[tuple[int, ...]] = []
        self.images: dict[int, np.ndarray] = {}
        self.values: dict[int, float] = {}
        self.failures: dict[int, str] = {}

    def take(self, most: int, *, shown: bool = False) -> list[int]:
        first = [unit for unit in self.waiting if unit in self.shown]
        if shown and not first:
            return []
        taken = [*first, *(unit for unit in self.waiting if unit not in first)][:most]
        self.waiting = [unit for unit in self.waiting if unit not in taken]
        self.begun += taken
        return taken

    def shows(self, units: Sequence[int]) -> bool:
        return any(unit in self.shown for unit in units)

    def show(self, units: Sequence[int], images: np.ndarray) -> None:
        self.drawn.append(tuple(units))

    def made(self, units: Sequence[int], images: np.ndarray, values: Sequence[float]) -> None:
        self.images |= dict(zip(units, images.copy(), strict=True))
        self.values |= dict(zip(units, values, strict=True))

    def failed(self, unit: int, message: str) -> None:
        self.failures[unit] = message


def stream(model: Tiny, wall: Wall, steps: int, **options: Any) -> UnitFrames:
    def objective(unit: int, image: int | None) -> Any:
        return channel("conv", unit % 4, batch=image)

    return UnitFrames(model, objective, wall, batch=BATCH, image_size=SIZE, steps=steps, seed=3, **options)


def turns(frames: UnitFrames, wall: Wall) -> list[tuple[tuple[int, ...], int]]:
    """The units of each round, and the step at its end."""
    found: list[tuple[tuple[int, ...], int]] = []
    steps = dict.fromkeys(range(8), 0)
    before = 0
    for frame in frames:
        units = wall.drawn[-1]
        steps |= {unit: steps[unit] + (frame.step - before) // len(units) for unit in units}
        before = frame.step
        if found and found[-1][0] == units:
            found.pop()
        found.append((units, steps[units[0]]))
    return found


def test_what_is_seen_is_deepened_in_rounds_and_the_rest_follows(model: Tiny) -> None:
    wall = Wall([4, 5, 6, 7])
    assert turns(stream(model, wall, steps=10), wall) == [
        ((4, 5), 4),
        ((6, 7), 4),
        ((4, 5), 10),
        ((6, 7), 10),
        ((0, 1), 10),
        ((2, 3), 10),
    ]
    assert sorted(wall.images) == list(range(8))


def test_what_comes_into_view_goes_first(model: Tiny) -> None:
    wall = Wall([0, 1])
    frames = stream(model, wall, steps=12)
    for _ in frames:
        if wall.begun == [0, 1] and frames._current and frames._current.frames.step == 4:
            wall.shown = [6]
        if 6 in wall.images:
            break
    assert wall.begun == [0, 1, 6, 2]
    assert not wall.images.keys() & {0, 1}, "what was scrolled away is made later"
    list(frames)
    assert sorted(wall.images) == list(range(8))


def test_images_are_those_of_render_many(model: Tiny) -> None:
    wall = Wall([4, 5, 6])
    list(stream(model, wall, steps=24))
    settings = {"steps": 24, "seed": 3, "image_size": SIZE, "batch": BATCH, "verbose": False}
    expected = render_many(model, [channel("conv", unit) for unit in range(4)], **settings)
    for unit in range(8):
        np.testing.assert_array_equal(wall.images[unit], expected[unit % 4])


def test_counts_the_steps_of_all_units(model: Tiny) -> None:
    wall = Wall([0, 1, 2, 3])
    steps = [frame.step for frame in stream(model, wall, steps=6)]
    assert steps == sorted(steps)
    assert steps[-1] == 6 * 8


def test_an_objective_that_raises_stop_iteration_does_not_end_the_grid_as_done(model: Tiny) -> None:
    def objective(unit: int, image: int | None) -> Any:
        raise StopIteration

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        list(UnitFrames(model, objective, Wall([0]), batch=BATCH, image_size=SIZE, steps=2))
