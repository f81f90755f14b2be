"""`fingerprint`, a checksum of what a network computes up to a layer, independent of how the network was loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.base.private_names import captures
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["fingerprint"]

# Attributes that say how a node is run or what it was called, not what it computes.
_IGNORED_ATTRIBUTES = frozenset({"container", "shared_name", "config_proto", "config", "executor_type"})


def fingerprint(model: Model, layer: str | Sequence[str], image_size: int | tuple[int, int]) -> str | None:
    """Checksum of everything that determines the activations of layers: operations, their connections, and weights.

    Names are ignored, so a network that is built again, in this process or in another, has the same fingerprint. The
    weights are read at each call, so further training changes it.

    Args:
        model: A model.
        layer: Name of a layer, or names of several.
        image_size: Height and width of the images, in pixels; one number if they are equal.

    Returns:
        Hexadecimal digits, or None if the computation depends on something that cannot be read, such as a table.

    Raises:
        ModelError: If the layer cannot be computed for images of this size.

    Example:
        >>> fingerprint(models.EmojiNet(), "mixed4a", 64)
        'c0a1...'
    """
    height, width = (image_size, image_size) if isinstance(image_size, int) else image_size
    shape = [1, height, width, model.image_shape[-1] or 3]
    names = [layer] if isinstance(layer, str) else list(layer)

    def build(images: tf.Tensor) -> list[tf.Tensor]:
        T = model.import_graph(images)
        return [T(name) for name in names]

    traced = tf.function(build, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    graph, outputs = traced.graph, traced.structured_outputs
    digest = hashlib.sha256(repr(shape).encode())
    operations = _needed(graph, [output.op for output in outputs])
    captured = _captured(traced, operations)
    if captured is None:
        return None
    for value in captured:
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    functions = _Functions(graph)
    _add(digest, [operation.node_def for operation in operations], {}, functions)
    places = {operation: str(number) for number, operation in enumerate(operations)}
    for output in outputs:
        # The output of a single layer is the last operation.
        digest.update(("" if len(outputs) == 1 else places[output.op]).encode())
        digest.update(output.name.rpartition(":")[2].encode())
    return digest.hexdigest()


def _needed(graph: Any, last: Sequence[Any]) -> list[Any]:
    """Return the operations that some operations depend on, and these themselves, in order of creation."""
    found, waiting = set(last), list(last)
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
