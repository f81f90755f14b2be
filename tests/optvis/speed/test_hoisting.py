"""Values derived from weights: computed once for constants, in each call for variables, and never in the loop."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets.optvis.speed import hoisting
from lucid_widgets.optvis.speed.hoisting import once

pytestmark = pytest.mark.slow


def doubled(t: Any) -> Any:
    return tf.math.multiply(t, 2.0, name="doubled")


def looped(weight: Any, function: Callable[[Any], Any] = doubled) -> Any:
    """A function whose loop, like that of the engine, uses a value derived from the weight."""

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


def test_functions_of_constants_are_computed_outside_any_graph() -> None:
    weight = tf.constant(np.arange(4.0), tf.float32)
    total = looped(weight)
    assert float(total(tf.constant(3))) == 3 * 12
    assert places(total) == (False, False)
    kept = len(hoisting._derived)
    del weight, total
    gc.collect()
    assert len(hoisting._derived) == kept - 1, "what was derived outlives the weight"


def test_functions_of_variables_are_computed_before_the_loop() -> None:
    weight = tf.Variable(np.arange(4.0, dtype=np.float32))
    total = looped(weight)
    assert float(total(tf.constant(3))) == 3 * 12
    weight.assign(weight + 1)
    assert float(total(tf.constant(2))) == 2 * 20, "it is that of the variable's first value"
    assert places(total) == (True, False)


def test_a_variable_used_twice_is_computed_with_once() -> None:
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


def _set_weights(variable: tf.Variable) -> None:
    layer = keras.layers.Dense(1, use_bias=False)
    layer.build((None, 4))
    layer.kernel._value = variable  # the layer's variable, so that set_weights assigns to it
    layer.set_weights([np.full((4, 1), 6.0, np.float32)])


def _optimizer_step(variable: tf.Variable) -> None:
    tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=0.5, delta=tf.ones([4, 1]))


def _write_through_memory(variable: tf.Variable) -> None:
    """Write to the variable's memory behind TensorFlow's back."""
    view = np.asarray(memoryview(variable.read_value()))
    numbers = (ctypes.c_float * view.size).from_address(view.ctypes.data)
    numbers[2] = 41.0


CHANGES: dict[str, Callable[[tf.Variable], Any]] = {
    "assign": lambda v: v.assign(v + 1),
    "assign_add": lambda v: v.assign_add(tf.ones([4, 1])),
    "assign_sub": lambda v: v.assign_sub(tf.ones([4, 1])),
    "assign an array": lambda v: v.assign(np.full((4, 1), 5.0, np.float32)),
    "assign a slice": lambda v: v[1:2].assign([[7.0]]),
    "scatter_add": lambda v: v.scatter_add(tf.IndexedSlices([[3.0]], [0])),
    "scatter_update": lambda v: v.scatter_update(tf.IndexedSlices([[3.5]], [0])),
    "scatter_nd_update": lambda v: v.scatter_nd_update([[1, 0]], [9.0]),
    "batch_scatter_update": lambda v: tf.raw_ops.ResourceScatterNdAdd(ref=v.handle, indices=[[2, 0]], updates=[4.0]),
    "raw AssignVariableOp": lambda v: tf.raw_ops.AssignVariableOp(resource=v.handle, value=tf.fill([4, 1], 8.0)),
    "raw AssignAddVariableOp": lambda v: tf.raw_ops.AssignAddVariableOp(resource=v.handle, value=tf.ones([4, 1])),
    "raw ResourceScatterMul": lambda v: tf.raw_ops.ResourceScatterMul(resource=v.handle, indices=[3], updates=[[2.0]]),
    "an optimizer's operation": _optimizer_step,
    "set_weights of Keras": _set_weights,
    "memory": _write_through_memory,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_large_variable_in_place_is_never_missed(
    change: Callable[[tf.Variable], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hoisting, "LARGE", 4)
    computed = []

    def noted(t: Any) -> Any:
        computed.append(np.array(t))
        return doubled(t)

    weight = tf.Variable(np.arange(1.0, 5.0, dtype=np.float32).reshape(4, 1))
    total = looped(weight, noted)
    for _ in range(2):
        assert float(total(tf.constant(3))) == 3 * 20
    assert places(total) == (False, False)
    assert len(computed) == 1, "it is computed again although nothing has changed"
    for _ in range(2):  # the second time, the variable may already have been moved to new memory
        before = weight.numpy()
        change(weight)
        total(tf.constant(2))
        assert float(total(tf.constant(2))) == pytest.approx(2 * 2 * weight.numpy().sum())
        np.testing.assert_array_equal(computed[-1], weight)
        assert len(computed) == 2 or not np.array_equal(before, weight)
    kept = len(hoisting._derived)
    del weight, total
    gc.collect()
    assert len(hoisting._derived) == kept - 1, "the result outlives the variable"


def test_large_variables_may_be_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hoisting, "LARGE", 4)
    weight = tf.Variable(np.arange(4.0), dtype=tf.bfloat16)
    total = looped(weight)
    for value in (12, 20):
        assert float(total(tf.constant(3))) == 3 * value
        weight.assign(weight + 1)


def test_functions_of_other_tensors_stay_in_the_loop() -> None:
    @tf.function(autograph=False)
    def total(count: Any) -> Any:
        def body(i: Any, value: Any) -> Any:
            return i + 1, value + tf.reduce_sum(once(doubled, tf.cast(tf.fill([4], i), tf.float32)))

        return tf.while_loop(lambda i, _: i < count, body, (0, 0.0))[1]

    assert float(total(tf.constant(3))) == 8 * (0 + 1 + 2)
    assert places(total) == (False, True)


def test_functions_of_arguments_are_computed_in_place() -> None:
    @tf.function(autograph=False)
    def plain(t: Any) -> Any:
        return once(doubled, t)

    np.testing.assert_array_equal(plain(tf.constant([1.0])), [2.0])
