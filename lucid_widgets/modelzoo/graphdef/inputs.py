"""Inputs of a frozen graph: the node that takes the image, and constants for all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError, either, unknown_name

__all__ = ["PLACEHOLDERS", "ImageNode", "find_image_node", "needs_value", "with_constants"]

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
"""Operations that take a value from outside."""

_BYTES = (tf.uint8, tf.string)
# TensorFlow's name for placeholders that only keep loops and conditions in order.
_INTERNAL = "unused_control_flow_input"
# Operations that read something about an image other than its pixels.
_NO_PIXELS = ("Shape", "ShapeN", "Size", "Rank")
_MAX_NAMES = 8


class ImageNode(NamedTuple):
    """The node that takes the image.

    Attributes:
        name: Its name. It outputs float32.
        shape: `(height, width, channels)` that the graph declares, or `(None, None, 3)`.
        value_range: (0, 255) if the node turns bytes into floats; None if the graph does not say what it expects.
    """

    name: str
    shape: tuple[int | None, int | None, int | None]
    value_range: tuple[float, float] | None = None


def find_image_node(graph_def: Any, input_name: str | None, owner: str) -> ImageNode:
    """Return the node that takes the image: `input_name`, or the graph's only placeholder that can.

    A placeholder for bytes has no gradient. In its place, the image enters at the node that turns the bytes into
    floats, if there is only one; no values are lost, because that node keeps the range 0 to 255.

    Raises:
        UnknownNameError: If there is no node `input_name`.
        ModelError: If there is no such node, or more than one, or nothing in the graph uses it.
    """
    nodes = {node.name: node for node in graph_def.node}
    name = _only_float(graph_def, owner) if input_name is None else input_name.removesuffix(":0")
    if name is not None and name not in nodes:
        raise unknown_name("input", name, owner, _placeholders(graph_def) or list(nodes))
    if name is not None and not _takes_bytes(nodes[name]):
        if not any(edge.partition(":")[0] == name for node in graph_def.node for edge in node.input):
            raise ModelError(
                f"No layer of {owner} uses {name!r}.",
                "Pass input_name=..., the name of the node that takes the image.",
            )
        return ImageNode(name, _declared_shape(nodes[name]), _range_of_bytes(nodes, name))
    sources = [name] if name is not None else _placeholders(graph_def, _BYTES)
    if not sources:
        raise _no_image(graph_def, owner)
    return _after_bytes(graph_def, nodes, sources, owner)


def with_constants(graph_def: Any, constants: Mapping[str, Any], owner: str) -> Any:
    """Replace placeholders by constants.

    Args:
        graph_def: The GraphDef, which is not changed.
        constants: Values by the names of placeholders, such as `{"keep_prob": 1.0}`.
        owner: The model's name, for error messages.

    Returns:
        A new GraphDef.

    Raises:
        UnknownNameError: If the graph has no such placeholder.
        ArgumentError: If a value does not fit the placeholder's type or shape.
    """
    edited = tf.compat.v1.GraphDef()
    edited.CopyFrom(graph_def)
    nodes = {node.name: node for node in edited.node if node.op in PLACEHOLDERS}
    for given, value in constants.items():
        name = given.removesuffix(":0")
        if name not in nodes:
            raise unknown_name("placeholder", given, owner, _placeholders(graph_def))
        node, dtype = nodes[name], _dtype(nodes[name])
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
    name, dtype = node.name, _dtype(node)
    example = "False" if dtype == tf.bool else "1.0" if dtype.is_floating else "value"
    return ModelError(
        f"{layer!r} needs a value for {name!r} ({dtype.name}).",
        f"Pass constants={{{name!r}: {example}}} where the model is made, or input_map={{{name!r}: tensor}} to "
        "import_graph.",
    )


def _dtype(node: Any) -> tf.DType:
    return tf.as_dtype(node.attr["dtype"].type)


def _takes_bytes(node: Any) -> bool:
    return node.op in PLACEHOLDERS and not _dtype(node).is_floating


def _placeholders(graph_def: Any, dtypes: Sequence[tf.DType] | None = None) -> list[str]:
    return [
        node.name
        for node in graph_def.node
        if node.op in PLACEHOLDERS
        and not node.name.startswith(_INTERNAL)
        and (dtypes is None or _dtype(node) in dtypes)
    ]


def _only_float(graph_def: Any, owner: str) -> str | None:
    """Return the only float placeholder, or the only one of them whose shape is that of images; None if none is."""
    candidates = _placeholders(graph_def, (tf.float32,))
    nodes = {node.name: node for node in graph_def.node}
    # A placeholder with a default is usually a training switch or a dropout rate, not the image.
    names = [name for name in candidates if nodes[name].op != "PlaceholderWithDefault"] or candidates
    images = [name for name in names if _rank(nodes[name]) == 4]
    names = images if len(images) == 1 else names
    if len(names) > 1:
        raise ModelError(
            f"{owner} has {len(names)} float placeholders: {either(names).replace(' or ', ' and ')}.",
            "Pass input_name=..., the name of the one that takes the image, and the values of others as constants=...",
        )
    return names[0] if names else None


def _rank(node: Any) -> int | None:
    rank: int | None = tf.TensorShape(node.attr["shape"].shape).rank if "shape" in node.attr else None
    return rank


def _declared_shape(node: Any) -> tuple[int | None, int | None, int | None]:
    if _rank(node) != 4:
        return (None, None, 3)
    height, width, channels = tf.TensorShape(node.attr["shape"].shape).as_list()[1:]
    return (height, width, channels)


def _range_of_bytes(nodes: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Return (0, 255) for a node that casts bytes to floats."""
    node = nodes[name]
    casts = node.op == "Cast" and tf.as_dtype(node.attr["SrcT"].type) == tf.uint8
    return (0, 255) if casts else None


