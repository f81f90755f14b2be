"""How functions are traced: one at a time, and with tensors in place of the variables that they make."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import tensorflow as tf
from tensorflow.python.framework import ops

from lucid_widgets.errors import ArgumentError

_tracing = threading.RLock()
"""TensorFlow must not trace in two threads at once."""


class Traced:
    """A function that TensorFlow traces at its first call, and runs as a graph at every call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._concrete: Any = None

    @property
    def ready(self) -> bool:
        return self._concrete is not None

    def prepare(self, *args: Any) -> None:
        """Traces it, for arguments like these."""
        with nullcontext() if self.ready else _tracing:
            # Another thread may have traced it while this one waited.
            if not self.ready:
                self._concrete = tf.function(self._function, autograph=False).get_concrete_function(*args)
                _forget_gradients(self._concrete.graph)

    def __call__(self, *args: Any) -> Any:
        self.prepare(*args)
        return self._concrete(*args)


def _forget_gradients(graph: Any) -> None:
    """Lets go of what `tf.custom_gradient` registered while a graph was traced.

    Each use of it registers a function under a name of its own, for ever, and that function holds the graph: a few
    megabytes for each structure. Once the gradients of a graph are part of it, nobody asks for them by name again.
    """
    definition = graph.as_graph_def()
    nodes = (node for each in (definition.library.function) for node in each.node_def)
    for node in (*definition.node, *nodes):
        name = node.attr["_gradient_op_type"].s.decode() if "_gradient_op_type" in node.attr else ""
        if name.startswith("CustomGradient-"):
            ops.gradient_registry._registry.pop(name, None)


@contextmanager
def variables_into(found: list[Any]) -> Iterator[None]:
    """Within it, making a trainable variable records its initial value in `found`; making any gives that value."""

    def create(_: Any, *, trainable: bool | None = None, **initial: Any) -> Any:
        value = initial_value(**initial)
        if trainable is not False:
            found.append(value)
        return value

    with tf.variable_creator_scope(create):
        yield


@contextmanager
def variables_from(params: Sequence[Any]) -> Iterator[None]:
    """Within it, making trainable variables gives `params` instead, one after the other."""
    remaining = iter(params)

    def create(_: Any, *, trainable: bool | None = None, **initial: Any) -> Any:
        if trainable is False:
            return initial_value(**initial)
        try:
            return next(remaining)
        except StopIteration:
            raise ArgumentError(
                "The parameterization made more variables than when it was first called.",
                "Expected param_f to make the same variables every time.",
            ) from None

    with tf.variable_creator_scope(create):
        yield


def initial_value(*, initial_value: Any, dtype: Any = None, **_: Any) -> Any:
    """What a variable begins as, from the arguments that it is made with."""
    return tf.convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)


__all__ = ["Traced", "initial_value", "variables_from", "variables_into"]
