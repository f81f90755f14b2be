"""`param.image` and its variants: values, noise and initial images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.param.helpers import DECORRELATION, made, spectral

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.optvis import param
from lucid_widgets.optvis.param.spatial import fft_image, pixel_image

RNG = np.random.default_rng(0)


def test_initial_image_is_almost_gray_as_in_lucid() -> None:
    image, _ = made(lambda: param.image(128, batch=8))
    assert image.dtype == np.float32
    assert image.mean() == pytest.approx(0.5, abs=5e-4)
    assert np.mean([each.std() for each in image]) == pytest.approx(0.0028, abs=2e-4)
    raw, _ = made(lambda: fft_image((8, 128, 128, 3)))
    assert np.mean([each.std() for each in raw]) == pytest.approx(0.019, abs=1e-3)


def test_image_is_the_color_of_frequencies() -> None:
    image, (coefficients,) = made(lambda: param.image(9, 6, batch=2, sd=0.5))
    assert image.shape == (2, 6, 9, 3)
    assert coefficients.std() == pytest.approx(0.5, rel=0.1)
    linear = spectral(coefficients, 6, 9) @ DECORRELATION.T
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-linear)), atol=1e-5)


def test_image_of_pixels_is_their_sigmoid() -> None:
    image, (values,) = made(lambda: param.image(32, 30, fft=False, decorrelate=False))
    assert values.shape == (1, 30, 32, 3)
    assert (values.mean(), values.std()) == (pytest.approx(0, abs=1e-3), pytest.approx(0.01, rel=0.05))
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-values.astype(np.float64))), atol=1e-6)


def test_image_with_alpha_and_with_other_channels() -> None:
    image, (values,) = made(lambda: param.image(4, alpha=True, fft=False, sd=1))
    assert image.shape == (1, 4, 4, 4)
    np.testing.assert_allclose(image[..., 3], 1 / (1 + np.exp(-values[..., 3])), atol=1e-6)
    np.testing.assert_allclose(image[..., :3], 1 / (1 + np.exp(-values[..., :3] @ DECORRELATION.T)), atol=1e-5)
    image, (values,) = made(lambda: param.image(4, channels=7, fft=False, sd=1))
    np.testing.assert_allclose(image, 1 / (1 + np.exp(-values)), atol=1e-6)
    assert image.shape == (1, 4, 4, 7)


def test_grayscale_image_repeats_one_channel() -> None:
    image, (coefficients,) = made(lambda: param.grayscale_image_rgb(6, 5, batch=2, sd=1))
    assert image.shape == (2, 5, 6, 3)
    assert coefficients.shape[2] == 1
    expected = 1 / (1 + np.exp(-spectral(coefficients, 5, 6)))
    np.testing.assert_allclose(image, np.repeat(expected, 3, -1), atol=1e-5)


@pytest.mark.parametrize("fft", [True, False])
def test_initial_image_does_not_depend_on_the_batch(fft: bool) -> None:
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


def test_two_variables_of_one_image_start_differently() -> None:
    _, (one, other) = made(lambda: pixel_image((1, 4, 4, 3)) + pixel_image((1, 4, 4, 3)))
    assert not np.allclose(one, other, atol=1e-3)


def test_sd_of_zero_starts_without_noise() -> None:
    assert not made(lambda: pixel_image((1, 3, 4, 2), sd=0))[0].any()
    assert not made(lambda: fft_image((1, 3, 4, 2), sd=0))[0].any()


def test_pixel_image_starts_from_init_val() -> None:
    start = np.random.default_rng(0).random((1, 3, 4, 2))
    image, (values,) = made(lambda: pixel_image((1, 3, 4, 2), init_val=start))
    np.testing.assert_array_equal(image, start.astype(np.float32))
    np.testing.assert_array_equal(values, image)
    with pytest.raises(
        ArgumentError, match=r"init_val of shape \(3, 4, 2\). Expected the shape of the image, \(1, 3, 4, 2\)"
    ):
        pixel_image((1, 3, 4, 2), init_val=start[0])


@pytest.mark.parametrize("make", [param.fft_image, param.pixel_image, param.laplacian_pyramid_image])
@pytest.mark.parametrize("size", [(8, 8), (9, 12), (12, 9), (11, 13)])
def test_every_parameterization_starts_from_init_val(make: Callable[..., Any], size: tuple[int, int]) -> None:
    start = RNG.normal(size=(2, *size, 5)).astype(np.float32)
    image, _ = made(lambda: make(start.shape, init_val=start))
    np.testing.assert_allclose(image, start, atol=2e-5)


@pytest.mark.parametrize("fft", [True, False])
@pytest.mark.parametrize("decorrelate", [True, False])
@pytest.mark.parametrize("kind", [{}, {"alpha": True}, {"channels": 5}])
def test_image_starts_from_init_val(fft: bool, decorrelate: bool, kind: dict[str, Any]) -> None:
    depth = kind.get("channels", 4 if kind else 3)
    start = RNG.uniform(size=(7, 9, depth))
    image, _ = made(lambda: param.image(9, 7, batch=2, fft=fft, decorrelate=decorrelate, init_val=start, **kind))
    np.testing.assert_allclose(image, [start, start], atol=2e-3)


def test_black_and_white_are_exact_in_eight_bits() -> None:
    start = RNG.integers(0, 2, (16, 16, 3)).astype(float)
    image, _ = made(lambda: param.image(16, init_val=start))
    np.testing.assert_array_equal(np.round(255 * image[0]), 255 * start)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"w": 0}, "w of image() is 0. Expected a whole number from 1 up."),
        ({"w": 4, "h": -1}, "h of image() is -1."),
        ({"w": 4, "batch": 0}, "batch of image() is 0."),
    ],
)
def test_image_rejects_invalid_sizes(arguments: Any, message: str) -> None:
    with pytest.raises(OutOfRangeError) as error:
        param.image(**arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: param.lowres_tensor((1, 4), (2,)), "Expected two shapes with the same number of dimensions"),
        (lambda: param.lowres_tensor((1, 4), (1, 0)), "underlying_shape=(1, 0). Expected two shapes"),
        (
            lambda: param.lowres_tensor((4, 4), (2, 2), [1]),
            "Expected one entry for each of the 2 dimensions, or a single entry",
        ),
        (lambda: param.lowres_tensor((4, 4), (2, 2), init_val=np.ones((3, 3))), "Expected (2, 2) or (4, 4)."),
        (
            lambda: param.lowres_tensor((4, 4), (2, 2), 1, init_val=np.ones((4, 4))),
            "Expected (2, 2), because there is an offset.",
        ),
        (
            lambda: param.laplacian_pyramid_image((1, 4, 4, 3), 4),
            "n_levels=4 for 4 x 4 pixels. Expected a number from 1 to 3.",
        ),
        (lambda: param.fft_image((4, 4, 3)), "fft_image received the shape (4, 4, 3). Expected (batch, height, width,"),
        (lambda: param.fft_image((1, 4, 0, 3)), "each at least 1."),
        (
            lambda: param.to_valid_rgb(tf.zeros((1, 4, 4, 1)), decorrelate=True),
            "Expected three channels. Pass decorrelate=False",
        ),
        (
            lambda: param.fft_image((1, 4, 4, 3), init_val=np.ones((4, 4, 3))),
            "Expected the shape of the image, (1, 4, 4, 3).",
        ),
        (lambda: param.image(4, init_val=np.ones((5, 4, 3))), "Expected (4, 4, 3) or (1, 4, 4, 3)."),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), 255)), "Expected floats in [0, 1]"),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), 2.0)), "Expected floats in [0, 1]"),
        (lambda: param.image(4, init_val=np.full((4, 4, 3), np.nan)), "Expected floats in [0, 1]"),
    ],
)
def test_rejects_invalid_arguments(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        make()
    assert message in str(error.value)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_smallest_images(width: int) -> None:
    image, _ = made(lambda: param.image(width))
    assert image.shape == (1, width, width, 3)
    assert np.abs(image - 0.5).max() < 0.1


@pytest.mark.parametrize("old", ["naive", "laplacian_pyramid"])
def test_old_names_warn_and_work(old: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"param.{old} is now param."):
        image, _ = made(lambda: getattr(param, old)((1, 16, 16, 3)))
    assert image.shape == (1, 16, 16, 3)
