"""Parameterizations against NumPy's own Fourier transform and colour arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.spatial import fft_image, pixel_image, rfft2d_freqs
from lucid_widgets.optvis.param.unit_balls import constrain_L_inf

COLORS = np.asarray([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
# The longest column of the matrix.
DECORRELATION = COLORS / np.sqrt(0.26**2 + 0.27**2 + 0.27**2)


def made(make: Callable[[], Any], seed: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """The start image of a parameterization, and the variables behind it."""
    variables: list[Any] = []

    def create(next_creator: Any, **kwargs: Any) -> Any:
        variables.append(next_creator(**kwargs))
        return variables[-1]

    with seeding.scope(seeding.seed_tensor(seed), seeding.INITIAL_STEP), tf.variable_creator_scope(create):
        image = make()
    return image.numpy(), [variable.numpy() for variable in variables]


def computed_from(make: Callable[[], Any], values: Any) -> Any:
    """The image where the only variable holds `values`."""
    with tf.variable_creator_scope(lambda _, **__: values):
        return make()


def spectral(coefficients: np.ndarray, height: int, width: int, decay_power: float = 1) -> np.ndarray:
    """Lucid's formula for an image made of frequencies."""
    columns = coefficients.shape[-1]
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[:columns]
    if width % 2:
        fx = np.fft.fftfreq(width)[: width // 2 + 2]
    scale = 1 / np.maximum(np.sqrt(fx * fx + fy * fy), 1 / max(width, height)) ** decay_power
    scale *= np.sqrt(width * height)
    real, imaginary = coefficients.astype(np.float64) * scale
    image = np.fft.irfft2(real + 1j * imaginary, s=(height, 2 * (columns - 1)))
    return np.moveaxis(image, 1, -1)[:, :height, :width] / 4


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 6), (6, 9), (7, 5), (5, 3)])
@pytest.mark.parametrize("decay_power", [1, 1.5])
def test_fft_image(height: int, width: int, decay_power: float) -> None:
    image, (coefficients,) = made(lambda: fft_image((2, height, width, 3), decay_power=decay_power))
    assert coefficients.shape == (2, 2, 3, height, width // 2 + (2 if width % 2 else 1))
    assert image.shape == (2, height, width, 3)
    np.testing.assert_allclose(image, spectral(coefficients, height, width, decay_power), atol=2e-6)


def test_an_fft_image_of_one_frequency_is_a_wave() -> None:
    coefficients = np.zeros((2, 1, 1, 8, 5), np.float32)
    coefficients[0, 0, 0, 0, 1] = 1
    image = computed_from(lambda: fft_image((1, 8, 8, 1)), tf.constant(coefficients)).numpy()[0, ..., 0]
    # sqrt(8 * 8) / (1 / 8) / 4, twice for the mirrored coefficient, over 8 * 8.
    wave = 8 / (1 / 8) / 4 * 2 / 64 * np.cos(2 * np.pi * np.arange(8) / 8)
    np.testing.assert_allclose(image, np.tile(wave, (8, 1)), atol=1e-6)


def test_frequencies() -> None:
    np.testing.assert_allclose(rfft2d_freqs(1, 4), [[0, 0.25, 0.5]])
    np.testing.assert_allclose(rfft2d_freqs(1, 5), [[0, 0.2, 0.4, 0.4]])
    np.testing.assert_allclose(rfft2d_freqs(2, 4), [[0, 0.25, 0.5], [0.5, np.sqrt(0.3125), np.sqrt(0.5)]])


def test_gradient_of_an_fft_image() -> None:
    make = partial(fft_image, (1, 5, 7, 2))
    rng = np.random.default_rng(0)
    _, (start,) = made(make)
    weights = rng.normal(size=(1, 5, 7, 2)).astype(np.float32)
    values = tf.constant(start)
    with tf.GradientTape() as tape:
        tape.watch(values)
        total = tf.reduce_sum(weights * computed_from(make, values))
    gradient = tape.gradient(total, values).numpy()
    for place in ((0, 0, 0, 0, 0), (0, 0, 1, 2, 1), (1, 0, 1, 3, 2), (0, 0, 0, 4, 4), (1, 0, 0, 1, 3)):
        step = np.zeros_like(start)
        step[place] = 1
        # The image is linear in its coefficients, so a difference is exact.
        difference = np.sum(weights * (spectral(start + step, 5, 7) - spectral(start, 5, 7)))
        assert gradient[place] == pytest.approx(difference, abs=1e-4)


def test_the_start_image_is_almost_grey_as_lucids() -> None:
    image, _ = made(lambda: param.image(128, batch=8))
    assert image.dtype == np.float32
    assert image.mean() == pytest.approx(0.5, abs=5e-4)
    assert np.mean([each.std() for each in image]) == pytest.approx(0.0028, abs=2e-4)
    raw, _ = made(lambda: fft_image((8, 128, 128, 3)))
    assert np.mean([each.std() for each in raw]) == pytest.approx(0.019, abs=1e-3)


def test_image_is_colour_of_frequencies() -> None:
    image, (coefficients,) = made(lambda: param.image(9, 6, batch=2, sd=0.5))
    assert image.shape == (2, 6, 9, 3)
    assert coefficients.std() == pytest.approx(0.5, rel=0.1)
    linear = spectral(coefficients, 6, 9) @ DECORRELATION.T
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-linear)), atol=1e-5)


