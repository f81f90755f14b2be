"""Importing a GraphDef piece by piece: each layer that is asked for brings in only the nodes not yet there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base.private_names import captured, is_function_graph
from lucid_widgets.modelzoo.graphdef import substitutes

PLACEHOLDER_OPS = ("Placeholder", "PlaceholderV2")

SHARED_SIZE = 4096
"""Constants of at least so many numbers are weights, which all graphs share; smaller ones go into each graph, where
TensorFlow can compute with them beforehand."""


class SharedWeights:
    """The large constants of a GraphDef as tensors outside any graph, each made when it is first needed.

    A constant in a graph is a copy of its own, made again for each function that is traced.

    Args:
        nodes: The network's nodes by name.
    """

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self._nodes = nodes
        self._tensors: dict[str, tf.Tensor] = {}

    def get(self, name: str) -> tf.Tensor | None:
        """A node's tensor, captured by the current graph; None if the node is not a large constant, or the graph
        cannot capture tensors."""
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
    """`"mixed4a:0"` and `"mixed4a"` as `("mixed4a", 0)`; None where what follows the colon is not a number."""
    node, colon, port = name.rpartition(":")
    if not colon:
        return name, 0
    return (node, int(port)) if port.isascii() and port.isdigit() else None


class LazyImport:
    """The part of a GraphDef that a graph holds so far, and how to get more of it.

    Every node is imported at most once. All calls must be made while the same graph is the default graph. Where
    operations have substitutes (`modelzoo.substitutes`) when this is made, those are built in their place.

    Args:
        graph_def: The whole network.
        nodes: Its nodes by name.
        weights: Its large constants; None to import them as they are.
        prefix: An absolute name scope, ending in a slash, for the imported operations.
        given: Tensors that stand in place of the network's own, by `"name:port"`; the image is one of them.
        failure: Turns a failed import into the error to raise: called with the name of the node that failed (or the
            one that was asked for) and the exception.
        owner: The model's name, for messages.
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
        self._asked: set[str] = set()

    def tensor(self, name: str, port: int = 0) -> tf.Tensor:
        """The tensor `name:port` in the current graph."""
        for build in (self._substitute_below, self._import):  # the first may do all there is to do
            if f"{name}:{port}" not in self._given and name not in self._imported:
                build(name)
        given = self._given.get(f"{name}:{port}")
        return self._imported[name].outputs[port] if given is None else given

    def _substitute_below(self, target: str) -> None:
        """Builds the substitutes of operations that `target` needs and the graph has not."""
        below = self._missing_below(target)[0] if self._substitutes else set()
        for name in [name for name in self._nodes if name in below]:
            node = self._nodes[name]
            substitute = self._substitutes.get(node.op)
            # One that lies below another was asked for its sake.
            if substitute is None or name in self._asked:
                continue
            self._asked.add(name)
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
        """The nodes that `target` needs and the graph has not, and the tensors at the border to what it has."""
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
                f"{self._owner} is incomplete: {target!r} needs the node {name!r}, which is not in the graph."
            )
        if self._nodes[name].op in PLACEHOLDER_OPS:
            raise ModelError(
                f"{self._owner} cannot compute layer {target!r}: it needs a value for the placeholder {name!r}.",
                f"Pass input_map={{{name!r}: value}} to import_graph, or another input_name to from_graphdef.",
            )

    def _node_in(self, message: str) -> str | None:
        _, found, rest = message.partition("{{node ")
        name = rest.partition("}}")[0].removeprefix(self._prefix)
        return name if found and name in self._nodes else None


def _source(edge: str) -> tuple[str, int | None]:
    """The node and port that an input names; the port of a control input is None."""
    if edge.startswith("^"):
        return edge[1:], None
    name, colon, port = edge.rpartition(":")
    return (name, int(port)) if colon else (edge, 0)
