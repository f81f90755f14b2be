"""Every private name of TensorFlow and Keras that the model zoo uses, each looked up here and nowhere else.

- `convert_variables_to_constants_v2` freezes a traced function; TensorFlow does not export it. Without it, SavedModels
  and subclassed Keras models cannot be read, nor Keras models saved (`ModelError`).
- `KerasTensor._keras_history`, `Operation._inbound_nodes` and `Node.arguments.fill_in` are Keras's record of the calls
  in a functional model. Without them, functional Keras models cannot be read (`ModelError`).
- `FuncGraph.capture` lets all graphs share the large weights. Without it, each graph holds its own copy.
- `FuncGraph.captures` lists the weights that a graph uses. Without it, networks have no fingerprint.
- `context.eager_mode` runs eagerly although eager execution is switched off. Without it, what this package computes by
  itself needs eager execution (`ModelError`).
- `name_scope` and its stack, in Keras, let layers run whose names TensorFlow refuses as a scope, and close the scopes
  that a layer leaves open if it fails. Without them, such layers cannot be computed.
- `FuncGraph.building_function` tells the graph of a `tf.function` from one of TensorFlow 1. Without it, the class
  of the graph decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from lucid_widgets.errors import ModelError

try:
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2 as _freeze
except ImportError:
    _freeze = None
try:
    from tensorflow.python.eager.context import eager_mode as _eager_mode
except ImportError:
    _eager_mode = None
try:
    from keras.src.backend.common.global_state import get_global_attribute as _keras_state
    from keras.src.backend.common.name_scope import name_scope as _keras_scope
except ImportError:
    _keras_state = _keras_scope = None

__all__ = [
    "RecordedCall",
    "captured",
    "captures",
    "closed_scopes",
    "frozen_graph_def",
    "is_function_graph",
    "outside_graphs",
    "recorded_call",
    "repeated_arguments",
]


# What TensorFlow accepts as the name of an outermost scope.
_SCOPE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


class RecordedCall(NamedTuple):
    """The call that produced a symbolic Keras tensor.

    Attributes:
        operation: The Keras layer or operation.
        node: Keras's record of the call, with `input_tensors`, `outputs` and `arguments`.
    """

    operation: Any
    node: Any


def frozen_graph_def(function: Any) -> Any:
    """GraphDef of a concrete function, with its variables as constants.

    Raises:
        ModelError: If this version of TensorFlow has no `convert_variables_to_constants_v2`.
    """
    if _freeze is None:
        raise _missing("TensorFlow", tf.__version__, "convert_variables_to_constants_v2")
    return _freeze(function).graph.as_graph_def()


def recorded_call(tensor: Any) -> RecordedCall:
    """The call that produced a symbolic Keras tensor.

    Raises:
        ModelError: If this version of Keras records calls under other names.
    """
    try:
        operation, node_index, _ = tensor._keras_history
        return RecordedCall(operation, operation._inbound_nodes[node_index])
    except AttributeError as error:
        raise _missing("Keras", keras.__version__, str(error.name)) from error


def repeated_arguments(node: Any, values: dict[int, Any]) -> tuple[Any, Any]:
    """Arguments of a recorded call, with other tensors in place of the symbolic ones.

    Args:
        node: Keras's record of the call.
        values: The new tensors, by the id of the symbolic tensor that each replaces.

    Returns:
        Positional and keyword arguments.

    Raises:
        ModelError: If this version of Keras stores arguments under other names.
    """
    try:
        fill_in = node.arguments.fill_in
    except AttributeError as error:
        raise _missing("Keras", keras.__version__, str(error.name)) from error
    return fill_in(values)


def is_function_graph(graph: Any) -> bool:
    """Whether a graph belongs to a `tf.function`, as opposed to TensorFlow 1."""
    return bool(getattr(graph, "building_function", type(graph) is not tf.Graph))


@contextmanager
def outside_graphs() -> Iterator[None]:
    """Run eagerly in the block, also within a graph of TensorFlow 1 and if eager execution is switched off.

    As Lucid made a graph for each image, this package makes its own functions, which no other graph must take part in.
    Within a `tf.function`, nothing is changed.

    Raises:
        ModelError: If eager execution is switched off, and this version of TensorFlow has no `eager_mode`.
    """
    v1 = tf.compat.v1
    if tf.executing_eagerly() or is_function_graph(v1.get_default_graph()):
        yield
        return
    with ExitStack() as left:
        left.enter_context(tf.init_scope())
        if not tf.executing_eagerly():
            if _eager_mode is None:
                raise _missing("TensorFlow", tf.__version__, "eager_mode")
            left.enter_context(_eager_mode())
            # What `disable_v2_behavior` switched off along with eager execution.
            if not isinstance(tf.TensorShape([1])[0], int):
                v1.enable_v2_tensorshape()
                left.callback(v1.disable_v2_tensorshape)
            if not v1.control_flow_v2_enabled():
                v1.enable_control_flow_v2()
                left.callback(v1.disable_control_flow_v2)
            if not v1.resource_variables_enabled():
                v1.enable_resource_variables()
                left.callback(v1.disable_resource_variables)
        yield


@contextmanager
def closed_scopes(layer: Any) -> Iterator[None]:
    """Let a Keras layer of any name run in the block, and close the name scopes that it leaves open if it fails.

    Keras opens its own scope before that of TensorFlow, which refuses names such as `"layer:0"`; the caller's next
    network would then be built within that scope. A scope that is open already is not opened again, in neither library.
    """
    if _keras_scope is None:
        yield
        return
    scopes = _keras_state("name_scope_stack", default=[], set_to_default=True)
    depth = len(scopes)
    try:
        with nullcontext() if _SCOPE_NAME.fullmatch(layer.name) else _keras_scope(layer.name, caller=layer):
            yield
    finally:
        del scopes[depth:]


def captured(graph: Any, tensor: tf.Tensor) -> tf.Tensor | None:
    """A tensor from outside a graph, as an input of that graph; None if TensorFlow has no way to do that."""
    capture = getattr(graph, "capture", None)
    return None if capture is None else capture(tensor)


def captures(graph: Any) -> list[tuple[Any, Any]] | None:
    """The tensors that a graph takes from outside, each with the input for it; None if TensorFlow lists none."""
    pairs = getattr(graph, "captures", None)
    return None if pairs is None else list(pairs)


def _missing(library: str, version: str, name: str) -> ModelError:
    return ModelError(f"{library} {version} has no {name}, which this needs.", f"Install another version of {library}.")
