"""What Lucid writes beside a network: a constant in the graph with how to feed it, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ModelError

METADATA_NODE = "lucid_metadata_json"
"""The name of the constant, Lucid's."""

NEEDED = ("input_name", "image_shape", "image_value_range")
"""What Lucid always writes. This package adds `name`, `is_BGR`, `labels`, `output_names` and `layers`."""


def with_metadata(graph_def: Any, metadata: Mapping[str, Any]) -> Any:
    """A copy of a GraphDef with metadata, in place of what it had.

    Args:
        graph_def: Is left as it is.
        metadata: Whatever JSON can say; NumPy's arrays and numbers too.

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
    """The metadata in a GraphDef, None where there is none.

    Raises:
        ModelError: There is some, but it cannot be read.

    Source: Lucid's `modelzoo.util.extract_metadata`.
    """
    # Lucid's documentation has the name with two underscores in front, some files too.
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
    """The metadata itself, if it says all that is needed; a `ModelError` otherwise."""
    if not isinstance(metadata, dict):
        raise ModelError(f"The metadata in {owner} is a {type(metadata).__name__}.", "Expected a dictionary.")
    missing = [key for key in NEEDED if metadata.get(key) is None]
    if missing:
        raise ModelError(f"The metadata in {owner} lacks {' and '.join(missing)}.", f"Expected {', '.join(NEEDED)}.")
    return metadata


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise ModelError(f"A model's metadata cannot hold {value!r}.", "Expected text, numbers and lists of them.")
