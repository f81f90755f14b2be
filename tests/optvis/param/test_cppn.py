"""CPPNs against NumPy, and what they learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from optvis.param.helpers import fitted, made

from lucid_widgets.errors import OutOfRangeError
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.param.cppn import _composite_activation, _relu_normalized_activation

RNG = np.random.default_rng(0)


def test_cppn_starts_almost_gray() -> None:
    image, weights = made(lambda: param.cppn(10, num_output_channels=4))
    assert image.shape == (1, 10, 10, 4)
    assert np.ptp(image, axis=(0, 1, 2)).max() < 1e-6
    np.testing.assert_allclose(image, 0.5, atol=0.15)
    assert [w.shape for w in weights[::2]] == [(2, 24), *[(48, 24)] * 7, (48, 4)]
    assert np.std(weights[2]) == pytest.approx(1 / np.sqrt(48), rel=0.15)
    with pytest.raises(OutOfRangeError, match=r"num_layers of cppn\(\) is"):
        param.cppn(8, num_layers=0)


@pytest.mark.parametrize("normalize", [False, True])
def test_each_image_of_a_batch_has_weights_of_its_own(normalize: bool) -> None:
    image, weights = made(lambda: param.cppn(6, batch=3, num_layers=2, normalize=normalize))
    assert image.shape == (3, 6, 6, 3)
    assert {w.shape[0] for w in weights} == {3}
    assert all(np.abs(image[a] - image[b]).max() > 1e-3 for a, b in ((0, 1), (0, 2), (1, 2)))


def test_first_image_of_a_batch_is_the_image_rendered_alone() -> None:
    def start(batch: int, noise_ids: list[int] | None = None) -> np.ndarray:
        with seeding.scope(seeding.seed_tensor(3), seeding.INITIAL_STEP, noise_ids):
            return np.asarray(param.cppn(6, batch=batch, num_layers=2))

    alone, batch = start(1), start(3)
    np.testing.assert_allclose(batch[0], alone[0], atol=1e-6)
    np.testing.assert_allclose(start(1, [2])[0], batch[2], atol=1e-6)
    same = start(2, [0, 0])
    np.testing.assert_array_equal(same[0], same[1])
    np.testing.assert_allclose(same[0], alone[0], atol=1e-6)


def test_cppn_is_a_network_of_coordinates() -> None:
    seen: list[np.ndarray] = []

    def watched(x: Any) -> Any:
        seen.append(np.asarray(x))
        return _composite_activation(x)

    image, weights = made(lambda: param.cppn(3, num_hidden_channels=4, num_layers=2, activation_func=watched))
    ends = np.sqrt(3)
    places = np.array([[row, column] for row in (-ends, 0, ends) for column in (-ends, 0, ends)])
    first = places @ weights[0] + weights[1]
    np.testing.assert_allclose(seen[0], first, rtol=1e-4, atol=1e-5)
    angles = np.arctan(first)
    second = np.concatenate([angles / 0.67, angles**2 / 0.6], -1) @ weights[2] + weights[3]
    np.testing.assert_allclose(seen[1], second, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(image, np.broadcast_to(1 / (1 + np.exp(-weights[5])), (1, 3, 3, 3)), rtol=1e-5)


def test_activations_have_unit_variance() -> None:
    x = tf.constant(RNG.normal(size=(200_000, 1)), tf.float32)
    tangent, square = tf.unstack(_composite_activation(x, biased=False), axis=-1)
    assert np.std(tangent) == pytest.approx(1, abs=0.1)
    assert np.mean(square) == pytest.approx(0, abs=0.1)
    np.testing.assert_allclose(_composite_activation(x)[:, 1], np.arctan(x)[:, 0] ** 2 / 0.6, rtol=1e-4)
    normalized = np.asarray(_relu_normalized_activation(x))
    assert normalized.mean() == pytest.approx(0, abs=0.02)
    assert normalized.std() == pytest.approx(1, abs=0.02)


def test_normalized_cppn_has_layers_of_unit_variance() -> None:
    _, weights = made(lambda: param.cppn(8, num_layers=2, normalize=True))
    assert [w.shape for w in weights] == [(2, 24), (24,), (24,), (24,), (48, 24), (24,), (24,), (24,), (48, 3), (3,)]
    seen: list[Any] = []

    def watched(x: Any) -> Any:
        seen.append(np.asarray(x))
        return _composite_activation(x)

    made(lambda: param.cppn(8, num_layers=2, normalize=True, activation_func=watched))
    for x in seen:
        np.testing.assert_allclose(x.mean(0), 0, atol=1e-4)
        np.testing.assert_allclose(x.std(0), 1, atol=1e-2)


@pytest.mark.slow
def test_cppn_learns_xor() -> None:
    tf.random.set_seed(0)
    corners = tf.constant([[0.0, 1.0], [1.0, 0.0]])

    def loss(image: Any) -> Any:
        return tf.reduce_mean(tf.abs(image[0, :: image.shape[1] - 1, :: image.shape[2] - 1, 0] - corners))

    _, left = fitted(lambda: param.cppn(8, num_output_channels=1), loss, steps=200, rate=0.01)
    assert left < 0.05
