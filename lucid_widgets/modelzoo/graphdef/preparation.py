"""`graph_range`: the input range of a frozen graph, measured on the nodes before its first convolution."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import LucidError
from lucid_widgets.modelzoo.base.input_probe import measured_range
from lucid_widgets.modelzoo.base.network import Network

__all__ = ["graph_range"]

_MIXING = frozenset(
    {
        *("Conv2D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3D", "SpaceToBatchND", "MatMul"),
        *("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "MaxPool", "MaxPoolV2", "AvgPool"),
    }
)


def graph_range(
    network: Network, graph_def: Any, input_name: str, image_shape: tuple[int | None, int | None, int | None]
) -> tuple[float, float] | None:
    """Return the values of black and white that a graph expects; None if its first nodes do not show them.

    Args:
        network: The layers of the graph.
        graph_def: The GraphDef.
        input_name: The node that takes the image.
        image_shape: `(height, width, channels)` of the image.
    """
    received = _received(graph_def, input_name)
    if not received or received <= {input_name, f"{input_name}:0"}:
        return None

    @tf.function(autograph=False)
    def run(images: tf.Tensor) -> list[tf.Tensor]:
        tensors = network.evaluator(images, "preparation/", {})
        return [tensors(edge) for edge in sorted(received)]

    def prepare(images: Any) -> list[Any]:
        return [np.asarray(value) for value in run(tf.constant(images)) if value.dtype.is_floating]

    try:
        with tf.init_scope():
            return measured_range(prepare, image_shape)
    except (LucidError, ValueError, TypeError, tf.errors.OpError):
        return None  # a graph that fails here tells why when a layer of it is used


def _received(graph_def: Any, input_name: str) -> set[str]:
    """Return the tensors that nodes which mix positions receive, and that no such node has changed before."""
    sources = {node.name: [edge for edge in node.input if not edge.startswith("^")] for node in graph_def.node}
    users: dict[str, list[str]] = {}
    for name, edges in sources.items():
        for edge in edges:
            users.setdefault(edge.partition(":")[0], []).append(name)
    operations = {node.name: node.op for node in graph_def.node}
    mixed = _below([name for name in _below([input_name], users, set()) if operations[name] in _MIXING], users, set())
    prepared = _below([input_name], users, mixed)
    return {
        edge
        for name in mixed
        if operations[name] in _MIXING
        for edge in sources[name]
        if edge.partition(":")[0] in prepared
    }


def _below(start: list[str], users: dict[str, list[str]], without: set[str]) -> set[str]:
    """Return nodes that depend on these, and these themselves."""
    found, waiting = set(start) - without, [name for name in start if name not in without]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found and user not in without:
                found.add(user)
                waiting.append(user)
    return found
