"""Values of a frozen graph's placeholders other than the image's: passed by the user, or certain from their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, unknown_name

__all__ = ["PLACEHOLDERS", "certain_constants", "dtype_of", "needs_value", "placeholders", "with_constants"]

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
"""Operations that take a value from outside."""

# TensorFlow's name for placeholders that only keep loops and conditions in order.
_INTERNAL = "unused_control_flow_input"

# The value of a switch or a rate when a network is used, and not trained, by the last part of its name.
_IN_USE: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"(dropout_?)?keep_?(prob|probability|rate)"), 1),
    (re.compile(r"drop(out)?_?rate"), 0),
    (re.compile(r"(is_?)?train(ing)?(_?(mode|phase|flag))?|phase_?train|(keras_)?learning_?phase"), 0),
)


def dtype_of(node: Any) -> tf.DType:
    """Return the type of a placeholder."""
    return tf.as_dtype(node.attr["dtype"].type)


def placeholders(graph_def: Any, dtypes: Iterable[tf.DType] | None = None) -> list[str]:
    """Return the names of the placeholders of these types, in graph order; default: of any type."""
    wanted = None if dtypes is None else tuple(dtypes)
    return [
        node.name
        for node in graph_def.node
        if node.op in PLACEHOLDERS
        and not node.name.startswith(_INTERNAL)
        and (wanted is None or dtype_of(node) in wanted)
    ]


def certain_constants(graph_def: Any, image: str) -> dict[str, Any]:
    """Return the values of placeholders whose names leave no doubt, such as `{"keep_prob": 1.0, "is_training": False}`.

    Args:
        graph_def: The GraphDef.
        image: The node that takes the image, which gets no value.
    """
    found: dict[str, Any] = {}
    for node in graph_def.node:
        value = _value_in_use(node) if node.op in PLACEHOLDERS and node.name != image else None
        if value is not None:
            found[node.name] = value
    return found


def with_constants(graph_def: Any, constants: Mapping[str, Any], owner: str) -> Any:
    """Replace placeholders by constants.

    Args:
        graph_def: The GraphDef, which is not changed.
        constants: Values by the names of placeholders, such as `{"keep_prob": 1.0}`.
        owner: The model's name, for error messages.

    Returns:
        A new GraphDef, or the same one if there are no constants.

    Raises:
        UnknownNameError: If the graph has no such placeholder.
        ArgumentError: If a value does not fit the placeholder's type or shape.
    """
    if not constants:
        return graph_def
    edited = tf.compat.v1.GraphDef()
    edited.CopyFrom(graph_def)
    nodes = {node.name: node for node in edited.node if node.op in PLACEHOLDERS}
    for given, value in constants.items():
        name = given.removesuffix(":0")
        if name not in nodes:
            raise unknown_name("placeholder", given, owner, placeholders(graph_def))
        node, dtype = nodes[name], dtype_of(nodes[name])
        shape = tf.TensorShape(node.attr["shape"].shape) if "shape" in node.attr else tf.TensorShape(None)
        try:
            proto = tf.make_tensor_proto(np.asarray(value, dtype.as_numpy_dtype))
        except (TypeError, ValueError, OverflowError):
            raise ArgumentError(f"constants[{given!r}] is {value!r}.", f"Expected {dtype.name}.") from None
        if not shape.is_compatible_with(tf.TensorShape(proto.tensor_shape)):
            raise ArgumentError(
                f"constants[{given!r}] has the shape {np.shape(value)}.", f"Expected {tuple(shape.as_list())}."
            )
        node.Clear()
        node.name, node.op = name, "Const"
        node.attr["dtype"].type = dtype.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(proto)
    return edited


def needs_value(layer: str, node: Any) -> ModelError:
    """Error for a layer that depends on a placeholder other than the image's."""
    name, dtype = node.name, dtype_of(node)
    example = "False" if dtype == tf.bool else "1.0" if dtype.is_floating else "value"
    return ModelError(
        f"{layer!r} needs a value for {name!r} ({dtype.name}).",
        f"Pass constants={{{name!r}: {example}}} where the model is made, or input_map={{{name!r}: tensor}} to "
        "import_graph.",
    )


def _value_in_use(node: Any) -> float | bool | None:
    shape = tf.TensorShape(node.attr["shape"].shape) if "shape" in node.attr else tf.TensorShape(None)
    dtype = dtype_of(node)
    if shape.rank not in (0, None) or not (dtype.is_floating or dtype.is_integer or dtype.is_bool):
        return None
    name = re.sub(r"_\d+$", "", node.name.rpartition("/")[2].lower())
    value = next((value for pattern, value in _IN_USE if pattern.fullmatch(name)), None)
    return None if value is None else dtype.as_numpy_dtype(value).item()
