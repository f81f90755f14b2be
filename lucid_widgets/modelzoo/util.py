"""Lucid's helpers for graphs and labels, under their names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo._graphdef_files import parse_graphdef
from lucid_widgets.modelzoo._metadata import metadata_of, with_metadata
from lucid_widgets.modelzoo.weights import existing_file, read_labels

__all__ = ["extract_metadata", "forget_xy", "infuse_metadata", "load_graphdef", "load_text_labels"]


def load_text_labels(labels_path: str | os.PathLike[str]) -> list[str]:
    """The lines of a text file of labels.

    Source: Lucid's `load_text_labels`.
    """
    return list(read_labels(labels_path) or ())


def load_graphdef(model_url: str | os.PathLike[str], reset_device: bool = True) -> Any:
    """The GraphDef in a `.pb` file.

    Args:
        model_url: The file.
        reset_device: Whether to forget on which device each node was.

    Raises:
        ModelError: The file is missing, empty, or no graph.

    Source: Lucid's `load_graphdef`.
    """
    graph_def = parse_graphdef(existing_file(model_url))
    for node in graph_def.node if reset_device else ():
        node.device = ""
    return graph_def


def forget_xy(t: tf.Tensor) -> tf.Tensor:
    """The same images, `[batch, height, width, channels]`, with height and width hidden from the graph.

    Source: Lucid's `forget_xy`.
    """
    return tf.raw_ops.PlaceholderWithDefault(input=t, shape=(t.shape[0], None, None, t.shape[-1]))


def infuse_metadata(graph_def: Any, info: Mapping[str, Any]) -> None:
    """Writes metadata into a GraphDef, which is changed.

    Source: Lucid's `infuse_metadata`.
    """
    graph_def.CopyFrom(with_metadata(graph_def, info))


def extract_metadata(graph_def: Any) -> dict[str, Any] | None:
    """The metadata in a GraphDef, None where there is none.

    Raises:
        ModelError: It cannot be read.

    Source: Lucid's `extract_metadata`.
    """
    return metadata_of(graph_def, "this graph")
