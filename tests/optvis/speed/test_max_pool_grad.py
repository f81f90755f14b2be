"""The compiled gradient of max pooling, compared with TensorFlow's, ties included."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import param
from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import xla
from lucid_widgets.optvis.speed.max_pool_grad import max_pool_grad
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS

pytestmark = pytest.mark.slow


def gradient(image: np.ndarray, window: Any, strides: Any, padding: Any, override: bool) -> tuple[Any, set[str]]:
    """The gradient, and the types of the operations that compute it."""

    @tf.function(autograph=False)
    def compute(x: Any) -> Any:
        with gradient_override_map({"MaxPool": max_pool_grad} if override else {}):
            y = tf.nn.max_pool2d(x, window, strides, padding)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        return tf.gradients(y, x, pull)[0]

    x = tf.constant(image, tf.float32)
    made = {op.type for op in compute.get_concrete_function(x).graph.get_operations()}
    return compute(x).numpy(), made


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(
    ("window", "strides"), [(3, 1), (3, 2), (2, 2), ((2, 3), (1, 2)), ((3, 1), (2, 1)), (2, 3), (5, 2)], ids=str
)
def test_the_gradient_equals_tensorflows(window: Any, strides: Any, padding: str) -> None:
    # Small whole numbers, so that most windows hold their maximum several times.
    image = np.random.default_rng(0).integers(-2, 3, (2, 11, 8, 3)).astype(np.float32)
    ours, made = gradient(image, window, strides, padding, override=True)
    assert "MaxPoolGrad" not in made
    np.testing.assert_allclose(ours, gradient(image, window, strides, padding, override=False)[0], atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_gradient_equals_tensorflows_for_any_image(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(1, 7, 9, 4)) * (rng.random((1, 7, 9, 4)) < share)  # as after a ReLU, many zeros
    ours, _ = gradient(image, 3, 2, "SAME", override=True)
    np.testing.assert_allclose(ours, gradient(image, 3, 2, "SAME", override=False)[0], atol=1e-6)


def test_explicit_padding_uses_tensorflows_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).normal(size=(1, 9, 9, 2))
    explicit = [[0, 0], [1, 0], [1, 1], [0, 0]]
    ours, made = gradient(image, 3, 2, explicit, override=True)
    np.testing.assert_array_equal(ours, gradient(image, 3, 2, explicit, override=False)[0])
    assert "MaxPoolGrad" in made
    monkeypatch.setattr(xla, "is_available", lambda: False)
    assert "MaxPoolGrad" in gradient(image, 3, 2, "SAME", override=True)[1]


def test_a_run_into_late_steps_does_not_depend_on_calls() -> None:
    """Also, the run equals one with TensorFlow's gradient up to rounding."""
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
    run = partial(iter_vis, model, "top:1", partial(param.image, 16), steps=MOST_EARLY_STEPS + 8, seed=2)
    *frames, by_fours = run(every=4)
    *_, by_sevens = run(every=7)
    assert np.array_equal(by_fours.images, by_sevens.images)
    resumed = run(every=4)
    while next(resumed).step < 40:
        pass
    *_, gone_on = run(every=MOST_EARLY_STEPS + 8, state=resumed.state)
    assert np.array_equal(by_fours.images, gone_on.images)
    assert list(gone_on.objectives) == [v for frame in [*frames, by_fours][11:] for v in frame.objectives]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(xla, "is_available", lambda: False)
        *_, plain = iter_vis(from_keras(network), "top:1", partial(param.image, 16), steps=MOST_EARLY_STEPS + 8, seed=2)
    np.testing.assert_allclose(by_fours.images, plain.images, atol=1e-3)


def test_the_compiler_thread_ends() -> None:
    for thread in threading.enumerate():
        if thread.name == "compiler":
            thread.join(timeout=60)
            assert not thread.is_alive()
