"""The compiled gradient of a local response normalization: TensorFlow's own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis import xla
from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.overrides.quick_lrn import quick_lrn_grad

IMAGES = (np.random.default_rng(0).normal(size=(2, 4, 5, 7)) * 3).astype(np.float32)


def gradient(override: bool, spec: Any = IMAGES.shape, **settings: Any) -> tuple[np.ndarray, set[str]]:
    """The gradient, and the kinds of operations that made it."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec(spec, tf.float32)])
    def compute(x: Any) -> Any:
        with gradient_override_map({"LRN": quick_lrn_grad} if override else {}):
            y = tf.nn.local_response_normalization(x, **settings)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        return tf.gradients(y, x, pull)[0]

    return compute(IMAGES).numpy(), {op.type for op in compute.get_concrete_function().graph.get_operations()}


@pytest.mark.parametrize("beta", [0.75, 0.5, 1.0, 0.6])
@pytest.mark.parametrize(("depth_radius", "bias", "alpha"), [(2, 1.0, 0.3), (5, 2.0, 0.01), (9, 0.5, 0.1)])
def test_it_is_tensorflows_gradient(depth_radius: int, bias: float, alpha: float, beta: float) -> None:
    settings = {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta}
    ours, made = gradient(override=True, **settings)
    assert "LRNGrad" not in made
    np.testing.assert_allclose(ours, gradient(override=False, **settings)[0], rtol=1e-5, atol=1e-6)


def test_what_it_does_not_treat(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, _ = gradient(override=False)
    ours, made = gradient(override=True, spec=(None, 4, 5, 7))
    assert "LRNGrad" in made
    np.testing.assert_array_equal(ours, theirs)
    monkeypatch.setattr(xla, "is_available", lambda: False)
    assert "LRNGrad" in gradient(override=True)[1]