def test_image_of_pixels() -> None:
    image, (values,) = made(lambda: param.image(32, 30, fft=False, decorrelate=False))
    assert values.shape == (1, 30, 32, 3)
    assert (values.mean(), values.std()) == (pytest.approx(0, abs=1e-3), pytest.approx(0.01, rel=0.05))
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-values.astype(np.float64))), atol=1e-6)


def test_alpha_and_other_channels() -> None:
    image, (values,) = made(lambda: param.image(4, alpha=True, fft=False, sd=1))
    assert image.shape == (1, 4, 4, 4)
    np.testing.assert_allclose(image[..., 3], 1 / (1 + np.exp(-values[..., 3])), atol=1e-6)
    np.testing.assert_allclose(image[..., :3], 1 / (1 + np.exp(-values[..., :3] @ DECORRELATION.T)), atol=1e-5)
    image, (values,) = made(lambda: param.image(4, channels=7, fft=False, sd=1))
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-values)), atol=1e-6)
    assert image.shape == (1, 4, 4, 7)


def test_grayscale_image_rgb() -> None:
    image, (coefficients,) = made(lambda: param.grayscale_image_rgb(6, 5, batch=2, sd=1))
    assert image.shape == (2, 5, 6, 3)
    assert coefficients.shape[2] == 1
    expected = 1 / (1 + np.exp(-spectral(coefficients, 5, 6)))
    np.testing.assert_allclose(image, np.repeat(expected, 3, -1), atol=1e-5)


@pytest.mark.parametrize("fft", [True, False])
def test_an_image_of_a_batch_is_the_same_image_alone(fft: bool) -> None:
    def start(batch: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
        image, (values,) = made(lambda: param.image(6, batch=batch, fft=fft), seed)
        return image, np.moveaxis(values, 1, 0) if fft else values

    image, values = start(5)
    for batch in (1, 2):
        # The numbers are the same; how the processor groups them for a sigmoid may round differently.
        np.testing.assert_array_equal(start(batch)[1], values[:batch])
        np.testing.assert_allclose(start(batch)[0], image[:batch], atol=1e-6)
    assert not np.allclose(values[0], values[1], atol=1e-3)
    assert not np.allclose(start(1, seed=4)[1], values[:1], atol=1e-3)


def test_two_variables_of_one_image_differ() -> None:
    _, (one, other) = made(lambda: pixel_image((1, 4, 4, 3)) + pixel_image((1, 4, 4, 3)))
    assert not np.allclose(one, other, atol=1e-3)


def test_init_val() -> None:
    start = np.random.default_rng(0).random((1, 3, 4, 2))
    image, (values,) = made(lambda: pixel_image((1, 3, 4, 2), init_val=start))
    np.testing.assert_array_equal(image, start.astype(np.float32))
    np.testing.assert_array_equal(values, image)
    with pytest.raises(
        ArgumentError, match=r"init_val of shape \(3, 4, 2\). Expected the shape of the image, \(1, 3, 4, 2\)"
    ):
        pixel_image((1, 3, 4, 2), init_val=start[0])


def test_without_noise() -> None:
    assert not made(lambda: pixel_image((1, 3, 4, 2), sd=0))[0].any()
    assert not made(lambda: fft_image((1, 3, 4, 2), sd=0))[0].any()


def test_to_valid_rgb() -> None:
    t = np.random.default_rng(0).normal(0, 2, (2, 3, 3))
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    color_mean = [0.48, 0.46, 0.41]

    def rgb(**kwargs: bool) -> np.ndarray:
        return to_valid_rgb(tf.constant(t, tf.float32), **kwargs).numpy()

    np.testing.assert_allclose(rgb(), sigmoid(t), atol=1e-6)
    np.testing.assert_allclose(rgb(decorrelate=True), sigmoid(t @ DECORRELATION.T), atol=1e-6)
    np.testing.assert_allclose(rgb(sigmoid=False), np.clip(t, 0, 1), atol=1e-6)
    clipped = np.clip(t @ DECORRELATION.T + color_mean, 0, 1)
    np.testing.assert_allclose(rgb(decorrelate=True, sigmoid=False), clipped, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "grad", "passed"),
    [
        # A step goes against the gradient: at the upper edge a negative one would push further out.
        (1.5, -2.0, 0.0),
        (1.5, 2.0, 2.0),
        (1.0, -2.0, 0.0),
        (1.0, 2.0, 2.0),
        (0.5, -2.0, -2.0),
        (0.5, 2.0, 2.0),
        (-1.0, 2.0, 0.0),
        (-1.0, -2.0, -2.0),
        (-1.5, 2.0, 0.0),
        (-1.5, -2.0, -2.0),
    ],
)
def test_numbers_at_the_edge_are_not_pushed_out(x: float, grad: float, passed: float) -> None:
    variable = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        y = constrain_L_inf(variable)
    assert float(y) == np.clip(x, -1, 1)
    assert float(tape.gradient(y, variable, tf.constant(grad))) == passed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"w": 0}, "w of image() is 0. Expected a whole number from 1 up."),
        ({"w": 4, "h": -1}, "h of image() is -1."),
        ({"w": 4, "batch": 0}, "batch of image() is 0."),
    ],
)
def test_sizes_that_are_none(arguments: Any, message: str) -> None:
    with pytest.raises(OutOfRangeError) as error:
        param.image(**arguments)
    assert message in str(error.value)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_smallest_images(width: int) -> None:
    image, _ = made(lambda: param.image(width))
    assert image.shape == (1, width, width, 3)
    assert np.abs(image - 0.5).max() < 0.1
