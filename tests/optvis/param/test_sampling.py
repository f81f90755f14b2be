"""Textures against the OpenGL specification, and random images."""

from __future__ import annotations

import numpy as np
import pytest
from optvis.param.helpers import made

from lucid_widgets.optvis import param
from lucid_widgets.optvis.param.random import rand_fft_image

RNG = np.random.default_rng(0)


def test_texture_repeats_and_is_upright() -> None:
    texture = RNG.normal(size=(4, 6, 2)).astype(np.float32)
    rows, columns = np.meshgrid(np.arange(4), np.arange(6), indexing="ij")
    # The center of each pixel: from the left, and from the bottom.
    uv = np.stack([(columns + 0.5) / 6, 1 - (rows + 0.5) / 4], -1).astype(np.float32)
    np.testing.assert_allclose(param.bilinearly_sampled_image(texture, uv), texture, atol=1e-5)
    for shift in ([1, 0], [0, -2], [3, 5]):
        moved = uv + np.asarray(shift, np.float32)
        np.testing.assert_allclose(param.bilinearly_sampled_image(texture, moved), texture, atol=1e-4)
    between = np.asarray([[1 / 6, 1 - 1 / 4]], np.float32)  # the corner where four pixels meet
    np.testing.assert_allclose(
        param.bilinearly_sampled_image(texture, between)[0], texture[:2, :2].mean((0, 1)), atol=1e-6
    )
    edge = np.asarray([[0, 1]], np.float32)  # and a corner where the texture meets its repetition
    np.testing.assert_allclose(
        param.bilinearly_sampled_image(texture, edge)[0], texture[[-1, -1, 0, 0], [-1, 0, -1, 0]].mean(0), atol=1e-6
    )


def test_texture_is_sampled_exactly_as_in_opengl() -> None:
    # Binary fractions and small whole numbers, so that no rounding hides a difference.
    texture = RNG.integers(0, 16, (4, 8, 3)).astype(np.float32)
    uv = (RNG.integers(-256, 256, (500, 2)) / 64).astype(np.float32)
    # GL_LINEAR with GL_REPEAT in the OpenGL specification (4.6, 8.14.2), in which the first row is the lowest.
    from_below = texture[::-1]
    s, t = uv[:, 0] * 8 - 0.5, uv[:, 1] * 4 - 0.5
    i0, j0 = np.floor(s).astype(int) % 8, np.floor(t).astype(int) % 4
    i1, j1 = (i0 + 1) % 8, (j0 + 1) % 4
    a, b = (s - np.floor(s))[:, None], (t - np.floor(t))[:, None]
    lower = (1 - a) * (1 - b) * from_below[j0, i0] + a * (1 - b) * from_below[j0, i1]
    upper = (1 - a) * b * from_below[j1, i0] + a * b * from_below[j1, i1]
    np.testing.assert_array_equal(param.bilinearly_sampled_image(texture, uv), lower + upper)


def test_random_image_has_the_spectrum_of_natural_images() -> None:
    noise, variables = made(lambda: rand_fft_image((64, 16, 16, 1), sd=1.0))
    assert variables == []
    power = (np.abs(np.fft.fft2(noise[..., 0])) ** 2).mean(0)
    # Four times the frequency, a sixteenth of the power.
    assert power[0, 1] / power[0, 4] == pytest.approx(16, rel=0.5)
    sample, _ = made(lambda: param.image_sample([2, 12, 9, 3], sd=0.2))
    assert sample.shape == (2, 12, 9, 3)
    assert 0 < sample.min() < sample.max() < 1
    assert not np.array_equal(made(lambda: param.image_sample([2, 12, 9, 3]), seed=1)[0], sample)
