"""Reading a frozen GraphDef, and removing what binds it to a machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.outside import file_bytes
from lucid_widgets.modelzoo.files.weights import existing_file
from lucid_widgets.modelzoo.graphdef.constants import PLACEHOLDERS
from lucid_widgets.modelzoo.graphdef.side_effects import refuse_side_effects

__all__ = ["parse_graphdef", "read_graphdef", "usable_graphdef"]

GraphDef = tf.compat.v1.GraphDef

_VARIABLES = ("Variable", "VariableV2", "VarHandleOp", "VarIsInitializedOp")
# Only convolutions and pools care which axis holds the channels. A bias of a dense layer may be labeled NCHW too.
_LAYOUT_MATTERS = (
    *("Conv2D", "DepthwiseConv2dNative", "Conv2DBackpropInput", "Conv3D", "Conv3DBackpropInputV2"),
    *("MaxPool", "MaxPoolV2", "AvgPool", "MaxPool3D", "AvgPool3D", "_FusedConv2D"),
)
# Colocation and recorded shapes would bind the graph to the machine and the image size of its training.
_BINDING_ATTRIBUTES = ("_class", "_output_shapes")

_LARGEST_SIDE = 2**40


def read_graphdef(path: str | os.PathLike[str]) -> Any:
    """Read a `.pb` file, and check that it is a frozen graph with channels last.

    Returns:
        A GraphDef without devices, colocation constraints and recorded shapes.

    Raises:
        ModelError: If the file is missing, empty, not a graph, not frozen, has channels first (NCHW), or would read
            files, write files or run other code.
    """
    file = existing_file(path)
    return usable_graphdef(parse_graphdef(file), file)


def usable_graphdef(graph_def: Any, file: Path, *, trusted: bool = False) -> Any:
    """Remove devices, colocation constraints and recorded shapes from a GraphDef, in place, and return it.

    Args:
        graph_def: The GraphDef.
        file: Where it comes from, for error messages.
        trusted: Whether it was traced from the user's own code, which may do anything.

    Raises:
        ModelError: If it is not frozen, has channels first (NCHW), or would read files, write files or run other code.
    """
    if not trusted:
        _refuse_damaged(graph_def, file)
        refuse_side_effects(graph_def, file)
    for node in graph_def.node:
        node.device = ""
        for name in _BINDING_ATTRIBUTES:
            if name in node.attr:
                del node.attr[name]
    _refuse_variables(graph_def, file)
    _refuse_channels_first(graph_def, file)
    return graph_def


def parse_graphdef(file: Path) -> Any:
    """Parse the GraphDef in a file, unchanged.

    Raises:
        ModelError: If the file is empty or not a graph.
    """
    data = file_bytes(file, error=ModelError)
    if not data:
        raise ModelError(f"{str(file)!r} is empty.", "Expected a frozen TensorFlow graph (.pb).")
    graph_def = GraphDef()
    try:
        graph_def.ParseFromString(data)
        usable = bool(graph_def.node) and all(node.name and node.op for node in graph_def.node)
    except DecodeError:
        usable = False
    if not usable:
        hint = "Expected a frozen GraphDef in binary form (.pb)."
        if file.name == "saved_model.pb":
            hint = (
                f"It is part of a SavedModel; pass its folder, {str(file.parent)!r}, to from_saved_model or as_model."
            )
        raise ModelError(f"{str(file)!r} is not a TensorFlow graph.", hint)
    return graph_def


def _refuse_damaged(graph_def: Any, file: Path) -> None:
    """Refuse what TensorFlow would accept here, and fail at later, with an error that names no node."""
    names: set[str] = set()
    for node in graph_def.node:
        if node.name in names:
            raise _damaged(file, node.name, "has the name of an earlier node")
        names.add(node.name)
        if node.op in PLACEHOLDERS and not _is_dtype(node.attr["dtype"].type):
            raise _damaged(file, node.name, "is a placeholder without a type")
        shapes = [node.attr["shape"].shape] if "shape" in node.attr else []
        shapes += [node.attr["value"].tensor.tensor_shape] if "value" in node.attr else []
        if any(side.size < -1 or side.size > _LARGEST_SIDE for shape in shapes for side in shape.dim):
            raise _damaged(file, node.name, "has an impossible shape")


def _damaged(file: Path, name: str, what: str) -> ModelError:
    return ModelError(f"{str(file)!r} is a damaged graph: {name!r} {what}.", "Export it again.")


def _is_dtype(number: int) -> bool:
    try:
        tf.as_dtype(number)
    except TypeError:
        return False
    return True


def _refuse_variables(graph_def: Any, file: Path) -> None:
    variable = next((node for node in graph_def.node if node.op in _VARIABLES), None)
    if variable is not None:
        raise ModelError(
            f"{str(file)!r} is not frozen: {variable.name!r} is a variable, whose value is not in the file.",
            "Convert the variables to constants first (tf.compat.v1.graph_util.convert_variables_to_constants).",
        )


def _refuse_channels_first(graph_def: Any, file: Path) -> None:
    for node in graph_def.node:
        layout = node.attr["data_format"].s if node.op in _LAYOUT_MATTERS and "data_format" in node.attr else b""
        if layout.startswith(b"NC"):
            raise ModelError(
                f"{str(file)!r} has channels first: {node.name!r} is {layout.decode()}.",
                "Build the network with channels last (NHWC), load the same weights, and export it again.",
            )
