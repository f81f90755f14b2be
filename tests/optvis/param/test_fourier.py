"""Images of frequencies against NumPy's Fourier transform."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from optvis.param.helpers import computed_from, made, spectral

from lucid_widgets.optvis.param.spatial import fft_image, rfft2d_freqs


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 6), (6, 9), (7, 5), (5, 3)])
@pytest.mark.parametrize("decay_power", [1, 1.5])
def test_fft_image_equals_lucids_formula(height: int, width: int, decay_power: float) -> None:
    image, (coefficients,) = made(lambda: fft_image((2, height, width, 3), decay_power=decay_power))
    assert coefficients.shape == (2, 2, 3, height, width // 2 + (2 if width % 2 else 1))
    assert image.shape == (2, height, width, 3)
    np.testing.assert_allclose(image, spectral(coefficients, height, width, decay_power), atol=2e-6)


def test_fft_image_of_one_frequency_is_a_wave() -> None:
    coefficients = np.zeros((2, 1, 1, 8, 5), np.float32)
    coefficients[0, 0, 0, 0, 1] = 1
    image = computed_from(lambda: fft_image((1, 8, 8, 1)), tf.constant(coefficients)).numpy()[0, ..., 0]
    # sqrt(8 * 8) / (1 / 8) / 4, twice for the mirrored coefficient, over 8 * 8.
    wave = 8 / (1 / 8) / 4 * 2 / 64 * np.cos(2 * np.pi * np.arange(8) / 8)
    np.testing.assert_allclose(image, np.tile(wave, (8, 1)), atol=1e-6)


def test_frequencies_in_cycles_per_pixel() -> None:
    np.testing.assert_allclose(rfft2d_freqs(1, 4), [[0, 0.25, 0.5]])
    np.testing.assert_allclose(rfft2d_freqs(1, 5), [[0, 0.2, 0.4, 0.4]])
    np.testing.assert_allclose(rfft2d_freqs(2, 4), [[0, 0.25, 0.5], [0.5, np.sqrt(0.3125), np.sqrt(0.5)]])


def test_gradient_of_fft_image_equals_differences() -> None:
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
