"""Transforms of opacity and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import seeding, transform


@pytest.mark.parametrize(("scales", "norms"), [(None, [1, 1, 0]), ([2.0, 0.5, 3.0], [2, 0.5, 0])])
def test_normalize_gradient_scales_the_gradient_of_each_image(scales: Any, norms: list[float]) -> None:
    image = tf.Variable(np.random.default_rng(0).random((3, 4, 5, 3)).astype(np.float32))
    pull = np.random.default_rng(1).normal(size=(3, 4, 5, 3)).astype(np.float32)
    pull[2] = 0  # an image without a gradient
    with tf.GradientTape() as tape:
        seen = transform.normalize_gradient(scales)(tf.convert_to_tensor(image))
        loss = tf.reduce_sum(seen * pull)
    slope = tape.gradient(loss, image).numpy()
    np.testing.assert_array_equal(seen, image)
    np.testing.assert_allclose(np.sqrt((slope**2).sum((1, 2, 3))), norms, rtol=1e-5)
    np.testing.assert_allclose(slope[0] / np.linalg.norm(slope[0]), pull[0] / np.linalg.norm(pull[0]), atol=1e-6)


def test_collapse_alpha_random_changes_the_background_in_each_step() -> None:
    image = np.random.default_rng(0).random((2, 6, 6, 4)).astype(np.float32)
    image[..., 3] = [[[1.0] * 3 + [0.0] * 3] * 6] * 2

    def at(step: int) -> np.ndarray:
        with seeding.scope(seeding.seed_tensor(0), step):
            return transform.collapse_alpha_random(sd=0.5)(tf.constant(image)).numpy()

    np.testing.assert_allclose(at(0)[:, :, :3], image[:, :, :3, :3], atol=1e-6)
    assert np.abs(at(0)[:, :, 3:] - at(1)[:, :, 3:]).mean() > 0.01
    np.testing.assert_array_equal(at(1), at(1))
    with pytest.raises(ArgumentError, match=r"received images of shape \(2, 6, 6, 3\)\. Expected .*height, width, 4"):
        transform.collapse_alpha_random()(tf.zeros((2, 6, 6, 3)))
