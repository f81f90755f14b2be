"""Computing with weights once instead of in every step.

A step of the engine is the body of a loop. What a gradient derives from a weight there would be derived anew at each
step; `once` does it outside: for a weight that never changes once and for all, for a variable before the loop or, where
it is large, at the first call that finds it changed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

_derived: dict[tuple[Callable[[Any], Any], int], Any] = {}
_PASSING = ("Identity", "StopGradient")

LARGE = 2**18
"""Numbers in a variable from which on it costs less to see whether it changed (.1 ms) than to flip its filters anew.
A step of VGG16 at 128 pixels, which is a call of its own, took a fifth longer where they were."""


def once(function: Callable[[Any], Any], weight: Any) -> Any:
    """`function(weight)`, computed as far outside the current graph as the weight comes from.

    Args:
        function: A function of one tensor.
        weight: A tensor of the current graph.

    Returns:
        A tensor that the current graph can use.
    """
    tensor = weight
    while tensor.op.type in _PASSING:
        tensor = tensor.op.inputs[0]
    variable = tensor.op.type == "ReadVariableOp"
    placeholder = tensor.op.inputs[0] if variable else tensor
    source = next((e for e, inner in getattr(tensor.graph, "captures", ()) if inner is placeholder), None)
    if source is None:
        return function(weight)
    if not isinstance(source, tf.__internal__.EagerTensor):
        with source.graph.as_default():
            return once(function, _read(source, tensor.dtype) if variable else source)
    if not variable:
        return _kept(function, source, lambda: function(source))
    # It may have another value at the next call: it is read in the outermost function, or by it.
    graph = tensor.graph
    while getattr(graph.outer_graph, "building_function", False):
        graph = graph.outer_graph
    if (tensor.shape.num_elements() or 0) < LARGE:
        if graph is tensor.graph:
            return function(weight)
        made = graph.get_collection_ref((function, id(source)))  # where several layers or slices share the weight
        with graph.as_default():
            made[:] = made or [function(_read(source, tensor.dtype))]
        return made[0]
    derived = _kept(function, source, lambda: _OfVariable(function, source, tensor.dtype))
    return graph.capture_call_time_value(derived, tf.type_spec_from_value(derived()), key=derived)


class _OfVariable:
    """A function of a variable as it is now, computed where that is not what it was before."""

    def __init__(self, function: Callable[[Any], Any], handle: Any, dtype: Any) -> None:
        self._function = function
        self._handle = weakref.ref(handle)  # it is what keeps this
        self._dtype = dtype
        self._last: tuple[Any, Any] | None = None

    def __call__(self) -> Any:
        with tf.init_scope():
            value = _read(self._handle(), self._dtype)
            last = self._last
            if last is None or not _are_one(value, last[0]):
                self._last = last = value, self._function(value)
            return last[1]


def _are_one(now: Any, before: Any) -> bool:
    """Whether two values of a variable, the earlier of which was kept, are one.

    While a value is kept, TensorFlow gives the variable other memory before it changes it.
    """
    try:
        first, second = (np.asarray(memoryview(value)).ctypes.data for value in (now, before))
    except ValueError:  # NumPy does not know its type
        return False
    return first == second


def _read(handle: Any, dtype: Any) -> Any:
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype)


def _kept(function: Callable[[Any], Any], weight: Any, make: Callable[[], Any]) -> Any:
    """What `make` makes for a function of an eager tensor, once, and kept for as long as the tensor lives."""
    key = (function, id(weight))
    if key not in _derived:
        with tf.init_scope():
            _derived[key] = make()
        weakref.finalize(weight, _derived.pop, key, None)
    return _derived[key]
