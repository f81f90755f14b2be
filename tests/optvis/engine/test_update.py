"""The end of a step: Adam's update, and no update if anything is not finite."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis.engine.optimizers import Adam, KerasOptimizer
from lucid_widgets.optvis.engine.update import last_good, update

PARAMS = [np.asarray([1.0, -2.0], np.float32), np.asarray([[0.5]], np.float32)]
GRADS = [np.asarray([0.25, -4.0], np.float32), np.asarray([[2.0]], np.float32)]


def made(value: float, grads: Any, numbers: Any, optimizer: Any = None) -> tuple[bool, Any, Any]:
    @tf.function(autograph=False)
    def step(value: Any, params: Any, slots: Any, grads: Any, numbers: Any) -> Any:
        finite, *after = update(chosen, tf.constant(0), value, params, slots, grads, numbers)
        return finite, *last_good(finite, (params, slots), tuple(after))

    chosen = optimizer or Adam()
    params = [tf.constant(p) for p in PARAMS]
    grads = [tf.constant(g, tf.float32) for g in grads]
    finite, moved, kept = step(
        tf.constant(value), params, chosen.start(params), grads, [tf.constant(n) for n in numbers]
    )
    return bool(finite), [m.numpy() for m in moved], [k.numpy() for k in kept]


def test_the_first_step_of_adam_follows_the_signs() -> None:
    """The corrected mean and root mean square both equal the gradient, so the step equals the learning rate."""
    finite, moved, kept = made(3.0, GRADS, (0.1, 0.9, 0.999, 1e-8))
    assert finite
    for new, old, grad in zip(moved, PARAMS, GRADS, strict=True):
        np.testing.assert_allclose(new, old - 0.1 * np.sign(grad), rtol=1e-5)
    for mean, grad in zip(kept, GRADS, strict=False):
        np.testing.assert_allclose(mean, 0.1 * grad, rtol=1e-5)


@pytest.mark.parametrize(
    ("value", "grad", "rate"), [(np.nan, 2.0, 0.1), (1.0, np.inf, 0.1), (1.0, np.nan, 0.1), (1.0, 2.0, np.inf)]
)
def test_nothing_changes_if_anything_is_not_finite(value: float, grad: float, rate: float) -> None:
    finite, moved, kept = made(value, [GRADS[0], [[grad]]], (rate, 0.9, 0.999, 1e-8))
    assert not finite
    for new, old in zip(moved, PARAMS, strict=True):
        np.testing.assert_array_equal(new, old)
    assert all((slot == 0).all() for slot in kept)


def test_applies_a_keras_optimizer() -> None:
    finite, moved, _ = made(1.0, GRADS, (0.5,), KerasOptimizer(keras.optimizers.SGD(0.5)))
    assert finite
    np.testing.assert_allclose(moved[0], PARAMS[0] - 0.5 * GRADS[0])
