"""Replaces the gradients of operations by type, in the graph that is being traced."""

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


def register_to_random_name(grad_f: GradientFunction) -> str:
    """Registers a gradient with TensorFlow and returns the name it has there, the same at every call.

    Source: Lucid's `register_to_random_name`. (It made a new name at every call, and TensorFlow never forgets one.)
    """
    return _registered(grad_f)


def use_gradient(grad_f: GradientFunction) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a function of tensors, so that it has another gradient.

    Args:
        grad_f: A function `(op, grad) -> grad`, or gradients for all arguments, where `op.inputs` are the arguments and
            `op.outputs` what the function returned.

    Example:
        >>> @use_gradient(lambda op, grad: grad * tf.cast(op.inputs[0] > 0, tf.float32))
        ... def step(x):
        ...     return tf.cast(x > 0, tf.float32)

    Source: Lucid's `use_gradient`. (It went through Python at every step.)
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


def identity_grad(_op: Any, grad: Any) -> Any:
    """Lets the gradient pass as it is.

    Source: Lucid's `identity_grad`.
    """
    return grad


def _registered(grad: GradientFunction) -> str:
    # TensorFlow's registry never forgets: one name a function, not one a render.
    if grad not in _names:
        _names[grad] = f"LucidWidgets_{getattr(grad, '__name__', 'gradient')}_{next(_count)}"
        tf.RegisterGradient(_names[grad])(grad)
    return _names[grad]
