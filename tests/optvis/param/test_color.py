"""Colors against NumPy."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from optvis.param.helpers import DECORRELATION

from lucid_widgets.optvis.param.color import to_valid_rgb


def test_to_valid_rgb_equals_numpy() -> None:
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
