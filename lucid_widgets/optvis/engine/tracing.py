"""How functions are traced: one at a time, and with tensors in place of the variables that they make."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.optvis.param.maco import GRADIENT_SUM

_tracing = threading.RLock()
"""TensorFlow must not trace in two threads at the same time."""


class Traced:
    """A function that TensorFlow traces at its first call and runs as a graph at every call.

    Args:
        function: The function.
        finished: Called with the graph once it has been traced.
    """

    def __init__(self, function: Callable[..., Any], finished: Callable[[Any], None]) -> None:
        self._function = function
        self._finished = finished
        self._concrete: Any = None

    @property
    def ready(self) -> bool:
        """Whether the function has been traced."""
        return self._concrete is not None

    def prepare(self, *args: Any) -> None:
        """Trace the function for arguments like these."""
        with nullcontext() if self.ready else _tracing, outside_graphs():
            # Another thread may have traced it while this one waited.
            if not self.ready:
                concrete = tf.function(self._function, autograph=False).get_concrete_function(*args)
                self._finished(concrete.graph)
                self._concrete = concrete

    def __call__(self, *args: Any) -> Any:
        with outside_graphs():
            self.prepare(*args)
            return self._concrete(*args)


@contextmanager
def variables_into(found: list[Any], sums: list[int]) -> Iterator[None]:
    """Replace variables created in the `with` block by their initial values; append trainable ones to `found`.

    Append to `sums` the places in `found` of variables that add up their gradients.
    """

    def create(_: Any, *, trainable: bool | None = None, **initial: Any) -> Any:
        value = initial_value(**initial)
        if trainable is not False:
            if initial.get("name") == GRADIENT_SUM:
                sums.append(len(found))
            found.append(value)
        return value

    with tf.variable_creator_scope(create):
        yield


@contextmanager
def variables_from(params: Sequence[Any]) -> Iterator[None]:
    """Replace trainable variables created in the `with` block by the tensors in `params`, in order."""
    remaining = iter(params)

    def create(_: Any, *, trainable: bool | None = None, **initial: Any) -> Any:
        if trainable is False:
            return initial_value(**initial)
        try:
            return next(remaining)
        except StopIteration:
            raise ArgumentError(
                "The parameterization made more variables than when it was first called.",
                "Expected param_f to make the same variables at every call.",
            ) from None

    with tf.variable_creator_scope(create):
        yield


def initial_value(*, initial_value: Any, dtype: Any = None, **_: Any) -> Any:
    """Return a variable's initial value as a tensor, from the arguments that the variable is made with."""
    return tf.convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)


__all__ = ["Traced", "initial_value", "variables_from", "variables_into"]
