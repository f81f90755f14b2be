"""What is derived from weights: once for constants, anew at each call for variables, and never in the loop."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis.speed import hoisting
from lucid_widgets.optvis.speed.hoisting import once


def doubled(t: Any) -> Any:
    return tf.math.multiply(t, 2.0, name="doubled")


def looped(weight: Any, function: Callable[[Any], Any] = doubled) -> Any:
    """A function that adds up what is derived from the weight in a loop, as the engine's steps are."""

    @tf.function(autograph=False)
    def total(count: Any) -> Any:
        def body(i: Any, value: Any) -> Any:
            return i + 1, value + tf.cast(tf.reduce_sum(once(function, tf.identity(weight))), tf.float32)

        return tf.while_loop(lambda i, _: i < count, body, (0, 0.0))[1]

    return total


def places(function: Any) -> tuple[bool, bool]:
    """Whether `doubled` is computed in the function itself, and whether in the loop."""
    graph = function.get_concrete_function(tf.constant(1)).graph
    inner = [n for f in graph.as_graph_def().library.function for n in f.node_def if "doubled" in n.name]
    return any("doubled" in op.name for op in graph.get_operations()), bool(inner)


def test_of_a_constant_it_is_computed_outside_any_graph() -> None:
    weight = tf.constant(np.arange(4.0), tf.float32)
    total = looped(weight)
    assert float(total(tf.constant(3))) == 3 * 12
    assert places(total) == (False, False)
    kept = len(hoisting._derived)
    del weight, total
    gc.collect()
    assert len(hoisting._derived) == kept - 1, "what was derived outlives the weight"


def test_of_a_variable_it_is_computed_before_the_loop() -> None:
    weight = tf.Variable(np.arange(4.0, dtype=np.float32))
    total = looped(weight)
    assert float(total(tf.constant(3))) == 3 * 12
    weight.assign(weight + 1)
    assert float(total(tf.constant(2))) == 2 * 20, "it is that of the variable's first value"
    assert places(total) == (True, False)


def test_of_a_variable_that_is_used_twice_it_is_computed_once() -> None:
    weight = tf.Variable(np.arange(4.0, dtype=np.float32))

    @tf.function(autograph=False)
    def total(count: Any) -> Any:
        def body(i: Any, value: Any) -> Any:
            twice = [once(doubled, tf.identity(weight)), once(doubled, tf.identity(weight))]
            return i + 1, value + tf.reduce_sum(twice)

        return tf.while_loop(lambda i, _: i < count, body, (0, 0.0))[1]

    assert float(total(tf.constant(3))) == 3 * 2 * 12
    graph = total.get_concrete_function(tf.constant(1)).graph
    assert sum(op.name.endswith("doubled") for op in graph.get_operations()) == 1


def test_of_a_large_variable_it_is_computed_when_that_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hoisting, "LARGE", 4)
    computed = []

    def noted(t: Any) -> Any:
        computed.append(np.array(t))
        return doubled(t)

    weight = tf.Variable(np.arange(4.0, dtype=np.float32))
    total = looped(weight, noted)
    for _ in range(2):
        assert float(total(tf.constant(3))) == 3 * 12
    assert places(total) == (False, False)
    assert len(computed) == 1
    for change in [
        lambda v: v.assign(v + 1),
        lambda v: v.assign_add(tf.ones(4)),
        lambda v: v[1:2].assign([7.0]),
        lambda v: v.scatter_add(tf.IndexedSlices([3.0], [0])),
        lambda v: v.assign(np.full(4, 5.0, np.float32)),
    ]:
        change(weight)
        for _ in range(2):
            assert float(total(tf.constant(2))) == 2 * 2 * weight.numpy().sum()
        np.testing.assert_array_equal(computed[-1], weight)
    kept = len(hoisting._derived)
    del weight, total
    gc.collect()
    assert len(hoisting._derived) == kept - 1, "what was derived outlives the variable"


def test_of_a_large_variable_that_numpy_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hoisting, "LARGE", 4)
    weight = tf.Variable(np.arange(4.0), dtype=tf.bfloat16)
    total = looped(weight)
    for value in (12, 20):
        assert float(total(tf.constant(3))) == 3 * value
        weight.assign(weight + 1)


def test_of_anything_else_it_is_computed_in_place() -> None:
    @tf.function(autograph=False)
    def total(count: Any) -> Any:
        def body(i: Any, value: Any) -> Any:
            return i + 1, value + tf.reduce_sum(once(doubled, tf.cast(tf.fill([4], i), tf.float32)))

        return tf.while_loop(lambda i, _: i < count, body, (0, 0.0))[1]

    assert float(total(tf.constant(3))) == 8 * (0 + 1 + 2)
    assert places(total) == (False, True)


def test_outside_a_graph() -> None:
    @tf.function(autograph=False)
    def plain(t: Any) -> Any:
        return once(doubled, t)

    np.testing.assert_array_equal(plain(tf.constant([1.0])), [2.0])
