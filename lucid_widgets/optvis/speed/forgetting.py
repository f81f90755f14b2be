"""Releasing the memory of graphs that are no longer used."""

from __future__ import annotations

from typing import Any

from lucid_widgets.optvis.speed.private_names import find

_PREFIX = "CustomGradient-"
"""TensorFlow's names for functions that `tf.custom_gradient` registers; nodes refer to them in `_gradient_op_type`."""


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


__all__ = ["forget_gradients"]
