"""Lucid's metadata: JSON in a constant of the graph that says what the network expects."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.outside import Field, check_fields, parsed_json
from lucid_widgets.misc.outside.records import is_list_of, is_name, is_text

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
        text = text if isinstance(text, bytes) else str(text)
    except Exception as error:  # a damaged constant can make TensorFlow and NumPy raise anything
        raise ModelError(f"The metadata in {owner} cannot be read: {error}.") from error
    return check_metadata(parsed_json(text, f"The metadata in {owner}", error=ModelError), owner)


def check_metadata(metadata: Any, owner: str) -> dict[str, Any]:
    """Return the metadata of a model after checking the type of every entry that this package reads.

    Raises:
        ModelError: If an entry that every model needs is missing, or one has another type than expected.
    """
    if not isinstance(metadata, dict):
        raise ModelError(f"The metadata in {owner} is a {type(metadata).__name__}.", "Expected a dictionary.")
    missing = [key for key in REQUIRED if metadata.get(key) is None]
    if missing:
        raise ModelError(
            f"The metadata in {owner} lacks {' and '.join(missing)}.",
            "Expected input_name, image_shape and image_value_range.",
        )
    check_fields(metadata, _ENTRIES, f"The metadata in {owner}", error=ModelError)
    return metadata


def _is_size(value: Any) -> bool:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    return value is None or (whole and -1 <= int(value) < 2**31)


def _is_shape(value: Any) -> bool:
    return is_list_of(_is_size, value) and len(value) in (3, 4)


def _is_bound(value: Any) -> bool:
    try:
        bound = np.asarray(value)
    except ValueError:  # lists of different lengths
        return False
    return bound.dtype.kind in "iuf" and bound.ndim <= 1 and bool(np.isfinite(bound).all())


def _is_range(value: Any) -> bool:
    return isinstance(value, (list, tuple, np.ndarray)) and len(value) == 2 and all(map(_is_bound, value))


def _is_labels(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike)) or is_list_of(is_text, value)


def _is_layer(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return is_name(value)
    return (
        is_name(value.get("name"))
        and _is_size(value.get("depth"))
        and (value.get("tags") is None or is_list_of(is_text, value["tags"]))
    )


_ENTRIES = {
    "input_name": Field(is_name, "the name of a node"),
    "image_shape": Field(_is_shape, "(height, width, channels), with None for a side that may vary"),
    "image_value_range": Field(_is_range, "a pair (low, high) of numbers, or of lists with one number per channel"),
    "is_BGR": Field(lambda value: isinstance(value, (bool, np.bool_)), "true or false"),
    "labels": Field(_is_labels, "a list of names"),
    "labels_path": Field(is_name, "the path of a text file"),
    "model_path": Field(is_name, "the path of a frozen graph (.pb)"),
    "name": Field(is_text, "a text"),
    "type": Field(is_text, "a text"),
    "layers": Field(
        partial(is_list_of, _is_layer),
        "a list of names, or of dictionaries with name (a text), depth (a whole number) and tags (a list of texts)",
    ),
}
"""For each entry, a check of its value and a description of what is valid."""


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise ModelError(f"A model's metadata cannot hold {value!r}.", "Expected text, numbers and lists of them.")
