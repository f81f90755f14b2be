"""The transforms for transformers, against NumPy for the numbers that they drew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.transform import (
    as_transforms,
    default_transforms,
    random_color,
    random_roll,
    smooth_gradient,
    token_transforms,
)

# Every value occurs once, so that a pixel shows where it came from.
NUMBERED = np.arange(2 * 9 * 11, dtype=np.float32).reshape(2, 9, 11, 1)


def applied(transform: Any, array: np.ndarray = NUMBERED, step: int = 0, ids: list[int] | None = None) -> np.ndarray:
    with seeding.scope(seeding.seed_tensor(0), step, ids):
        return transform(tf.constant(array)).numpy()


def rolled_by(array: np.ndarray) -> tuple[int, int]:
    """By how much the first image was rolled, between -4 and 4 and between -5 and 5."""
    rows, columns = divmod(int(array[0, 4, 5, 0]), 11)
    return 4 - rows, 5 - columns


def test_random_roll_rolls_all_images_alike_and_by_every_amount() -> None:
    amounts = []
    for step in range(120):
        made = applied(random_roll(2), step=step)
        amounts.append(rolled_by(made))
        np.testing.assert_array_equal(made, np.roll(NUMBERED, amounts[-1], (1, 2)))
    assert set(amounts) == {(down, right) for down in range(-2, 3) for right in range(-2, 3)}
    np.testing.assert_array_equal(applied(random_roll(0.9)), NUMBERED)


def test_gradient_of_a_roll_is_rolled_back() -> None:
    image, pull = tf.constant(NUMBERED), np.random.default_rng(0).normal(size=NUMBERED.shape).astype(np.float32)
    with seeding.scope(seeding.seed_tensor(0), 3), tf.GradientTape() as tape:
        tape.watch(image)
        seen = random_roll(4)(image)
        value = tf.reduce_sum(seen * pull)
    down, right = rolled_by(seen.numpy())
    np.testing.assert_array_equal(tape.gradient(value, image), np.roll(pull, (-down, -right), (1, 2)))


def test_random_color_is_a_factor_and_an_offset_for_each_image_and_channel() -> None:
    images = np.random.default_rng(0).random((4, 5, 6, 3)).astype(np.float32)
    factors, offsets = [], []
    for step in range(50):
        made = applied(random_color(0.2, 0.3), images, step)
        planes, changed = (np.moveaxis(each, 3, 1).reshape(12, -1) for each in (images, made))
        for before, after in zip(planes, changed, strict=True):
            factor, offset = np.polyfit(before - 0.5, after - 0.5, 1)
            np.testing.assert_allclose(after - 0.5, factor * (before - 0.5) + offset, atol=1e-6)
            factors.append(factor)
            offsets.append(offset)
    # Uniform draws: extremes close to the bounds, and a mean close to zero.
    for draws, most in ((np.log(factors), 0.3), (np.array(offsets), 0.2)):
        assert 0.95 * most < np.abs(draws).max() < 1.001 * most
        assert np.abs(draws.mean()) < 0.1 * most
    assert len({round(factor, 5) for factor in factors}) > 590
    np.testing.assert_allclose(applied(random_color(0, 0), images), images, atol=1e-6)


def test_random_color_of_an_image_depends_on_its_noise_id_only() -> None:
    images = np.random.default_rng(0).random((2, 5, 6, 3)).astype(np.float32)
    alike = applied(random_color(), np.stack([images[0]] * 2), ids=[0, 0])
    np.testing.assert_array_equal(alike[0], alike[1])
    np.testing.assert_array_equal(alike[0], applied(random_color(), images)[0])


def test_smooth_gradient_adds_the_slope_of_the_total_variation_in_proportion() -> None:
    rng = np.random.default_rng(0)
    image, pull = (tf.constant(rng.normal(size=(2, 4, 5, 3)), tf.float32) for _ in range(2))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(image)
        seen = smooth_gradient(0.5)(image)
        value = tf.reduce_sum(seen * pull)
        rough = tf.image.total_variation(image)
    np.testing.assert_array_equal(seen, image)
    added = tape.gradient(value, image).numpy() - pull.numpy()
    slope = tape.gradient(rough, image).numpy()
    for each, own, force in zip(added, slope, pull.numpy(), strict=True):
        assert np.linalg.norm(each) == pytest.approx(0.5 * np.linalg.norm(force), rel=1e-5)
        np.testing.assert_allclose(each / np.linalg.norm(each), own / np.linalg.norm(own), atol=1e-6)


def test_smooth_gradient_of_a_flat_image_is_the_gradient() -> None:
    image = tf.fill((1, 4, 4, 3), 0.5)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = tf.reduce_sum(smooth_gradient(0.5)(image) ** 2)
    np.testing.assert_allclose(tape.gradient(value, image), np.ones((1, 4, 4, 3)), rtol=1e-6)


def test_chain_has_a_name() -> None:
    assert as_transforms("tokens") == tuple(token_transforms)
    assert as_transforms(None) == tuple(default_transforms)  # Lucid's calls keep their default


@pytest.mark.parametrize("maker", [random_roll, random_color, smooth_gradient])
def test_amounts_are_checked(maker: Any) -> None:
    with pytest.raises(OutOfRangeError, match=rf"of {maker.__name__}\(\) is -1"):
        maker(-1)
    with pytest.raises(ArgumentError, match=rf"of {maker.__name__}\(\) is "):
        maker(float("nan"))
    with pytest.raises(ArgumentError, match=rf"is the function {maker.__name__}"):
        as_transforms([maker])
