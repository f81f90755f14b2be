"""How far a run is, and how long the rest takes."""

from __future__ import annotations

import pytest

from lucid_widgets.microscope.progress import Tracker, in_words
from lucid_widgets.microscope.tasks import LayerPlan, Variant, curve_points, variants_of


def plan(name: str, channels: int, share: float) -> LayerPlan:
    return LayerPlan(name, channels, (8, 8, 3), 8, 4, "key", "mark", share)


def test_time_left_follows_the_measured_rate_of_each_layer() -> None:
    now = [100.0]
    low, high = plan("low", 8, 0.18), plan("high", 12, 0.38)
    tracker = Tracker([low, high], 1, lambda: now[0])
    assert tracker.progress().seconds_left is None
    tracker.start()
    first, second = low.tasks(Variant())
    now[0] += 2
    tracker.finished(first, 2.0, 0)
    # Half a second per unit. The other layer takes (0.38 + 0.02) / (0.18 + 0.02) = 2 times as much compute.
    progress = tracker.progress()
    assert progress.layers[0].seconds_per_unit == 0.5
    assert [layer.seconds_left for layer in progress.layers] == [pytest.approx(4 * 0.5), pytest.approx(12 * 1.0)]
    assert progress.seconds_left == pytest.approx(14)
    assert progress.per_minute == pytest.approx(60 * 4 / 2)
    # A pause does not count, and what was measured replaces the guess.
    tracker.pause()
    now[0] += 1000
    tracker.start()
    now[0] += 8
    tracker.finished(second, 2.0, 1)
    tracker.finished(next(high.tasks(Variant())), 6.0, 0)
    progress = tracker.progress()
    assert progress.per_minute == pytest.approx(60 * 12 / 10)
    assert progress.seconds_left == pytest.approx(8 * 1.5)
    assert str(progress) == "12 of 20 images, 72 per minute, 12 s left, 1 failed"
    # Two workers halve the time.
    tracker.workers = 2
    assert tracker.progress().seconds_left == pytest.approx(6)


def test_tasks_of_a_layer() -> None:
    tasks = list(plan("low", 10, 0).tasks(Variant()))
    assert [task.units for task in tasks] == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9)]
    assert len({task.key for task in tasks}) == 3
    assert tasks == list(plan("low", 10, 0).tasks(Variant()))
    negative = list(plan("low", 10, 0).tasks(Variant(sign=-1)))
    assert not {task.key for task in tasks} & {task.key for task in negative}


def test_variants() -> None:
    made = variants_of([0, 3, 0], negative=True, neurons=True)
    assert [each.name for each in made] == [
        *("channel", "channel negative", "neuron", "neuron negative"),
        *("channel seed 3", "channel negative seed 3", "neuron seed 3", "neuron negative seed 3"),
    ]
    assert [Variant.from_json(each.to_json()) for each in made] == made


def test_words_and_points() -> None:
    assert [in_words(each) for each in (42, 119.4, 600, 8000)] == ["42 s", "119 s", "10 min", "2 h 13 min"]
    assert curve_points(64) == (0, 8, 16, 24, 32, 40, 48, 56, 64)
    assert curve_points(3) == (0, 1, 2, 3)
    assert curve_points(1) == (0, 1)
