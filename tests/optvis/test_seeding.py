"""Stateless draws: functions of seed, step and place, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis import seeding


def draws(seed: int = 0, step: int = 0, count: int = 3) -> list[float]:
    with seeding.scope(seeding.seed_tensor(seed), step):
        return [float(seeding.uniform([])) for _ in range(count)]


def test_draws_depend_on_seed_and_step_alone() -> None:
    assert draws() == draws()
    assert len({*draws(), *draws(step=1), *draws(seed=1), *draws(step=-1)}) == 12
    assert draws(count=2) == draws()[:2]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**31 - 1, 2**31, 2**62 - 1, -(2**70)])
def test_accepts_any_integer_as_seed(seed: int) -> None:
    assert all(0 <= draw < 1 for draw in draws(seed))
    assert draws(seed) != draws(seed + 1)
    assert draws(seed) != draws(seed + 2**31)


def test_a_draw_with_its_own_seed_ignores_the_run() -> None:
    def own(run: int, step: int) -> list[float]:
        with seeding.scope(seeding.seed_tensor(run), step):
            return [float(seeding.uniform([], seed=7)), float(seeding.uniform([]))]

    assert own(0, 3)[0] == own(1, 3)[0]
    assert own(0, 3)[0] != own(0, 4)[0]
    assert own(0, 3)[1] != own(1, 3)[1]


def test_integers_cover_the_whole_range() -> None:
    with seeding.scope(seeding.seed_tensor(0), 0):
        numbers = seeding.integers([300], tf.constant(4)).numpy()
    assert set(numbers.tolist()) == {0, 1, 2, 3}
    assert np.bincount(numbers).min() > 50


def test_a_lazy_value_uses_one_draw_whether_or_not_it_is_made() -> None:
    def after(make: bool) -> tuple[list[float], float]:
        with seeding.scope(seeding.seed_tensor(0), 0):
            lazy = seeding.lazily(lambda: [float(seeding.uniform([])) for _ in range(5)])
            made = lazy() if make else []
            return made, float(seeding.uniform([]))

    made, following = after(True)
    assert following == after(False)[1]
    assert len({*made, following}) == 6


def test_scopes_nest() -> None:
    assert seeding.current_step() is None
    with seeding.scope(seeding.seed_tensor(0), 4):
        with seeding.scope(seeding.seed_tensor(0), 5):
            assert seeding.current_step() == 5
        assert seeding.current_step() == 4
    assert seeding.current_step() is None


def test_outside_an_optimization_the_seed_of_tensorflow_applies() -> None:
    def draw() -> list[float]:
        return [float(seeding.uniform([])) for _ in range(2)]

    tf.random.set_seed(3)
    first = draw()
    assert first[0] != first[1]
    assert draw() != first
    tf.random.set_seed(3)
    assert draw() == first
    assert seeding.lazily(draw) is draw
