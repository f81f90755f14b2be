"""XLA: small functions that it compiles inside programs that it does not, or whole steps.

On a CPU, XLA is slower than TensorFlow at convolutions, and faster at what surrounds them: many cheap operations become
one loop. On a GPU it is to compile whole steps. Compiling takes as long as some tens of steps. So the engine asks for
it in late steps only (`compiling`), and has a thread do it while it makes the first ones.

The kind of device decides, and nothing is timed at run time: the two round otherwise, so that a run whose compiler was
chosen by a stopwatch would not be the same run tomorrow. (What was compiled before decides too, but only beyond so many
functions and programs as few sessions reach: memory has to have a bound.) Who wants XLA on a CPU says
`jit_compile=True`; what that gives is a row of `tests/benchmarks/engine.py`.

What is compiled here is small on purpose: XLA runs up to eight operations one after the other, and hands more of them
to other threads, which costs more than it gains.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import tensorflow as tf

Scope = Literal["nothing", "parts", "whole"]
"""What XLA compiles of a step."""

_scope: ContextVar[Scope] = ContextVar("scope", default="nothing")


MOST_COMPILED = 192
"""XLA never lets go of what it has compiled, which is 1 to 2 MiB a function: beyond so many, none is added."""

MOST_WHOLE = 32
"""Likewise of whole steps, each of which is 13 to 18 MiB, except where someone asks for them."""

_wholes = itertools.count()

_kept: dict[Hashable, Compiled] = {}


class Compiled:
    """A function of tensors of known shapes, compiled when it is first run.

    Args:
        function: What to compile.
        shapes: The shapes of its arguments, which are float32; a `tf.TensorSpec` for one of another type.
    """

    def __init__(self, function: Callable[..., Any], *shapes: Sequence[int] | tf.TensorSpec) -> None:
        specs = [s if isinstance(s, tf.TensorSpec) else tf.TensorSpec(s, tf.float32) for s in shapes]
        # Outside the graph that is being traced: another that needs the same shall find it.
        with tf.init_scope(), compiling("whole"):
            self._function = tf.function(function, jit_compile=True, autograph=False).get_concrete_function(*specs)

    def __call__(self, *args: Any) -> Any:
        if tf.executing_eagerly():
            return self._function(*args)
        return tf.nest.pack_sequence_as(self._function.structured_outputs, _launch(self._function, args))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what it returns, where that is one tensor."""
        return tuple(self._function.structured_outputs.shape)


def _launch(function: Any, args: Sequence[Any]) -> list[Any]:
    """What a compiled function of tensors alone returns, in the graph that is being traced.

    Calling it would do the same, and leave a copy of it in memory for each graph that ever called it: TensorFlow makes
    a call into this operation too, but to do so it instantiates the function in the graph, and never releases that.
    """
    graph = tf.compat.v1.get_default_graph()
    function.add_to_graph(graph)

    def types(tensors: Sequence[Any]) -> Any:
        codes = [tensor.dtype.as_datatype_enum for tensor in tensors]
        return tf.compat.v1.AttrValue(list=tf.compat.v1.AttrValue.ListValue(type=codes))

    attributes = {
        "Tconstants": types(()),
        "Targs": types(args),
        "Nresources": tf.compat.v1.AttrValue(i=0),
        "Tresults": types(function.outputs),
        "function": tf.compat.v1.AttrValue(func=tf.compat.v1.NameAttrList(name=function.name)),
    }
    launched = graph.create_op("XlaLaunch", args, [result.dtype for result in function.outputs], attrs=attributes)
    for result, known in zip(launched.outputs, function.outputs, strict=True):
        result.set_shape(known.shape)
    return list(launched.outputs)


def kept(
    function: Callable[..., Any], settings: tuple[Hashable, ...], *shapes: Sequence[int] | tf.TensorSpec
) -> Compiled | None:
    """A compiled function, made once for each combination of settings and shapes.

    Args:
        function: What to compile, defined once: not in a function that is called again and again.
        settings: The first arguments, which are no tensors.
        shapes: The shapes of the others, as for `Compiled`.

    Returns:
        None where it would be one too many: then TensorFlow has to do.
    """
    key = (function, settings, shapes)
    if key not in _kept and len(_kept) < MOST_COMPILED:
        _kept[key] = Compiled(functools.partial(function, *settings), *shapes)
    return _kept.get(key)


def one_more_whole() -> bool:
    """Whether the steps of one more program may be compiled whole, without anyone asking for it; that then counts."""
    return next(_wholes) < MOST_WHOLE


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


def fused(function: Callable[..., Any] | None = None, *, backward: Callable[..., Any] | None = None) -> Any:
    """Marks a function of one tensor, and of settings that can be hashed, as one that is faster compiled.

    It is then compiled, and so is its gradient, where the engine asks for that and where the shape is known.

    Args:
        function: The function.
        backward: Its gradient, a function of the tensor, the result, the gradient with respect to that, and the
            settings. Unless given, the gradient computes the function again instead of keeping what lies between.
    """
    if function is None:
        return functools.partial(fused, backward=backward)
    forward = function

    def run(settings: tuple[Any, ...], t: Any) -> Any:
        return forward(t, *settings)

    def pull(settings: tuple[Any, ...], t: Any, y: Any, grad: Any) -> Any:
        if backward is not None:
            return backward(t, y, grad, *settings)
        return tf.gradients(forward(t, *settings), t, grad)[0]

    @functools.wraps(forward)
    def either(t: Any, *settings: Any) -> Any:
        if not compiles_parts(t):
            return forward(t, *settings)
        there = kept(run, (settings,), tuple(t.shape))
        back = there and kept(pull, (settings,), tuple(t.shape), there.shape, there.shape)
        if there is None or back is None:
            return forward(t, *settings)

        @tf.custom_gradient
        def both(t: Any) -> Any:
            y = there(t)
            return y, lambda grad: back(t, y, grad)

        return both(t)

    return either


@functools.lru_cache(maxsize=1)
def is_available() -> bool:
    """Whether this TensorFlow can compile for the processor; some builds cannot."""
    try:
        with tf.init_scope():
            tf.function(lambda t: t + 1, jit_compile=True, autograph=False)(tf.zeros([]))
    except (tf.errors.OpError, ValueError):
        return False
    return True


__all__ = ["Compiled", "Scope", "compiles_parts", "compiles_whole", "compiling", "fused"]
__all__ += ["is_available", "kept", "one_more_whole"]
