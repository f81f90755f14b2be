"""`random_crops`: several versions of each image, whose objectives are averaged."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import param, seeding, transform
from lucid_widgets.optvis.objectives import channels
from lucid_widgets.optvis.render import iter_vis


def cropped(crops: Any, images: Any, step: int) -> Any:
    with seeding.scope(seeding.seed_tensor(5), tf.constant(step)):
        return crops(tf.constant(images, tf.float32)).numpy()


def test_versions_follow_each_other() -> None:
    images = np.random.default_rng(0).uniform(size=(2, 5, 6, 3))
    # A side of 1 and a little less, by the draw; only the size of the result is certain.
    assert cropped(transform.random_crops(3, size=4), images, 0).shape == (6, 4, 4, 3)
    ramp = np.broadcast_to(np.arange(2)[:, None, None, None], (2, 8, 8, 1))
    first = cropped(transform.random_crops(3, noise=0.0), ramp, 0)
    assert [int(each.mean()) for each in first] == [0, 1, 0, 1, 0, 1]


def test_crops_shrink_and_stay_inside() -> None:
    rows = np.broadcast_to(np.arange(101.0)[:, None, None], (1, 101, 101, 1)) / 100
    crops = transform.random_crops(200, size=2, smallest=0.05, noise=0.0, steps=100)
    for step, mean in ((0, 0.5), (50, 0.275), (100, 0.05), (400, 0.05)):
        ends = cropped(crops, rows, step)[:, :, 0, 0]
        sides = ends[:, 1] - ends[:, 0]
        assert ends.min() >= -1e-6
        assert ends.max() <= 1 + 1e-6
        # At the end the smallest side cuts off half of the draws, whose mean is 0.05 / sqrt(2 pi) above it.
        assert sides.mean() == pytest.approx(mean if step < 100 else 0.05 + 0.05 / np.sqrt(2 * np.pi), abs=0.015)
        assert ends.mean() == pytest.approx(0.5, abs=0.04)


def test_noise_has_its_deviation() -> None:
    noisy = cropped(transform.random_crops(2, noise=0.1), np.full((1, 64, 64, 3), 0.5), 0) - 0.5
    assert noisy.std() == pytest.approx(np.sqrt(0.1**2 + 0.1**2 / 12), rel=0.03)


@pytest.mark.slow
def test_the_objective_is_the_mean_over_versions_for_each_image() -> None:
    """With crops that differ by little, a run of two units is nearly the run without crops."""
    run = partial(iter_vis, Tiny(), channels("conv", [0, 1]), partial(param.image, 12, batch=2), steps=1, seed=3)
    plain, with_versions = (list(run(transforms=chosen))[-1] for chosen in ([], [_Same(3)]))
    assert with_versions.objective == pytest.approx(plain.objective, rel=1e-5)
    np.testing.assert_allclose(with_versions.images, plain.images, atol=1e-4)
    composed = list(run(transforms=[transform.compose([_Same(2), _Same(2)])]))[-1]
    np.testing.assert_allclose(composed.images, plain.images, atol=1e-4)


class _Same:
    """A transform that returns each image several times."""

    def __init__(self, versions: int) -> None:
        self.versions = versions

    def __call__(self, t: Any) -> Any:
        return tf.tile(t, [self.versions, 1, 1, 1])


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"count": 0}, OutOfRangeError),
        ({"count": 1.5}, ArgumentError),
        ({"largest": 0}, OutOfRangeError),
        ({"smallest": 1.5}, OutOfRangeError),
        ({"spread": -1}, OutOfRangeError),
        ({"noise": float("nan")}, ArgumentError),
        ({"size": 0}, OutOfRangeError),
        ({"steps": 0}, OutOfRangeError),
    ],
)
def test_wrong_numbers_are_refused(wrong: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=next(iter(wrong))):
        transform.random_crops(**wrong)