def _after_bytes(graph_def: Any, nodes: Mapping[str, Any], sources: Sequence[str], owner: str) -> ImageNode:
    """Return the node that turns the bytes of one of these placeholders into floats."""
    found = list(_first_floats(graph_def, sources))
    names = [op.name for op in found]
    certain = [op.name for op in found if op.inputs[0].dtype == tf.uint8 and op.outputs[0].dtype == tf.float32]
    if len(names) == 1 and certain:
        [op] = found
        shape = op.outputs[0].shape
        sides = tuple(shape[1:].as_list()) if shape.rank == 4 else (None, None, None)
        height, width, channels = sides
        return ImageNode(names[0], (height, width, channels or 3), (0, 255))
    taken = either(sources)
    if not names:
        raise ModelError(
            f"{owner} has no float input for an image: {taken} takes {_dtype(nodes[sources[0]]).name} values, and no "
            "float node can be computed from them outside a loop.",
            "Gradients need float images. Export the part of the network after its preprocessing.",
        )
    raise ModelError(
        f"{owner} has no float input for an image: {taken} takes {_dtype(nodes[sources[0]]).name} values.",
        f"Gradients need float images. Pass input_name={either(names[:_MAX_NAMES])}, float nodes after it, and "
        "image_value_range=(low, high), the values there of black and white.",
    )


def _first_floats(graph_def: Any, sources: Sequence[str]) -> Iterator[tf.Operation]:
    """Yield the operations outside loops that turn values of these placeholders into floats, in graph order."""
    graph = tf.Graph()
    with graph.as_default():
        tf.graph_util.import_graph_def(graph_def, name="")
    waiting = [(graph.get_operation_by_name(source), 0) for source in sources]
    seen, found = set(), set()
    while waiting:
        op, depth = waiting.pop()
        if op.name in seen:
            continue
        seen.add(op.name)
        if op.type in _NO_PIXELS:
            continue
        depth += {"Enter": 1, "Exit": -1}.get(op.type, 0)
        if op.outputs and op.outputs[0].dtype.is_floating and depth == 0:
            found.add(op.name)
            continue
        waiting.extend((user, depth) for output in op.outputs for user in output.consumers())
    return (graph.get_operation_by_name(node.name) for node in graph_def.node if node.name in found)


def _no_image(graph_def: Any, owner: str) -> ModelError:
    others = _placeholders(graph_def)
    if others:
        return ModelError(
            f"{owner} has no float placeholder for an image; {either(others)} takes another type.",
            "Gradients need float images. Pass input_name=..., the name of the first float node after it.",
        )
    return ModelError(
        f"{owner} has no placeholder for an image.", "Pass input_name=..., the name of the node that takes the image."
    )
