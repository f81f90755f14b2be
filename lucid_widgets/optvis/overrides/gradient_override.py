"""Replaces the gradients of operations by type, in the graph that is being traced."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import tensorflow as tf

GradientFunction = Callable[[Any, Any], Any]

_names: WeakKeyDictionary[GradientFunction, str] = WeakKeyDictionary()
_count = itertools.count()


@contextlib.contextmanager
def gradient_override_map(override_dict: Mapping[str, GradientFunction | str]) -> Iterator[None]:
    """Within it, operations of the given types get other gradients.

    Works where TensorFlow builds a graph (while a `tf.function` is traced), and for gradients that are then taken with
    `tf.gradients` in that graph; a `GradientTape` knows nothing of it.

    Args:
        override_dict: From a type of operation, such as "Relu", to a function `(op, grad) -> grad`, or to the name
            that such a function was registered under.

    Example:
        >>> with gradient_override_map({"Relu": redirected_relu_grad}):
        ...     activations = tf.nn.relu(x)

    Source: Lucid's `misc.gradient_override`.
    """
    names = {op: grad if isinstance(grad, str) else _registered(grad) for op, grad in override_dict.items()}
    with tf.compat.v1.get_default_graph().gradient_override_map(names):
        yield


def _registered(grad: GradientFunction) -> str:
    # TensorFlow's registry never forgets: one name a function, not one a render.
    if grad not in _names:
        _names[grad] = f"LucidWidgets_{getattr(grad, '__name__', 'gradient')}_{next(_count)}"
        tf.RegisterGradient(_names[grad])(grad)
    return _names[grad]
