"""`Model.suggest_save_args`: the arguments of `Model.save` that can be read from a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

__all__ = ["suggest_save_args"]

_EXAMPLES = {
    "input_name": "'input'",
    "image_shape": "[224, 224, 3]",
    "output_names": "['logits']",
    "image_value_range": "[-1, 1], [0, 1], [0, 255] or [-117, 138]",
}
_REACH = 5  # A division by 255 counts if it is at most this many nodes after the placeholder.


def suggest_save_args(graph_def: Any = None) -> dict[str, Any]:
    """Print a call of `Model.save` for a graph, with the reason for each argument, and return the arguments.

    Args:
        graph_def: A GraphDef; default: that of the default graph.

    Returns:
        A dictionary with `input_name`, `image_shape`, `output_names` and `image_value_range`. Arguments that the graph
        does not show are None.

    Example:
        >>> found = Model.suggest_save_args(graph_def)
        input_name = 'input': it is the only placeholder
        ...

    Source: Lucid's `Model.suggest_save_args`.
    """
    if graph_def is None:
        graph_def = tf.compat.v1.get_default_graph().as_graph_def()
    found: dict[str, Any] = dict.fromkeys(_EXAMPLES)
    reasons: dict[str, str] = {}
    nodes = {node.name: node for node in graph_def.node}
    placeholders = [node for node in graph_def.node if node.op == "Placeholder"]
    if len(placeholders) == 1:
        placeholder = placeholders[0]
        if tf.dtypes.as_dtype(placeholder.attr["dtype"].type).is_floating:
            found["input_name"], reasons["input_name"] = placeholder.name, "it is the only placeholder"
        else:
            divisions = [name for name in _near(placeholder.name, nodes) if _divides_by_255(nodes[name], nodes)]
            if len(divisions) == 1:
                found["input_name"] = divisions[0]
                found["image_value_range"] = (0, 1)
                reasons["input_name"] = "it divides the placeholder's integers by 255"
                reasons["image_value_range"] = "that is the range after the division"
        shape = tf.TensorShape(placeholder.attr["shape"].shape)
        if found["input_name"] and shape.rank in (3, 4) and None not in shape[-3:].as_list():
            found["image_shape"], reasons["image_shape"] = shape[-3:].as_list(), "it is the placeholder's shape"
    outputs = [node.name for node in graph_def.node if node.op == "Softmax"]
    if outputs:
        found["output_names"], reasons["output_names"] = outputs, "these are all the softmax nodes"
    for key, reason in reasons.items():
        print(f"{key} = {found[key]!r}: {reason}")
    print(_call(found))
    return found


def _call(found: dict[str, Any]) -> str:
    lines = [
        "# Check every argument: a wrong image_value_range raises no error, but gives wrong images.",
        "Model.save(",
    ]
    lines.append('    "my_model.pb",')
    for key, value in found.items():
        lines.append(f"    {key}={value!r}," if value is not None else f"    {key}=...,  # such as {_EXAMPLES[key]}")
    return "\n".join([*lines, ")"])


def _near(start: str, nodes: dict[str, Any]) -> list[str]:
    """Return the names of nodes that depend on a node, at most `_REACH` nodes away."""
    reached, border = {start}, {start}
    for _ in range(_REACH):
        border = {name for name, node in nodes.items() if name not in reached and border & _sources(node)}
        reached |= border
    return [name for name in nodes if name in reached]


def _divides_by_255(node: Any, nodes: dict[str, Any]) -> bool:
    constants = [nodes[name] for name in _sources(node) if name in nodes and nodes[name].op == "Const"]
    # In Lucid's models a Cast follows the constant 255.
    casts = [nodes[name] for name in _sources(node) if name in nodes and nodes[name].op == "Cast"]
    constants += [nodes[name] for cast in casts for name in _sources(cast) if nodes[name].op == "Const"]
    values = [tf.make_ndarray(constant.attr["value"].tensor) for constant in constants]
    return node.op == "RealDiv" and any(np.issubdtype(v.dtype, np.number) and np.all(v == 255) for v in values)


def _sources(node: Any) -> set[str]:
    return {edge.lstrip("^").partition(":")[0] for edge in node.input}
