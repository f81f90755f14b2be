"""Lucid's metadata: JSON in a constant of the graph that says what the network expects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ModelError

__all__ = ["METADATA_NODE", "REQUIRED", "check_metadata", "metadata_of", "with_metadata"]

METADATA_NODE = "lucid_metadata_json"
"""Name of the constant, as in Lucid."""

REQUIRED = ("input_name", "image_shape", "image_value_range")
"""The entries that Lucid writes. This package adds `name`, `is_BGR`, `labels`, `output_names` and `layers`."""


def with_metadata(graph_def: Any, metadata: Mapping[str, Any]) -> Any:
    """Copy a GraphDef, with this metadata in place of any that it had.

    Args:
        graph_def: The GraphDef, which is not changed.
        metadata: Values that JSON can represent, and NumPy arrays and numbers.

    Returns:
        A new GraphDef.

    Source: Lucid's `modelzoo.util.infuse_metadata`, which changed the graph in place.
    """
    text = json.dumps(dict(metadata), default=_plain)
    kept = [node for node in graph_def.node if node.name != METADATA_NODE]
    edited = tf.compat.v1.GraphDef(versions=graph_def.versions, library=graph_def.library)
    edited.node.extend(kept)
    node = edited.node.add(name=METADATA_NODE, op="Const")
    node.attr["dtype"].type = tf.string.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(text))
    return edited


def metadata_of(graph_def: Any, owner: str) -> dict[str, Any] | None:
    """Return the metadata in a GraphDef, or None if there is none.

    Raises:
        ModelError: If it cannot be read, or an entry is missing.

    Source: Lucid's `modelzoo.util.extract_metadata`.
    """
    # In Lucid's documentation, and in some files, the name begins with two underscores.
    names = (METADATA_NODE, f"__{METADATA_NODE}")
    node = next((node for node in graph_def.node if node.name in names), None)
    if node is None:
        return None
    try:
        text = np.asarray(tf.make_ndarray(node.attr["value"].tensor)).item()
        found = json.loads(text)
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        raise ModelError(f"The metadata in {owner} cannot be read: {error}.") from error
    return check_metadata(found, owner)


def check_metadata(metadata: Any, owner: str) -> dict[str, Any]:
    """Return the metadata, or raise a `ModelError` if an entry that every model needs is missing."""
    if not isinstance(metadata, dict):
        raise ModelError(f"The metadata in {owner} is a {type(metadata).__name__}.", "Expected a dictionary.")
    missing = [key for key in REQUIRED if metadata.get(key) is None]
    if missing:
        raise ModelError(f"The metadata in {owner} lacks {' and '.join(missing)}.", f"Expected {', '.join(REQUIRED)}.")
    return metadata


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise ModelError(f"A model's metadata cannot hold {value!r}.", "Expected text, numbers and lists of them.")
