"""Stateless draws: functions of seed, step and place, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis import seeding


def draws(seed: int = 0, step: int = 0, count: int = 3) -> list[float]:
    with seeding.scope(seeding.seed_tensor(seed), step):
        return [float(seeding.uniform([])) for _ in range(count)]


def test_draws_are_functions_of_seed_and_step() -> None:
    assert draws() == draws()
    assert len({*draws(), *draws(step=1), *draws(seed=1), *draws(step=-1)}) == 12
    assert draws(count=2) == draws()[:2]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**31 - 1, 2**31, 2**62 - 1, -(2**70)])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    assert all(0 <= draw < 1 for draw in draws(seed))
    assert draws(seed) != draws(seed + 1)
    assert draws(seed) != draws(seed + 2**31)


def test_a_draws_own_seed() -> None:
    def own(run: int, step: int) -> list[float]:
        with seeding.scope(seeding.seed_tensor(run), step):
            return [float(seeding.uniform([], seed=7)), float(seeding.uniform([]))]

    assert own(0, 3)[0] == own(1, 3)[0]
    assert own(0, 3)[0] != own(0, 4)[0]
    assert own(0, 3)[1] != own(1, 3)[1]


def test_integers_reach_all_below_the_bound() -> None:
    with seeding.scope(seeding.seed_tensor(0), 0):
        numbers = seeding.integers([300], tf.constant(4)).numpy()
    assert set(numbers.tolist()) == {0, 1, 2, 3}
    assert np.bincount(numbers).min() > 50


def test_a_lazy_value_takes_one_place_whether_it_is_made_or_not() -> None:
    def after(make: bool) -> tuple[list[float], float]:
        with seeding.scope(seeding.seed_tensor(0), 0):
            lazy = seeding.lazily(lambda: [float(seeding.uniform([])) for _ in range(5)])
            made = lazy() if make else []
            return made, float(seeding.uniform([]))

    made, following = after(True)
    assert following == after(False)[1]
    assert len({*made, following}) == 6


def test_scopes_nest_and_end() -> None:
    assert seeding.current_step() is None
    with seeding.scope(seeding.seed_tensor(0), 4):
        with seeding.scope(seeding.seed_tensor(0), 5):
            assert seeding.current_step() == 5
        assert seeding.current_step() == 4
    assert seeding.current_step() is None


def test_outside_an_optimization_tensorflows_seed_decides() -> None:
    def draw() -> list[float]:
        return [float(seeding.uniform([])) for _ in range(2)]

    tf.random.set_seed(3)
    first = draw()
    assert first[0] != first[1]
    assert draw() != first
    tf.random.set_seed(3)
    assert draw() == first
    assert seeding.lazily(draw) is draw
