"""`maco`: amplitudes stay exactly those of the spectrum, whatever the phases are."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import param, transform
from lucid_widgets.optvis.param.color import from_valid_rgb
from lucid_widgets.optvis.param.maco import image_of_phases, resized_spectrum
from lucid_widgets.optvis.render import iter_vis

IGNORED = transform.ignore_alpha()
RANDOM = np.random.default_rng(0)


def amplitudes_of(images: Any) -> Any:
    """Amplitudes `[batch, 3, height, columns]` of images in [0, 1], before their sigmoid."""
    return np.abs(np.fft.rfft2(np.moveaxis(from_valid_rgb(images, decorrelate=True).astype(np.float64), -1, 1)))


@pytest.mark.parametrize("size", [(6, 8), (7, 6), (1, 4), (5, 2)])
def test_any_phases_give_exactly_the_amplitudes(size: tuple[int, int]) -> None:
    height, width = size
    columns = width // 2 + 1
    amplitudes = resized_spectrum(RANDOM.uniform(1, 2, (3, height, columns)), height, columns)
    phases = tf.constant(RANDOM.normal(size=(2, *amplitudes.shape)), tf.float32)
    image = image_of_phases(phases, amplitudes).numpy()
    assert image.shape == (2, 3, height, width)
    found = np.fft.rfft2(image.astype(np.float64))
    mean = found[..., 0, 0]
    np.testing.assert_allclose(mean, amplitudes[:, 0, 0] * np.cos(phases.numpy()[..., 0, 0]), rtol=1e-5)
    found[..., 0, 0] = amplitudes[:, 0, 0]
    np.testing.assert_allclose(np.abs(found), np.broadcast_to(amplitudes, found.shape), rtol=1e-5)


def test_the_phases_are_those_of_the_transform() -> None:
    phases = RANDOM.uniform(-3, 3, (1, 1, 6, 5)).astype(np.float32)
    found = np.angle(np.fft.rfft2(image_of_phases(phases, np.ones((6, 5), np.float32)).numpy()))
    np.testing.assert_allclose(found[..., 1:-1], phases[..., 1:-1], atol=1e-5)
    np.testing.assert_allclose(found[0, 0, 1:3, 0], phases[0, 0, 1:3, 0], atol=1e-5)
    np.testing.assert_allclose(found[0, 0, 5:3:-1, 0], -phases[0, 0, 1:3, 0], atol=1e-5)


@pytest.mark.slow
def test_a_run_changes_phases_only() -> None:
    frames = list(
        iter_vis(
            Tiny(),
            "conv:1",
            param_f=partial(param.maco, 12, batch=2),
            optimizer=keras.optimizers.Nadam(1.0),
            transforms=[transform.random_crops(3)],
            steps=12,
            every=12,
            seed=1,
        )
    )
    assert np.abs(frames[-1].images - frames[0].images).mean() > 0.05
    wanted = param.natural_spectrum(12, 12)
    for frame in frames:
        for found in amplitudes_of(frame.images):
            factor = np.median(found / wanted)
            expected = np.broadcast_to(factor * wanted, found.shape).copy()
            expected[..., 0, 0] = found[..., 0, 0]  # the mean is free
            # Pixels near 0 and 1 lose digits to the sigmoid: an absolute error, in all frequencies alike.
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=5e-6 * expected.max())


def test_alpha_is_where_the_gradients_were() -> None:
    # Without transforms, the gradient of the sum of all pixels in the left half is 1 there and 0 elsewhere.
    def left(T: Any) -> Any:
        return tf.reduce_sum(T("input")[:, :, :4, :3])

    frames = list(iter_vis(Tiny(), left, partial(param.maco, 8, alpha=True), steps=3, every=1, transforms=[IGNORED]))
    assert frames[0].images.shape == (1, 8, 8, 4)
    np.testing.assert_array_equal(frames[0].images[..., 3], 1)
    for frame in frames[1:]:
        np.testing.assert_array_equal(frame.images[0, ..., 3], np.tile([1.0] * 4 + [0.0] * 4, (8, 1)))


def test_the_sum_of_gradients_is_a_sum_and_leaves_the_run_as_it_is() -> None:
    run = partial(iter_vis, Tiny(), "conv:1", steps=3, every=1, optimizer=keras.optimizers.Nadam(0.5), seed=3)
    with_alpha = run(param_f=partial(param.maco, 8, alpha=True), transforms=[IGNORED])
    without = run(param_f=partial(param.maco, 8), transforms=[])
    sums = []
    for ours, usual in zip(with_alpha, without, strict=True):
        np.testing.assert_allclose(ours.images[..., :3], usual.images, atol=1e-5)
        assert with_alpha.state is not None
        sums.append(with_alpha.state.params[1].numpy())
    # The unit is linear, so its gradient is the same in each step.
    assert sums[0].max() == 0 < sums[1].max()
    np.testing.assert_allclose(sums[3], 3 * sums[1], rtol=1e-3)


def test_the_colors_alone_reach_the_network() -> None:
    assert IGNORED(tf.zeros((1, 2, 2, 4))).shape == (1, 2, 2, 3)
    with pytest.raises(ArgumentError, match=r"shape \(1, 2, 2, 3\)"):
        IGNORED(tf.zeros((1, 2, 2, 3)))


@pytest.mark.slow
def test_an_image_does_not_depend_on_the_others() -> None:
    run = partial(iter_vis, Tiny(), "conv:1", steps=3, every=3, seed=2, transforms=[])
    make = partial(param.maco, 8, spectrum=param.natural_spectrum(12, 12))
    *_, two = run(param_f=partial(make, batch=2), noise_ids=(7, 3))
    *_, one = run(param_f=make, noise_ids=(3,))
    np.testing.assert_allclose(two.images[1], one.images[0], atol=1e-4)


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1.0, 1e30])
def test_the_scale_of_a_spectrum_has_no_effect(scale: float) -> None:
    spectrum = scale * param.natural_spectrum(32, 32)
    first = next(iter_vis(Tiny(), "conv:1", param_f=lambda: param.maco(32, spectrum=spectrum), seed=1))
    usual = next(iter_vis(Tiny(), "conv:1", param_f=lambda: param.maco(32), seed=1))
    np.testing.assert_allclose(first.images, usual.images, atol=1e-5)


@pytest.mark.parametrize("size", [16, 512])
def test_images_of_any_size_have_the_same_contrast(size: int) -> None:
    """At 512 pixels, it was little more than a half."""
    image = next(iter_vis(Tiny(), "conv:1", param_f=lambda: param.maco(size), seed=1)).images
    colors = from_valid_rgb(image.astype(np.float64), decorrelate=True)
    assert colors.std() == pytest.approx(1, abs=0.1)  # not exactly, because the sigmoid saturates


def test_the_formula() -> None:
    spectrum = param.natural_spectrum(100, 100)
    # One and ten cycles per image: 10 ** -1.3 times the factor of the roll-off.
    assert spectrum[0, 1] == 1 == spectrum[0, 0]
    assert spectrum[10, 0] == pytest.approx(10**-1.3 * np.exp(-(0.1**2 - 0.01**2) / 0.09), rel=1e-5)
    assert spectrum[-10, 0] == spectrum[10, 0]


def test_the_spectrum_of_images_is_their_mean_amplitude() -> None:
    images = RANDOM.uniform(0.2, 0.8, (3, 6, 8, 3)).astype(np.float32)
    wanted = amplitudes_of(images).mean(0)
    np.testing.assert_allclose(param.spectrum_from(images), wanted, rtol=1e-4)
    np.testing.assert_allclose(param.spectrum_from([images[:2], images[2]]), wanted, rtol=1e-4)
    as_bytes = np.round(255 * images).astype(np.uint8)
    np.testing.assert_allclose(param.spectrum_from(as_bytes), wanted, rtol=0.2)


def test_a_spectrum_is_resized_along_frequencies() -> None:
    small = np.abs(np.fft.fftfreq(4))[:, None] + np.arange(3)[None, :] + 1.0
    resized = resized_spectrum(small, 8, 5)[0]
    assert resized.shape == (8, 5)
    rows = np.fft.fftshift(resized, 0)
    assert rows[0, 0] == rows[:, 0].max()  # the highest frequency, not the one after it
    assert rows[4, 0] == pytest.approx(rows[:, 0].min(), abs=0.1)


@pytest.mark.parametrize(
    ("spectrum", "message"),
    [
        (np.ones(3), r"has shape \(3,\)"),
        (np.ones((2, 4, 3)), r"has shape \(2, 4, 3\)"),
        (-np.ones((4, 3)), "negative"),
        (np.zeros((4, 3)), "nothing but zeros"),
        (np.full((4, 3), np.nan), "NaN"),
    ],
)
def test_a_wrong_spectrum_is_refused(spectrum: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        param.maco(8, spectrum=spectrum)


@pytest.mark.parametrize(
    "images", [[], [np.ones((4, 4))], [np.full((4, 4, 3), 2.0)], [np.ones((4, 4, 3)), np.ones((5, 4, 3))]]
)
def test_wrong_images_are_refused(images: Any) -> None:
    with pytest.raises(ArgumentError, match="spectrum_from received"):
        param.spectrum_from(images)
