"""Edits of a GraphDef before it is imported. Each returns a new GraphDef."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

__all__ = ["add_pre_relu_concats", "renamed"]


def add_pre_relu_concats(graph_def: Any) -> Any:
    """Add a node `<name>_pre_relu` for every concatenation of ReLUs, as Lucid does for Inception V1.

    The new node concatenates the inputs of the ReLUs; inputs that are not ReLUs are concatenated directly. It is listed
    right before the concatenation that it mirrors, and is computed only on request.

    Args:
        graph_def: The GraphDef, which is not changed.

    Returns:
        A new GraphDef.

    Example:
        With `mixed4a = Concat(axis, Relu(a), Relu(b))`, the result also has `mixed4a_pre_relu = Concat(axis, a, b)`.
    """
    nodes = {node.name: node for node in graph_def.node}
    edited = tf.compat.v1.GraphDef()
    edited.CopyFrom(graph_def)
    del edited.node[:]
    for node in graph_def.node:
        mirror = f"{node.name}_pre_relu"
        inputs = [_before_relu(edge, nodes) for edge in node.input]
        if node.op in ("Concat", "ConcatV2") and inputs != list(node.input) and mirror not in nodes:
            # The axis (first in Concat, last in ConcatV2) is a constant, so `_before_relu` keeps it.
            added = edited.node.add()
            added.CopyFrom(node)
            added.name = mirror
            added.input[:] = inputs
        edited.node.add().CopyFrom(node)
    return edited


def renamed(graph_def: Any, names: Mapping[str, str]) -> Any:
    """Rename nodes.

    Args:
        graph_def: The GraphDef, which is not changed.
        names: New names by old names. A node keeps its old name if another node has, or gets, the new one.

    Returns:
        A new GraphDef.
    """
    taken = {node.name for node in graph_def.node if node.name not in names}
    fitting: dict[str, str] = {}
    for old, new in names.items():
        fitting[old] = new if new not in taken else old
        taken.add(fitting[old])
    edited = tf.compat.v1.GraphDef()
    edited.CopyFrom(graph_def)
    for node in edited.node:
        node.name = fitting.get(node.name, node.name)
        node.input[:] = [_renamed_edge(edge, fitting) for edge in node.input]
    return edited


def _renamed_edge(edge: str, names: Mapping[str, str]) -> str:
    control = "^" if edge.startswith("^") else ""
    name, colon, port = edge.removeprefix("^").partition(":")
    return f"{control}{names.get(name, name)}{colon}{port}"


def _before_relu(edge: str, nodes: dict[str, Any]) -> str:
    source = nodes.get(edge.removesuffix(":0"))
    return str(source.input[0]) if source is not None and source.op == "Relu" else edge
