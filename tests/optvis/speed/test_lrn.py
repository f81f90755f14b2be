"""Compiled local response normalization and its gradient, compared with TensorFlow's."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis.overrides.gradient_override import gradient_override_map
from lucid_widgets.optvis.speed import xla
from lucid_widgets.optvis.speed.lrn import lrn, lrn_grad

pytestmark = pytest.mark.slow

IMAGES = (np.random.default_rng(0).normal(size=(2, 4, 5, 7)) * 3).astype(np.float32)


def gradient(override: bool, spec: Any = IMAGES.shape, **settings: Any) -> tuple[np.ndarray, set[str]]:
    """The gradient, and the types of the operations that compute it."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec(spec, tf.float32)])
    def compute(x: Any) -> Any:
        with gradient_override_map({"LRN": lrn_grad} if override else {}):
            y = tf.nn.local_response_normalization(x, **settings)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        return tf.gradients(y, x, pull)[0]

    return compute(IMAGES).numpy(), {op.type for op in compute.get_concrete_function().graph.get_operations()}


@pytest.mark.parametrize("beta", [0.75, 0.5, 1.0, 0.6])
@pytest.mark.parametrize(("depth_radius", "bias", "alpha"), [(2, 1.0, 0.3), (5, 2.0, 0.01), (9, 0.5, 0.1)])
def test_the_gradient_equals_tensorflows(depth_radius: int, bias: float, alpha: float, beta: float) -> None:
    settings = {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta}
    ours, made = gradient(override=True, **settings)
    assert "LRNGrad" not in made
    np.testing.assert_allclose(ours, gradient(override=False, **settings)[0], rtol=1e-5, atol=1e-6)


def test_unknown_sizes_use_tensorflows_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, _ = gradient(override=False)
    ours, made = gradient(override=True, spec=(None, 4, 5, 7))
    assert "LRNGrad" in made
    np.testing.assert_array_equal(ours, theirs)
    monkeypatch.setattr(xla, "is_available", lambda: False)
    assert "LRNGrad" in gradient(override=True)[1]


def lrn_node(**settings: Any) -> Any:
    """The `NodeDef` of a normalization."""
    graph = tf.Graph()
    with graph.as_default():
        tf.nn.local_response_normalization(tf.zeros([1, 1, 1, 3]), **settings, name="lrn")
    return next(node for node in graph.as_graph_def().node if node.op == "LRN")


@pytest.mark.parametrize(
    "settings", [{}, {"depth_radius": 2, "bias": 2.0, "alpha": 0.3, "beta": 0.75}, {"beta": 0.6}], ids=str
)
def test_the_operation_equals_tensorflows(settings: dict[str, Any]) -> None:
    node = lrn_node(**settings)
    for default in set(node.attr) - set(settings):  # a file need not say them
        del node.attr[default]

    def compute(scope: Any, x: Any) -> Any:
        with xla.compiling(scope):
            y = lrn(node, x)
        if y is None:
            y = tf.nn.local_response_normalization(x, **settings)
        pull = tf.sin(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), tf.float32))
        return y, tf.gradients(y, x, pull)[0]

    spec = [tf.TensorSpec(IMAGES.shape, tf.float32)]
    compiled, plain = (
        tf.function(partial(compute, scope), autograph=False, input_signature=spec) for scope in ("parts", "nothing")
    )
    kinds = {op.type for op in compiled.get_concrete_function().graph.get_operations()}
    assert "XlaLaunch" in kinds
    assert "LRN" not in kinds
    for ours, theirs in zip(compiled(IMAGES), plain(IMAGES), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_beyond_the_limit_tensorflow_computes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xla, "MAX_COMPILED", 0)
    monkeypatch.setattr(xla, "_kept", {})

    @tf.function(autograph=False, input_signature=[tf.TensorSpec(IMAGES.shape, tf.float32)])
    def compute(x: Any) -> Any:
        with xla.compiling("parts"):
            return lrn(lrn_node(), x)

    np.testing.assert_array_equal(compute(IMAGES), tf.nn.local_response_normalization(IMAGES))
