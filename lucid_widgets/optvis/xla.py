"""XLA: small functions that it compiles inside programs that it does not, or whole steps.

On a CPU, XLA is slower than TensorFlow at convolutions, and faster at what surrounds them: many cheap operations become
one loop. On a GPU it is to compile whole steps. Compiling takes as long as some tens of steps. So the engine asks for
it in late steps only (`compiling`), and has a thread do it while it makes the first ones (`compile_waiting`).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypeVar

import tensorflow as tf

_F = TypeVar("_F", bound=Callable[..., Any])

Scope = Literal["nothing", "parts", "whole"]
"""What XLA compiles of a step."""

_scope: ContextVar[Scope] = ContextVar("scope", default="nothing")

_waiting: list[Compiled] = []
_one_at_a_time = threading.Lock()


class Compiled:
    """A function of float32 tensors of known shapes, compiled at the latest when it is first run.

    Args:
        function: What to compile.
        shapes: The shapes of its arguments.
    """

    def __init__(self, function: Callable[..., Any], *shapes: Sequence[int]) -> None:
        self._shapes = shapes
        specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
        # Outside the graph that is being traced: another that needs the same shall find it.
        with tf.init_scope():
            self._function = tf.function(function, jit_compile=True, autograph=False).get_concrete_function(*specs)
        _waiting.append(self)

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)

    def compile(self) -> None:
        """Runs it on zeros."""
        self._function(*map(tf.zeros, self._shapes))


def compile_waiting() -> None:
    """Compiles what was asked for while tracing, so that the first step with it need not."""
    with _one_at_a_time:
        while _waiting:
            _waiting.pop().compile()


@contextmanager
def compiling(scope: Scope) -> Iterator[None]:
    """Within it, functions are traced as XLA is to have them: those marked with `fused`, say, where it is "parts"."""
    token = _scope.set(scope if is_available() else "nothing")
    try:
        yield
    finally:
        _scope.reset(token)


def compiles_parts(t: Any) -> bool:
    """Whether what is computed from this tensor shall be compiled by itself."""
    known = tf.is_tensor(t) and t.dtype == tf.float32 and t.shape.is_fully_defined()
    return known and _scope.get() == "parts"


def compiles_whole() -> bool:
    """Whether all that is traced now will be compiled, so that it must use only what XLA knows."""
    return _scope.get() == "whole"


def fused(function: _F) -> _F:
    """Marks a function of one tensor, and of settings that can be hashed, as one that is faster compiled.

    It is then compiled, and so is its gradient, where the engine asks for that and where the shape is known. The
    gradient computes the function again instead of keeping what lies between: mark what is cheap.
    """

    @functools.lru_cache(maxsize=32)
    def compiled(shape: tuple[int, ...], settings: tuple[Any, ...]) -> Callable[[Any], Any]:
        def forward(t: Any) -> Any:
            return function(t, *settings)

        def backward(t: Any, grad: Any) -> Any:
            return tf.gradients(forward(t), t, grad)[0]

        run = Compiled(forward, shape)
        pull = Compiled(backward, shape, run._function.structured_outputs.shape)
        return tf.custom_gradient(lambda t: (run(t), lambda grad: pull(t, grad)))

    @functools.wraps(function)
    def either(t: Any, *settings: Any) -> Any:
        return compiled(tuple(t.shape), settings)(t) if compiles_parts(t) else function(t, *settings)

    return either  # type: ignore[return-value]


@functools.lru_cache(maxsize=1)
def is_available() -> bool:
    """Whether this TensorFlow can compile for the processor; some builds cannot."""
    try:
        with tf.init_scope():
            tf.function(lambda t: t + 1, jit_compile=True, autograph=False)(tf.zeros([]))
    except (tf.errors.OpError, ValueError):
        return False
    return True


__all__ = ["Compiled", "Scope", "compile_waiting", "compiles_parts", "compiles_whole", "compiling", "fused"]
__all__ += ["is_available"]
