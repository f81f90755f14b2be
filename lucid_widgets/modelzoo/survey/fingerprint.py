"""`fingerprint`, a checksum of what a network computes up to a layer, independent of how the network was loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.base.private_names import captures
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["fingerprint"]

# Attributes that say how a node is run or what it was called, not what it computes.
_IGNORED_ATTRIBUTES = frozenset({"container", "shared_name", "config_proto", "config", "executor_type"})


def fingerprint(model: Model, layer: str, image_size: int) -> str | None:
    """Checksum of everything that determines a layer's activations: operations, their connections, and weights.

    Names are ignored, so a network that is built again, in this process or in another, has the same fingerprint. The
    weights are read at each call, so further training changes it.

    Args:
        model: A model.
        layer: Name of a layer.
        image_size: Width and height of the images, in pixels.

    Returns:
        Hexadecimal digits, or None if the computation depends on something that cannot be read, such as a table.

    Raises:
        ModelError: If the layer cannot be computed for images of this size.

    Example:
        >>> fingerprint(models.EmojiNet(), "mixed4a", 64)
        'c0a1...'
    """
    shape = [1, image_size, image_size, model.image_shape[-1] or 3]
    traced = tf.function(lambda images: model.import_graph(images)(layer), autograph=False).get_concrete_function(
        tf.TensorSpec(shape, tf.float32)
    )
    graph, output = traced.graph, traced.structured_outputs
    digest = hashlib.sha256(repr(shape).encode())
    operations = _needed(graph, output.op)
    captured = _captured(traced, operations)
    if captured is None:
        return None
    for value in captured:
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    functions = _Functions(graph)
    _add(digest, [operation.node_def for operation in operations], {}, functions)
    digest.update(output.name.rpartition(":")[2].encode())
    return digest.hexdigest()


def _needed(graph: Any, last: Any) -> list[Any]:
    """Return the operations that an operation depends on, and the operation itself, in order of creation."""
    found, waiting = {last}, [last]
    while waiting:
        operation = waiting.pop()
        fresh = {each.op for each in operation.inputs} | set(operation.control_inputs)
        waiting += fresh - found
        found |= fresh
    return [operation for operation in graph.get_operations() if operation in found]


def _captured(traced: Any, operations: Iterable[Any]) -> list[Any] | None:
    """Return the values that a graph captures, weights included; None if one of them cannot be read."""
    pairs = captures(traced.graph)
    if pairs is None:
        return None
    needed = set(operations)
    variables = {id(variable.handle): variable for variable in traced.graph.variables}
    values = []
    for outer, inner in pairs:
        if inner.op not in needed:
            continue
        if outer.dtype == tf.resource:
            variable = variables.get(id(outer))
            if variable is None:
                return None
            values.append(variable.numpy())
        elif outer.dtype == tf.variant or not hasattr(outer, "numpy"):
            return None
        else:
            values.append(np.asarray(outer.numpy()))
    return values


class _Functions:
    """The functions that a graph calls, by name. Serializing the library is slow, so it happens only when needed."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._known: dict[str, Any] | None = None

    def named(self, name: str) -> Any:
        if self._known is None:
            library = self._graph.as_graph_def().library
            self._known = {each.signature.name: each for each in library.function}
        return self._known.get(name)


def _add(digest: Any, nodes: Iterable[Any], outer: Mapping[str, str], functions: _Functions) -> None:
    """Add nodes to a checksum. Each input is added as the number of the node that it comes from."""
    numbers = dict(outer)
    for number, node in enumerate(nodes):
        numbers[node.name] = str(number)
        digest.update(f"\n{node.op}".encode())
        # The order of control inputs has no meaning.
        before = sorted(numbers.get(source[1:], source) for source in node.input if source.startswith("^"))
        for source in node.input:
            if not source.startswith("^"):
                name, _, port = source.partition(":")
                digest.update(f" {numbers.get(name, name)}:{port or 0}".encode())
        digest.update(f" after {before}".encode())
        for name in sorted(node.attr):
            if not name.startswith("_") and name not in _IGNORED_ATTRIBUTES:
                digest.update(name.encode())
                _add_attribute(digest, node.attr[name], functions)


def _add_attribute(digest: Any, value: Any, functions: _Functions) -> None:
    called = [value.func] if value.HasField("func") else list(value.list.func)
    if not called:
        digest.update(value.SerializeToString(deterministic=True))
    for each in called:
        definition = functions.named(each.name)
        if definition is None:
            digest.update(each.name.encode())
            continue
        arguments = {arg.name: f"in{number}" for number, arg in enumerate(definition.signature.input_arg)}
        _add(digest, definition.node_def, arguments, functions)
        for _, source in sorted(definition.ret.items()):
            digest.update(source.partition(":")[2].encode())
