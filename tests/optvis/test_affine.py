"""`random_affine` against NumPy for the numbers that it drew, its gradient, and how it draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.transform import random_affine

RNG = np.random.default_rng(3)
IMAGES = RNG.random((3, 9, 11, 2)).astype(np.float32)


def applied(transform: Any, images: np.ndarray = IMAGES, step: int = 0, numbers: Any = None) -> np.ndarray:
    with seeding.scope(seeding.seed_tensor(0), step, numbers):
        return transform(tf.constant(images)).numpy()


def draws(batch: int, step: int = 0) -> np.ndarray:
    with seeding.scope(seeding.seed_tensor(0), step):
        return seeding.uniform_images(batch, 4).numpy() * 2 - 1


def sampled(image: np.ndarray, x: float, y: float, fill: float) -> np.ndarray:
    """Return the image interpolated at a position, and `fill` outside."""
    total = np.zeros(image.shape[-1])
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
            weight = (1 - abs(row - y)) * (1 - abs(column - x))
            total += weight * (image[row, column] if inside else fill)
    return total


@pytest.mark.parametrize("margin", [0, 2])
def test_result_is_the_image_shifted_scaled_and_rotated(margin: int) -> None:
    result = applied(random_affine(shift=3, scale=0.3, rotate=40, constant_value=0.25, margin=margin))
    assert result.shape == (3, 9 + 2 * margin, 11 + 2 * margin, 2)
    for image, made, (turn, resize, right, down) in zip(IMAGES, result, draws(3), strict=True):
        angle, factor = math.radians(40 * turn), 1 + 0.3 * resize
        for row in range(made.shape[0]):
            for column in range(made.shape[1]):
                # Relative to the center of the result: rotated back, scaled back, then shifted back.
                u, v = column - (made.shape[1] - 1) / 2, row - (made.shape[0] - 1) / 2
                x = (u * math.cos(angle) - v * math.sin(angle)) / factor + 5 - 3 * right
                y = (u * math.sin(angle) + v * math.cos(angle)) / factor + 4 - 3 * down
                np.testing.assert_allclose(made[row, column], sampled(image, x, y, 0.25), atol=2e-5)


def test_zero_amounts_only_add_the_margin() -> None:
    result = applied(random_affine(shift=0, scale=0, rotate=0, margin=2))
    np.testing.assert_allclose(result[:, 2:-2, 2:-2], IMAGES, atol=1e-6)
    np.testing.assert_array_equal(result[:, :2], 0.5)
    np.testing.assert_array_equal(applied(random_affine(0, 0, 0, margin=0)), IMAGES)


def test_draws_independently_for_each_image_and_step() -> None:
    same = np.broadcast_to(IMAGES[:1], IMAGES.shape)
    first, second = applied(random_affine(), same), applied(random_affine(), same, step=1)
    assert not np.allclose(first[0], first[1])
    assert not np.allclose(first[0], second[0])


def test_draws_depend_only_on_the_noise_id() -> None:
    together = applied(random_affine())
    for number in range(3):
        alone = applied(random_affine(), IMAGES[number : number + 1], numbers=(number,))
        np.testing.assert_array_equal(alone[0], together[number])


def test_gradient_of_shifts_is_exact() -> None:
    """The transpose of a shift is the opposite shift."""
    transform = random_affine(shift=2, scale=0, rotate=0, margin=0)
    weights = RNG.normal(size=IMAGES.shape).astype(np.float32)

    @tf.function(autograph=False)
    def both(t: Any) -> tuple[Any, Any]:
        with seeding.scope(seeding.seed_tensor(0), 0):
            value = tf.reduce_sum(transform(t) * weights)
        return value, tf.gradients(value, t)[0]

    _, gradient = both(tf.constant(IMAGES))
    for at in [(0, 4, 5, 0), (1, 3, 6, 1), (2, 5, 4, 0)]:
        moved = IMAGES.copy()
        moved[at] += 1
        difference = both(tf.constant(moved))[0] - both(tf.constant(IMAGES))[0]  # linear: exact for any step
        assert float(gradient[at]) == pytest.approx(float(difference), abs=1e-4)


def test_gradient_of_rotations_and_scales_is_exact_up_to_blur() -> None:
    """With smooth weights, a blur of one pixel changes little."""
    size = 48
    rows, columns = np.mgrid[:size, :size] / size * 2 * np.pi
    weights = (np.sin(rows) * np.cos(columns))[None, :, :, None].astype(np.float32)
    images = tf.constant(RNG.random((1, size, size, 1)), tf.float32)

    @tf.function(autograph=False)
    def both(t: Any) -> tuple[Any, Any]:
        with seeding.scope(seeding.seed_tensor(0), 0):
            value = tf.reduce_sum(random_affine(scale=0.3, rotate=30, margin=0)(t) * weights)
        return value, tf.gradients(value, t)[0]

    center = slice(12, 36)
    direction = np.zeros((1, size, size, 1), np.float32)
    direction[:, center, center] = weights[:, center, center]
    value, gradient = both(images)
    moved, _ = both(images + direction)
    assert float(tf.reduce_sum(gradient * direction)) == pytest.approx(float(moved - value), rel=0.02)


def test_accepts_images_of_unknown_size() -> None:
    @tf.function(autograph=False, input_signature=[tf.TensorSpec([1, None, None, 2])])
    def later(t: Any) -> Any:
        with seeding.scope(seeding.seed_tensor(0), 0):
            return random_affine(margin=1)(t)

    np.testing.assert_allclose(later(IMAGES[:1]), applied(random_affine(margin=1), IMAGES[:1]), atol=1e-6)


def test_only_the_margin_is_part_of_the_structure() -> None:
    assert random_affine(shift=1).structure == random_affine(rotate=3).structure != random_affine(margin=7).structure
    assert random_affine(1, 0.2, 30, 0.0).numbers == (1.0, 0.2, 30.0, 0.0)


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"shift": -1}, OutOfRangeError, "shift of random_affine() is -1. Expected a finite number from 0 up."),
        ({"scale": 1}, OutOfRangeError, "scale of random_affine() is 1. Expected a number from 0 up, below 1."),
        (
            {"rotate": float("nan")},
            ArgumentError,
            "rotate of random_affine() is nan. Expected a finite number from 0 up.",
        ),
        ({"margin": 1.5}, ArgumentError, "margin of random_affine() is 1.5. Expected a whole number from 0 up."),
    ],
)
def test_rejects_invalid_amounts(settings: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        random_affine(**settings)
    assert message in str(caught.value)
