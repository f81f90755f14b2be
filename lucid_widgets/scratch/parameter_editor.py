"""`ParameterEditor`: read and write the weights of a frozen graph by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, unknown_name

__all__ = ["ParameterEditor"]

EDITED = "lucid_is_edited"
"""Name of the node that marks a graph as edited, as in Lucid."""


class ParameterEditor:
    """The constants of a graph as arrays. The next image of its model is that of the edited network.

    Args:
        graph_def: A GraphDef, such as `model.graph_def`, which is changed in place.

    Raises:
        ArgumentError: If the graph has been edited by an earlier editor; load the model again to start over.

    Example:
        >>> weights = ParameterEditor(model.graph_def)
        >>> weights["conv2d0_w"].shape
        (7, 7, 3, 64)
        >>> weights["conv2d0_w", :, :, :, 0] *= -1

    Source: Lucid's `scratch.parameter_editor`, which failed for constants that are stored as a single number.
    """

    def __init__(self, graph_def: Any) -> None:
        self.graph_def = graph_def
        self.nodes = {node.name: node for node in graph_def.node}
        if EDITED in self.nodes:
            raise ArgumentError(
                "The graph has been edited before.", "Load the model again, and make one editor for all edits."
            )
        mark = graph_def.node.add(name=EDITED, op="NoOp")
        self.nodes[EDITED] = mark

    def __getitem__(self, key: str | tuple[Any, ...]) -> npt.NDArray[Any]:
        """Return a copy of a constant, or of a part of it: `weights["name"]` or `weights["name", 0, :]`."""
        name, place = _split(key)
        value: npt.NDArray[Any] = np.array(self._value(name))
        return value[place] if place else value

    def __setitem__(self, key: str | tuple[Any, ...], new: npt.ArrayLike) -> None:
        """Change a constant, or a part of it.

        Raises:
            UnknownNameError: If there is no constant of that name.
            ArgumentError: If the new values have another shape.
        """
        name, place = _split(key)
        value = np.array(self._value(name))
        try:
            value[place or ...] = new
        except (ValueError, IndexError) as error:
            raise ArgumentError(f"{name!r} of shape {value.shape} cannot be set: {error}.") from error
        proto = tf.make_tensor_proto(value)
        self.nodes[name].attr["value"].tensor.CopyFrom(proto)

    def _value(self, name: str) -> npt.NDArray[Any]:
        node = self.nodes.get(name)
        if node is None or node.op != "Const":
            constants = [each.name for each in self.graph_def.node if each.op == "Const"]
            raise unknown_name("constant", name, "The graph", constants)
        return np.asarray(tf.make_ndarray(node.attr["value"].tensor))


def _split(key: str | tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    return (key, ()) if isinstance(key, str) else (key[0], tuple(key[1:]))
