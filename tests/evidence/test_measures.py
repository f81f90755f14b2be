"""Sensitivity, relevance and stopping, on a network whose answers are known: its units are color differences."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lucid_widgets import ActivationIndex, ImageSet, models
from lucid_widgets.errors import OutOfRangeError
from lucid_widgets.evidence.measures import most_relevant, sensitivity, until_percentile
from lucid_widgets.evidence.measures.sensitivity import CHANGES, in_words
from lucid_widgets.frames import Frame

pytestmark = pytest.mark.slow

SIZE, COUNT = 16, 12


@pytest.fixture(scope="module")
def network() -> Any:
    image = keras.Input((SIZE, SIZE, 3))
    units = keras.layers.Conv2D(2, 1, activation="relu", name="units")
    scores = keras.layers.Dense(2, name="scores")
    made = keras.Model(image, scores(keras.layers.GlobalAveragePooling2D()(units(image))))
    # Red minus green; brightness.
    units.set_weights([np.array([[[[1.0, 1], [-1, 1], [0, 1]]]], np.float32), np.zeros(2, np.float32)])
    scores.set_weights([np.array([[2.0, -1], [0, 1]], np.float32), np.zeros(2, np.float32)])
    return models.from_keras(made, image_value_range=(0, 1), labels=["red", "dark"], name="Colors")


@pytest.fixture(scope="module")
def data() -> ImageSet:
    pixels = np.full((COUNT, SIZE, SIZE, 3), 40, np.uint8)
    pixels[..., 0] += np.arange(COUNT, dtype=np.uint8)[:, None, None] * 15
    pixels[COUNT - 1, 1:] = 40  # the strongest, but in one row only
    return ImageSet.from_array(pixels)


@pytest.fixture(scope="module")
def index(network: Any, data: ImageSet) -> ActivationIndex:
    return ActivationIndex.build(network, data, ["units"], path=False, verbose=False)


def test_a_unit_for_color_is_told_from_one_for_brightness(network: Any, index: ActivationIndex) -> None:
    found = sensitivity(network, index["units:0"])
    assert found.shares["gray"] == pytest.approx(0, abs=0.03)
    assert found.shares["flipped"] == found.shares["rotated"] == pytest.approx(1, abs=0.05)
    assert found.shares["shuffled"] == pytest.approx(1, abs=0.05)
    assert found.words.startswith("Color more than shape: with other hues it keeps 0 %") or "in gray" in found.words
    assert found.words.startswith("Color more than shape")
    assert sensitivity(network, index["units:1"]).words.startswith("Neither color nor shape")
    assert in_words({"gray": 1.0, "hue": 0.9, "shuffled": 0.2, "blurred": 0.8}) == (
        "Shape more than color: with other hues it keeps 90 % of its answer, in shuffled patches it keeps 20 %."
    )
    assert in_words({}) == "The images do not activate the unit."


def test_changes_are_what_they_say() -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    changed = {name: change(image, 0) for name, change in CHANGES.items()}
    assert all(each.shape == image.shape and each.dtype == np.uint8 for each in changed.values())
    assert np.ptp(changed["gray"], -1).max() == 0
    np.testing.assert_array_equal(changed["flipped"][:, 0], image[:, -1])
    np.testing.assert_array_equal(changed["rotated"], np.rot90(image))
    order = np.sort(changed["shuffled"].reshape(-1, 3), 0)
    np.testing.assert_array_equal(order, np.sort(image.reshape(-1, 3), 0))
    assert not np.array_equal(changed["shuffled"], image)
    red = np.array([[[200, 0, 0]]], np.uint8)
    np.testing.assert_allclose(CHANGES["hue"](red, 0)[0, 0].astype(int), [0, 200, 0], atol=6)


def test_relevance_is_activation_times_gradient(network: Any, index: ActivationIndex, data: ImageSet) -> None:
    found = most_relevant(network, index["units:0"], "red", data, count=COUNT)
    pixels = np.stack([data.image(each) for each in range(COUNT)]) / 255
    expected = 2 * np.maximum(pixels[..., 0] - pixels[..., 1], 0).mean((1, 2))
    assert [shown.image for shown, _ in found] == np.argsort(-expected, kind="stable").tolist()
    np.testing.assert_allclose([value for _, value in found], np.sort(expected)[::-1], atol=1e-5)
    assert index["units:0"].top[0].image == COUNT - 1  # by activation, another image is first


def test_run_ends_at_the_percentile(network: Any, index: ActivationIndex) -> None:
    def frames() -> list[Frame]:
        levels = [np.full((1, 4, 4, 3), 0.2, np.float32) for _ in range(10)]
        for step, level in enumerate(levels):
            level[..., 0] += 0.08 * step
        return [Frame(step, None, level) for step, level in enumerate(levels)]

    unit = index["units:0"]
    values = [0.08 * step for step in range(10)]
    for percentile in (50, 90, 100):
        expected = next(step for step, value in enumerate(values) if value >= unit.quantile(percentile / 100))
        seen = [frame.step for frame in until_percentile(frames(), network, unit, percentile)]
        assert abs(seen[-1] - expected) <= 1
        assert seen == list(range(seen[-1] + 1))
    with pytest.raises(OutOfRangeError):
        until_percentile([], network, unit, 101)
