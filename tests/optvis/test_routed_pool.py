"""The compiled gradient of a maximum pool: TensorFlow's own numbers, ties included."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import param, seeding
from lucid_widgets.optvis.overrides import routed_pool
from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.overrides.routed_pool import PLAIN_STEPS, collected, routed_pool_grad
from lucid_widgets.optvis.render import iter_vis


def gradient(image: np.ndarray, window: Any, strides: Any, padding: Any, step: int | None) -> tuple[Any, list[Any]]:
    @tf.function(autograph=False)
    def compute(x: Any) -> Any:
        with gradient_override_map({} if step is None else {"MaxPool": routed_pool_grad}):
            y = tf.nn.max_pool2d(x, window, strides, padding)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        with seeding.scope(seeding.seed_tensor(0), tf.constant(step or 0)):
            return tf.gradients(y, x, pull)[0]

    with collected() as asked:
        result = compute(tf.constant(image, tf.float32))
    return result.numpy(), asked


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("window", "strides"), [(3, 1), (3, 2), (2, 2), ((2, 3), (1, 2)), ((3, 1), (2, 1)), (2, 3), (5, 2)], ids=str
)
def test_it_is_tensorflows_gradient(window: Any, strides: Any, padding: str) -> None:
    # Small whole numbers, so that most windows hold their maximum several times.
    image = np.random.default_rng(0).integers(-2, 3, (2, 11, 8, 3)).astype(np.float32)
    ours, asked = gradient(image, window, strides, padding, PLAIN_STEPS)
    assert len(asked) == 1, "it was not treated"
    np.testing.assert_allclose(ours, gradient(image, window, strides, padding, None)[0], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.0]))
def test_whatever_the_image(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(1, 7, 9, 4)) * (rng.random((1, 7, 9, 4)) < share)  # as after a ReLU, many zeros
    ours, _ = gradient(image, 3, 2, "SAME", PLAIN_STEPS)
    np.testing.assert_allclose(ours, gradient(image, 3, 2, "SAME", None)[0], atol=1e-6)


def test_in_the_first_steps_it_is_tensorflows_own_operation() -> None:
    image = np.random.default_rng(0).normal(size=(1, 9, 9, 2))
    ours, _ = gradient(image, 3, 1, "SAME", PLAIN_STEPS - 1)
    np.testing.assert_array_equal(ours, gradient(image, 3, 1, "SAME", None)[0])


def test_what_it_does_not_treat(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).normal(size=(1, 9, 9, 2))
    explicit = [[0, 0], [1, 0], [1, 1], [0, 0]]
    ours, asked = gradient(image, 3, 2, explicit, PLAIN_STEPS)
    np.testing.assert_array_equal(ours, gradient(image, 3, 2, explicit, None)[0])
    assert asked == []
    monkeypatch.setattr(routed_pool, "_has_xla", lambda: False)
    assert gradient(image, 3, 2, "SAME", PLAIN_STEPS)[1] == []


def test_a_run_across_the_first_steps() -> None:
    """However the steps are cut into calls, and as with TensorFlow's own gradient but for rounding."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            keras.layers.MaxPool2D(3, 2, padding="same"),
            keras.layers.Conv2D(4, 3, name="top"),
        ]
    )
    model = from_keras(network)
    run = partial(iter_vis, model, "top:1", partial(param.image, 16), steps=PLAIN_STEPS + 8, seed=2)
    *_, by_fours = run(every=4)
    *_, by_sevens = run(every=7)
    assert np.array_equal(by_fours.images, by_sevens.images)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(routed_pool, "_has_xla", lambda: False)
        *_, plain = iter_vis(from_keras(network), "top:1", partial(param.image, 16), steps=PLAIN_STEPS + 8, seed=2)
    np.testing.assert_allclose(by_fours.images, plain.images, atol=1e-3)


def test_the_thread_that_compiles_ahead_ends() -> None:
    for thread in threading.enumerate():
        if thread.name == "compiler":
            thread.join(timeout=60)
            assert not thread.is_alive()
