"""Computing with weights once instead of in every step.

A step of the engine is the body of a loop. What a gradient derives from a weight there would be derived anew at each
step; `once` does it outside: for a weight that never changes once and for all, for a variable before the loop.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import tensorflow as tf

_derived: dict[tuple[Callable[[Any], Any], int], Any] = {}
_PASSING = ("Identity", "StopGradient")


def once(function: Callable[[Any], Any], weight: Any) -> Any:
    """`function(weight)`, computed as far outside the current graph as the weight comes from.

    Args:
        function: A function of one tensor.
        weight: A tensor of the current graph.

    Returns:
        A tensor that the current graph can use.
    """
    outer = _outside(weight)
    if outer is None:
        return function(weight)
    graph, source = outer
    if graph is None:
        return _kept(function, source)
    with graph.as_default():
        return once(function, source() if callable(source) else source)


def _outside(tensor: Any) -> tuple[Any, Any] | None:
    """The graph around that which captures the tensor, and the tensor there; no graph for one that is eager."""
    while tensor.op.type in _PASSING:
        tensor = tensor.op.inputs[0]
    variable = tensor.op.type == "ReadVariableOp"
    placeholder = tensor.op.inputs[0] if variable else tensor
    source = next((e for e, inner in getattr(tensor.graph, "captures", ()) if inner is placeholder), None)
    if source is None:
        return None
    if not isinstance(source, tf.__internal__.EagerTensor):
        return source.graph, (lambda: _read(source, tensor.dtype)) if variable else source
    if not variable:
        return None, source
    # A variable may have another value at the next call: it is read in the outermost function.
    outermost = tensor.graph
    while getattr(outermost.outer_graph, "building_function", False):
        outermost = outermost.outer_graph
    return None if outermost is tensor.graph else (outermost, lambda: _read(source, tensor.dtype))


def _read(resource: Any, dtype: Any) -> Any:
    return tf.raw_ops.ReadVariableOp(resource=resource, dtype=dtype)


def _kept(function: Callable[[Any], Any], weight: Any) -> Any:
    """`function(weight)` of an eager tensor, computed at the first call and kept for as long as the tensor lives."""
    key = (function, id(weight))
    if key not in _derived:
        with tf.init_scope():
            _derived[key] = function(weight)
        weakref.finalize(weight, _derived.pop, key, None)
    return _derived[key]
