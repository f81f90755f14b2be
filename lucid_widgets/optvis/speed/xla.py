"""XLA: compiles small functions inside programs that TensorFlow runs, or whole steps.

On a CPU, XLA is slower than TensorFlow at convolutions and faster at what surrounds them: it turns many cheap
operations into one loop. On a GPU it should compile whole steps. Compiling takes as long as some tens of steps, so the
engine asks for it only in late steps (see `compiling`), and a thread compiles them while the early steps run.

The kind of device decides, never a timing at run time: the two compilers round differently, so a run whose compiler
was chosen by a stopwatch could not be repeated. (The number of functions compiled before decides too, because their
memory needs a limit, but few sessions reach it.) `jit_compile=True` selects XLA on a CPU; `tests/benchmarks/engine.py`
measures what that costs.

The functions compiled here are small on purpose: XLA runs up to eight operations one after the other, and distributes
more of them to threads, which costs more than it gains.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import tensorflow as tf

from lucid_widgets._startup import without_messages
from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.speed.private_names import find

Scope = Literal["nothing", "parts", "whole"]
"""The part of a step that XLA compiles."""

_scope: ContextVar[Scope] = ContextVar("scope", default="nothing")

MAX_COMPILED = 192
"""Most functions compiled per session. XLA never releases them, and each takes 1 to 2 MiB."""

MAX_WHOLE = 32
"""Most whole steps compiled per session without `jit_compile=True`. Each takes 13 to 18 MiB."""

_wholes = itertools.count()

_kept: dict[Hashable, Compiled] = {}


class Compiled:
    """A function of tensors of known shapes that XLA compiles when it is first run.

    Args:
        function: The function to compile.
        shapes: The shapes of its arguments, which are float32; a `tf.TensorSpec` for an argument of another type.
    """

    def __init__(self, function: Callable[..., Any], *shapes: Sequence[int] | tf.TensorSpec) -> None:
        specs = [s if isinstance(s, tf.TensorSpec) else tf.TensorSpec(s, tf.float32) for s in shapes]
        # Outside the graph that is being traced, so that other graphs can use it too.
        with tf.init_scope(), compiling("whole"):
            self._function = tf.function(function, jit_compile=True, autograph=False).get_concrete_function(*specs)

    def __call__(self, *args: Any) -> Any:
        if tf.executing_eagerly():
            return self._function(*args)
        return tf.nest.pack_sequence_as(self._function.structured_outputs, _launch(self._function, args))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its result, if that is one tensor."""
        return tuple(self._function.structured_outputs.shape)


def _launch(function: Any, args: Sequence[Any]) -> list[Any]:
    """Run a compiled function, whose arguments are all tensors, in the graph that is being traced.

    An ordinary call does the same but leaves a copy of the function in memory for each graph that calls it. TensorFlow
    turns the call into this operation too, but first instantiates the function in the graph, and never releases that.
    """
    add_to_graph, operation = find("add_to_graph"), find("xla_launch")
    if add_to_graph is None or operation is None:
        return list(tf.nest.flatten(function(*args)))
    graph = tf.compat.v1.get_default_graph()
    add_to_graph(function, graph)

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
    launched = graph.create_op(operation, args, [result.dtype for result in function.outputs], attrs=attributes)
    for result, known in zip(launched.outputs, function.outputs, strict=True):
        result.set_shape(known.shape)
    return list(launched.outputs)


def kept(
    function: Callable[..., Any], settings: tuple[Hashable, ...], *shapes: Sequence[int] | tf.TensorSpec
) -> Compiled | None:
    """Return a compiled function, made once for each combination of settings and shapes.

    Args:
        function: The function to compile. It must be defined once, not inside a function that is called repeatedly.
        settings: The first arguments, which are not tensors.
        shapes: The shapes of the other arguments, as for `Compiled`.

    Returns:
        None if `MAX_COMPILED` functions have been compiled. The caller then uses TensorFlow's own operations.
    """
    key = (function, settings, shapes)
    if key not in _kept and len(_kept) < MAX_COMPILED:
        _kept[key] = Compiled(functools.partial(function, *settings), *shapes)
    return _kept.get(key)


