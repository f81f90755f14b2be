"""Lucid's helper functions for graphs and labels."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo.files.weights import existing_file, read_labels
from lucid_widgets.modelzoo.graphdef.files import parse_graphdef
from lucid_widgets.modelzoo.saving.freeze import frozen_session
from lucid_widgets.modelzoo.saving.metadata import METADATA_NODE, metadata_of, with_metadata

__all__ = [
    "GraphDefHelper",
    "extract_metadata",
    "forget_xy",
    "frozen_default_graph_def",
    "infuse_metadata",
    "load_graphdef",
    "load_text_labels",
    "metadata_node_name",
]

metadata_node_name = METADATA_NODE
"""Name of the node that holds the metadata of a saved model."""


def load_text_labels(labels_path: str | os.PathLike[str]) -> list[str]:
    """Return the lines of a text file of labels.

    Source: Lucid's `load_text_labels`.
    """
    return list(read_labels(labels_path) or ())


def load_graphdef(model_url: str | os.PathLike[str], reset_device: bool = True) -> Any:
    """Read the GraphDef in a `.pb` file.

    Args:
        model_url: The file.
        reset_device: Whether to remove the device of each node.

    Raises:
        ModelError: If the file is missing, empty, or not a graph.

    Source: Lucid's `load_graphdef`.
    """
    graph_def = parse_graphdef(existing_file(model_url))
    for node in graph_def.node if reset_device else ():
        node.device = ""
    return graph_def


def forget_xy(t: tf.Tensor) -> tf.Tensor:
    """Return the same images, `[batch, height, width, channels]`, with height and width unknown to the graph.

    Source: Lucid's `forget_xy`.
    """
    return tf.raw_ops.PlaceholderWithDefault(input=t, shape=(t.shape[0], None, None, t.shape[-1]))


def frozen_default_graph_def(input_node_names: Sequence[str], output_node_names: Sequence[str]) -> Any:
    """Freeze the graph of TensorFlow 1's default session, without nodes that only training needs.

    Args:
        input_node_names: Names of nodes that the result must contain.
        output_node_names: The nodes to keep, with those below them.

    Raises:
        ModelError: If there is no default session.
        UnknownNameError: If the graph has no such node.

    Source: Lucid's `frozen_default_graph_def`.
    """
    graph_def = frozen_session(output_node_names)
    names = [node.name for node in graph_def.node]
    for name in input_node_names:
        if name.partition(":")[0] not in names:
            raise unknown_name("node", name, "The frozen graph", names)
    return graph_def


class GraphDefHelper:
    """The nodes of a GraphDef by name and by type of operation.

    Attributes:
        graph_def: As it was passed.
        by_name: Node by name.
        by_op: List of nodes by type of operation, such as "Placeholder"; empty for types that do not occur.

    Source: Lucid's `GraphDefHelper`.
    """

    def __init__(self, graph_def: Any) -> None:
        self.graph_def = graph_def
        self.by_name = {node.name: node for node in graph_def.node}
        self.by_op: defaultdict[str, list[Any]] = defaultdict(list)
        for node in graph_def.node:
            self.by_op[node.op].append(node)

    def neighborhood(self, node: Any, degree: int = 4) -> list[Any]:
        """Return the nodes at most `degree` edges away from a node, including itself, in the order of the graph."""
        sources = {name: {edge.lstrip("^").partition(":")[0] for edge in n.input} for name, n in self.by_name.items()}
        reached = {node.name}
        for _ in range(degree):
            above = {name for name, inputs in sources.items() if inputs & reached}
            reached |= above.union(*(sources.get(name, set()) for name in reached))
        return [each for name, each in self.by_name.items() if name in reached]


def infuse_metadata(graph_def: Any, info: Mapping[str, Any]) -> None:
    """Write metadata into a GraphDef, in place.

    Source: Lucid's `infuse_metadata`.
    """
    graph_def.CopyFrom(with_metadata(graph_def, info))


def extract_metadata(graph_def: Any) -> dict[str, Any] | None:
    """Return the metadata in a GraphDef, or None if there is none.

    Raises:
        ModelError: If it cannot be read.

    Source: Lucid's `extract_metadata`.
    """
    return metadata_of(graph_def, "this graph")
