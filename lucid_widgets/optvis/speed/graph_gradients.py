"""Gradients in graphs: building only those that are needed, and forgetting those that are registered for a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed.private_names import find

_PREFIX = "CustomGradient-"
"""TensorFlow's names for functions that `tf.custom_gradient` registers; nodes refer to them in `_gradient_op_type`."""


def skip_constant_inputs(params: Sequence[Any]) -> None:
    """Tell the operations of the graph that is being traced which of their inputs do not depend on `params`.

    TensorFlow's gradient functions then leave out the gradients of those inputs, such as the weights. A tape tells them
    so itself; `tf.compat.v1.gradients` does not, and builds operations that are removed again before the graph runs.

    Args:
        params: The tensors that gradients will be taken with respect to, in this graph.
    """
    attribute = find("skipped_inputs")
    if attribute is None:
        return
    dependent = {tensor.op.name for tensor in params}
    for op in tf.compat.v1.get_default_graph().get_operations():
        constant = tuple(place for place, tensor in enumerate(op.inputs) if tensor.op.name not in dependent)
        if len(constant) < len(op.inputs):
            dependent.add(op.name)
            setattr(op, attribute, constant)


def forget_gradients(graph: Any) -> None:
    """Remove what `tf.custom_gradient` registered while a graph was traced.

    Each use of it registers a function under a new name forever, and that function keeps the graph alive: a few
    megabytes per structure. Once gradients have been added to a graph, nothing looks up those names again.
    """
    registry = find("gradient_registry")
    if registry is None:
        return
    definition = graph.as_graph_def()
    nodes = (node for function in definition.library.function for node in function.node_def)
    for node in (*definition.node, *nodes):
        name = node.attr["_gradient_op_type"].s.decode() if "_gradient_op_type" in node.attr else ""
        if name.startswith(_PREFIX):
            registry.pop(name, None)


__all__ = ["forget_gradients", "skip_constant_inputs"]