def one_more_whole() -> bool:
    """Return whether XLA may compile whole steps of one more program without `jit_compile=True`, and count it."""
    return next(_wholes) < MAX_WHOLE


@contextmanager
def compiling(scope: Scope) -> Iterator[None]:
    """Trace functions in the `with` block for XLA: "parts" compiles those marked with `fused`, for example."""
    token = _scope.set(scope if scope == "nothing" or is_available() else "nothing")
    try:
        yield
    finally:
        _scope.reset(token)


def compiles_parts(t: Any) -> bool:
    """Return whether XLA should compile small functions of this tensor."""
    known = tf.is_tensor(t) and t.dtype == tf.float32 and t.shape.is_fully_defined()
    return known and _scope.get() == "parts"


def compiles_whole() -> bool:
    """Return whether XLA will compile everything traced now, so that only operations known to it may be used."""
    return _scope.get() == "whole"


def fused(function: Callable[..., Any] | None = None, *, backward: Callable[..., Any] | None = None) -> Any:
    """Mark a function of one tensor and of hashable settings as faster when XLA compiles it.

    XLA then compiles the function and its gradient in steps for which the engine asks for it, if the shape is known.

    Args:
        function: The function.
        backward: Its gradient, a function of the tensor, the result, the gradient with respect to the result, and the
            settings. Default: None, a gradient that computes the function again instead of keeping its intermediate
            results.
    """
    if function is None:
        return functools.partial(fused, backward=backward)
    forward = function

    def run(settings: tuple[Any, ...], t: Any) -> Any:
        return forward(t, *settings)

    def pull(settings: tuple[Any, ...], t: Any, y: Any, grad: Any) -> Any:
        if backward is not None:
            return backward(t, y, grad, *settings)
        return tf.compat.v1.gradients(forward(t, *settings), t, grad)[0]

    @functools.wraps(forward)
    def either(t: Any, *settings: Any) -> Any:
        if not compiles_parts(t):
            return forward(t, *settings)
        compiled = kept(run, (settings,), tuple(t.shape))
        gradient = compiled and kept(pull, (settings,), tuple(t.shape), compiled.shape, compiled.shape)
        if compiled is None or gradient is None:
            return forward(t, *settings)

        @tf.custom_gradient
        def both(t: Any) -> Any:
            y = compiled(t)
            return y, lambda grad: gradient(t, y, grad)

        return both(t)

    return either


@functools.lru_cache(maxsize=1)
def is_available() -> bool:
    """Return whether this build of TensorFlow can compile for the CPU; some cannot."""
    try:
        with without_messages(), tf.init_scope():  # XLA logs its own start
            tf.function(lambda t: t + 1, jit_compile=True, autograph=False)(tf.zeros([]))
    except (tf.errors.OpError, ValueError):
        return False
    return True


@contextmanager
def explained_errors() -> Iterator[None]:
    """Turn XLA's errors in the `with` block into errors that say what to change.

    Raises:
        ArgumentError: XLA cannot compile an operation of the run.
    """
    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
        if "XLA" not in str(error) and "compil" not in str(error):
            raise
        unknown = re.search(r"Detected at node \S*?([^\s/]+) defined", str(error))
        raise ArgumentError(
            f"XLA cannot compile this run{f', which uses {unknown[1]}' if unknown else ''}.",
            "Pass jit_compile=False, or transforms with a fixed output size, such as transform.default_transforms.",
        ) from error


__all__ = [
    "Compiled",
    "Scope",
    "compiles_parts",
    "compiles_whole",
    "compiling",
    "explained_errors",
    "fused",
    "is_available",
    "kept",
    "one_more_whole",
]
