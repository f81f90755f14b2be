"""`LazyImport`: importing a GraphDef one layer at a time, each with only the nodes that are still missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base import substitutes
from lucid_widgets.modelzoo.base.private_names import captured, is_function_graph
from lucid_widgets.modelzoo.graphdef.constants import needs_value

__all__ = ["LazyImport", "SharedWeights", "split_port"]

PLACEHOLDER_OPS = ("Placeholder", "PlaceholderV2")

SHARED_SIZE = 4096
"""Constants with at least this many numbers are shared by all graphs. Smaller ones stay in each graph, where TensorFlow
can fold them."""


class SharedWeights:
    """The large constants of a GraphDef as eager tensors, each created when it is first needed.

    Every traced function would hold its own copy of a constant in its graph.

    Args:
        nodes: The network's nodes by name.
    """

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self._nodes = nodes
        self._tensors: dict[str, tf.Tensor] = {}

    def get(self, name: str) -> tf.Tensor | None:
        """Return a node's tensor, captured by the current graph.

        None if the node is not a large constant, or the graph cannot capture tensors.
        """
        node, graph = self._nodes.get(name), tf.compat.v1.get_default_graph()
        if node is None or node.op != "Const" or not is_function_graph(graph):
            return None
        value = node.attr["value"].tensor
        size = math.prod(dimension.size for dimension in value.tensor_shape.dim)
        if size < SHARED_SIZE or value.dtype != tf.float32.as_datatype_enum:
            return None
        if name not in self._tensors:
            with tf.init_scope():
                self._tensors[name] = tf.constant(tf.make_ndarray(value))
        return captured(graph, self._tensors[name])


def split_port(name: str) -> tuple[str, int] | None:
    """Split `"mixed4a:0"` or `"mixed4a"` into `("mixed4a", 0)`; None if the part after the colon is not a number."""
    node, colon, port = name.rpartition(":")
    if not colon:
        return name, 0
    return (node, int(port)) if port.isascii() and port.isdigit() else None


class LazyImport:
    """The part of a GraphDef that is already in a graph, and how to import more of it.

    Every node is imported at most once. All calls must be made while the same graph is the default graph. Substitutes
    (`base.substitutes`) that are active at construction replace the operations that they name.

    Args:
        graph_def: The whole GraphDef.
        nodes: Its nodes by name.
        weights: Its large constants; None imports them like other nodes.
        prefix: Absolute name scope of the imported operations, ending in a slash.
        given: Tensors that replace the network's own, by `"name:port"`; the image is one of them.
        failure: Turns a failed import into the error to raise. It is called with the name of the node that failed (or
            of the requested one, if that is not known) and the exception.
        owner: The model's name, for error messages.
    """

    def __init__(
        self,
        graph_def: Any,
        nodes: Mapping[str, Any],
        weights: SharedWeights | None,
        prefix: str,
        given: Mapping[str, tf.Tensor],
        failure: Callable[[str, Exception], Exception],
        owner: str,
    ) -> None:
        self._graph_def = graph_def
        self._nodes = nodes
        self._weights = weights
        self._prefix = prefix
        self._given = dict(given)
        self._failure = failure
        self._owner = owner
        self._imported: dict[str, tf.Operation] = {}
        self._substitutes = substitutes.active()
        self._tried: set[str] = set()

    def tensor(self, name: str, port: int = 0) -> tf.Tensor:
        """Return the tensor `name:port` in the current graph, and import it first if needed."""
        for build in (self._substitute_below, self._import):  # substitutes may already provide the tensor
            if f"{name}:{port}" not in self._given and name not in self._imported:
                build(name)
        given = self._given.get(f"{name}:{port}")
        return self._imported[name].outputs[port] if given is None else given

    def _substitute_below(self, target: str) -> None:
        """Build the substitutes of operations that `target` needs and that are not in the graph yet."""
        below = self._missing_below(target)[0] if self._substitutes else set()
        for name in [name for name in self._nodes if name in below]:
            node = self._nodes[name]
            substitute = self._substitutes.get(node.op)
            # The inputs of one substitute may need another, which was then built by the recursive call below.
            if substitute is None or name in self._tried:
                continue
            self._tried.add(name)
            inputs = [self.tensor(source, port) for source, port in map(_source, node.input) if port is not None]
            with tf.name_scope(f"{self._prefix}{name}/"):
                made = substitute(node, *inputs)
            if made is not None:
                self._given[f"{name}:0"] = made

    def _import(self, target: str) -> None:
        missing, borders = self._missing_below(target)
        part = tf.compat.v1.GraphDef(versions=self._graph_def.versions, library=self._graph_def.library)
        part.node.extend(self._nodes[name] for name in self._nodes if name in missing)
        names = [node.name for node in part.node]
        try:
            operations = tf.graph_util.import_graph_def(
                part, input_map=borders, return_elements=names, name=self._prefix
            )
        except (ValueError, tf.errors.OpError) as error:
            raise self._failure(self._node_in(str(error)) or target, error) from error
        self._imported.update(zip(names, operations, strict=True))

    def _missing_below(self, target: str) -> tuple[set[str], dict[str, tf.Tensor]]:
        """Return the nodes that `target` needs and the graph lacks, and the tensors that connect them to the graph."""
        missing: set[str] = set()
        borders: dict[str, tf.Tensor] = {}
        waiting = [target]
        while waiting:
            name = waiting.pop()
            if name in missing:
                continue
            missing.add(name)
            self._check(name, target)
            for edge in self._nodes[name].input:
                source, port = _source(edge)
                given = None if port is None else self._given.get(f"{source}:{port}")
                shared = self._weights.get(source) if self._weights and port == 0 and given is None else None
                if given is not None:
                    borders[f"{source}:{port}"] = given
                elif shared is not None:
                    borders[f"{source}:{port}"] = shared
                elif source not in self._imported:
                    waiting.append(source)
                elif port is None:
                    borders[edge] = self._imported[source].outputs[0]
                else:
                    borders[f"{source}:{port}"] = self._imported[source].outputs[port]
        return missing, borders

    def _check(self, name: str, target: str) -> None:
        if name not in self._nodes:
            raise ModelError(
                f"{self._owner} is incomplete: {target!r} needs the node {name!r}, which is not in the file."
            )
        if self._nodes[name].op in PLACEHOLDER_OPS:
            raise needs_value(target, self._nodes[name])

    def _node_in(self, message: str) -> str | None:
        _, found, rest = message.partition("{{node ")
        name = rest.partition("}}")[0].removeprefix(self._prefix)
        return name if found and name in self._nodes else None


def _source(edge: str) -> tuple[str, int | None]:
    """Split an input into the name of a node and a port; the port of a control input is None."""
    if edge.startswith("^"):
        return edge[1:], None
    name, colon, port = edge.rpartition(":")
    return (name, int(port)) if colon else (edge, 0)
