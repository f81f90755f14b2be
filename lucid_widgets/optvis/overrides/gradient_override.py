"""Replacement of gradients: by type of operation while a graph is traced, or for a Python function."""

from __future__ import annotations

import contextlib
import functools
import itertools
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import tensorflow as tf

GradientFunction = Callable[[Any, Any], Any]
"""A function `(op, grad) -> grad`: the gradient with respect to the input of an operation."""

_names: WeakKeyDictionary[GradientFunction, str] = WeakKeyDictionary()
_count = itertools.count()


@contextlib.contextmanager
def gradient_override_map(override_dict: Mapping[str, GradientFunction | str]) -> Iterator[None]:
    """Context manager in which new operations of the given types have other gradients.

    It has an effect while TensorFlow builds a graph, that is, while a `tf.function` is traced, and only on gradients
    taken with `tf.gradients` in that graph. A `tf.GradientTape` ignores it.

    Args:
        override_dict: For each type of operation, such as "Relu", a function `(op, grad) -> grad`, or the name under
            which such a function is registered with TensorFlow.

    Example:
        >>> with gradient_override_map({"Relu": redirected_relu_grad}):
        ...     activations = tf.nn.relu(x)

    Source: Lucid's `misc.gradient_override.gradient_override_map`.
    """
    names = {op: grad if isinstance(grad, str) else _registered(grad) for op, grad in override_dict.items()}
    with tf.compat.v1.get_default_graph().gradient_override_map(names):
        yield


def register_to_random_name(grad_f: GradientFunction) -> str:
    """Register a gradient with TensorFlow, and return the name under which it is registered.

    Args:
        grad_f: A function `(op, grad) -> grad`.

    Returns:
        A name for `gradient_override_map`, the same in every call with the same function.

    Source: Lucid's `register_to_random_name`, which registered another name in every call. TensorFlow never releases
    one.
    """
    return _registered(grad_f)


def use_gradient(grad_f: GradientFunction) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function of tensors with another gradient.

    Args:
        grad_f: A function `(op, *grads)` that returns the gradient of the argument, or a list with one gradient for
            each argument. `op.inputs` are the arguments and `op.outputs` the returned tensors; there is one gradient
            for each output.

    Returns:
        A decorator. The decorated function works eagerly and in graphs.

    Example:
        >>> @use_gradient(lambda op, grad: grad * tf.cast(op.inputs[0] > 0, tf.float32))
        ... def step(x):
        ...     return tf.cast(x > 0, tf.float32)

    Source: Lucid's `use_gradient`, which called back into Python in every step.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def replaced(*inputs: Any) -> Any:
            @tf.custom_gradient
            def computed(*inputs: Any) -> Any:
                output = function(*inputs)
                outputs = list(output) if isinstance(output, (list, tuple)) else [output]
                op = types.SimpleNamespace(inputs=list(inputs), outputs=outputs)
                return output, lambda *grads: grad_f(op, *grads)

            return computed(*map(tf.convert_to_tensor, inputs))

        return replaced

    return decorate


def _registered(grad: GradientFunction) -> str:
    # TensorFlow's registry keeps every name, so a function is registered once, not once per render.
    if grad not in _names:
        _names[grad] = f"LucidWidgets_{getattr(grad, '__name__', 'gradient')}_{next(_count)}"
        tf.RegisterGradient(_names[grad])(grad)
    return _names[grad]


__all__ = [
    "GradientFunction",
    "gradient_override_map",
    "register_to_random_name",
    "use_gradient",
]
