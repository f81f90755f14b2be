"""Computing with weights once instead of in every step.

A step of the engine is the body of a loop. A gradient that derives something from a weight there would derive it again
in every step. `once` moves that computation out of the loop. For a constant weight, it is done once. For a variable, it
is done before the loop, or, if the variable is large, at the first call after the variable has changed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed.private_names import find

_derived: dict[tuple[Callable[[Any], Any], int], Any] = {}
_PASSING = ("Identity", "StopGradient")

_BITS = {1: tf.int8, 2: tf.int16, 4: tf.int32, 8: tf.int64}

LARGE = 2**18
"""Number of values in a variable from which it is cheaper to compare them with the last ones than to flip its filters
again. Without the comparison, a step of VGG16 at 128 px, which is one call, took a fifth longer."""


def once(function: Callable[[Any], Any], weight: Any) -> Any:
    """Return `function(weight)`, computed as far outside the current graph as the weight comes from.

    Args:
        function: A function of one tensor.
        weight: A tensor of the current graph.

    Returns:
        A tensor that the current graph can use.
    """
    captures = find("captures")
    if captures is None:
        return function(weight)
    tensor = weight
    while tensor.op.type in _PASSING:
        tensor = tensor.op.inputs[0]
    is_variable = tensor.op.type == "ReadVariableOp"
    placeholder = tensor.op.inputs[0] if is_variable else tensor
    source = next((outer for outer, inner in captures(tensor.graph) or () if inner is placeholder), None)
    if source is None:
        return function(weight)
    if hasattr(source, "graph"):  # a tensor of the graph around this one
        with source.graph.as_default():
            return once(function, _read(source, tensor.dtype) if is_variable else source)
    if not is_variable:
        return _kept(function, source, lambda: function(source))
    return _of_variable(function, weight, tensor, source)


def _of_variable(function: Callable[[Any], Any], weight: Any, read: Any, handle: Any) -> Any:
    # The value may differ at the next call. The outermost graph reads it, or a Python function called with that graph.
    outer_graph = find("outer_graph")
    if outer_graph is None:
        return function(weight)
    graph = read.graph
    while getattr(outer_graph(graph), "building_function", False):
        graph = outer_graph(graph)
    if (read.shape.num_elements() or 0) >= LARGE:
        capture = find("call_time_value")
        if capture is not None:
            derived = _kept(function, handle, lambda: _OfVariable(function, handle, read.dtype))
            return capture(graph, derived, tf.type_spec_from_value(derived()), key=derived)
    if graph is read.graph:
        return function(weight)
    made = graph.get_collection_ref((function, id(handle)))  # several layers or microbatches may share the weight
    with graph.as_default():
        made[:] = made or [function(_read(handle, read.dtype))]
    return made[0]


class _OfVariable:
    """A function of a variable's current value, computed again only after the value has changed.

    The value is compared with a copy, bit by bit, so a change in place is always noticed. For the weights of VGG16
    (58 MB) the comparison takes 14 ms per call. Flipping all filters takes 200 ms, and a step at 128 px 700 ms (two
    busy cores).
    """

    def __init__(self, function: Callable[[Any], Any], handle: Any, dtype: Any) -> None:
        self._function = function
        self._handle = weakref.ref(handle)  # weak, because the variable keeps this object alive
        self._dtype = dtype
        self._last: tuple[Any, Any] | None = None

    def __call__(self) -> Any:
        with tf.init_scope():
            value = _read(self._handle(), self._dtype)
            last = self._last
            if last is None or not _equal_bits(value, last[0]):
                copy = tf.constant(value.numpy())  # tf.identity would share the variable's memory
                self._last = last = copy, self._function(copy)
            return last[1]


def _equal_bits(one: Any, other: Any) -> bool:
    if one.shape != other.shape:
        return False
    bits = _BITS[one.dtype.size]
    return bool(tf.reduce_all(tf.equal(tf.bitcast(one, bits), tf.bitcast(other, bits))))


def _read(handle: Any, dtype: Any) -> Any:
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype)


def _kept(function: Callable[[Any], Any], weight: Any, make: Callable[[], Any]) -> Any:
    """Return `make()` for a function of an eager tensor; call it once and keep the result while the tensor lives."""
    key = (function, id(weight))
    if key not in _derived:
        with tf.init_scope():
            _derived[key] = make()
        weakref.finalize(weight, _derived.pop, key, None)
    return _derived[key]


__all__ = ["once"]
