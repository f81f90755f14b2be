"""The private names of TensorFlow that the speed tricks need. They are looked up here and nowhere else.

A name that a version of TensorFlow lacks turns one trick off: `find` returns None, warns once, and the trick's code
computes the plain way. Images stay the same up to rounding.
"""

from __future__ import annotations

import importlib
import inspect
import operator
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import SpeedWarning


@dataclass(frozen=True)
class PrivateName:
    """A private name of TensorFlow.

    Attributes:
        name: Its full name, for the warning.
        use: What the package uses it for.
        off: The trick that is off without it, as the subject of a sentence.
        look_up: Returns what `find` returns, or raises if TensorFlow lacks the name.
    """

    name: str
    use: str
    off: str
    look_up: Callable[[], Any]


def find(key: str) -> Any | None:
    """Return what a key of `NAMES` stands for. Return None and warn, once per key, if this TensorFlow lacks it."""
    private = NAMES[key]
    try:
        return private.look_up()
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        if key not in _warned:
            _warned.add(key)
            warnings.warn(
                f"TensorFlow {tf.__version__} has no {private.name}, so {private.off} is off. "
                "Images stay the same up to rounding.",
                SpeedWarning,
                stacklevel=2,
            )
        return None


_warned: set[str] = set()

_FUNCTIONS = "tensorflow.python.eager.polymorphic_function"


def _attribute(module: str, path: str) -> Callable[[], Any]:
    return lambda: operator.attrgetter(path)(importlib.import_module(module))


def _of_graphs(attribute: str) -> Callable[[], Any]:
    def look_up() -> Callable[[Any], Any]:
        getattr(tf.__internal__.FuncGraph, attribute)
        return lambda graph: getattr(graph, attribute, None)  # a graph of TensorFlow 1 lacks it

    return look_up


def _attribute_of_operations(name: str) -> Callable[[], Any]:
    def look_up() -> str:
        arguments = _attribute("tensorflow.python.eager.backprop", "_MockOp.__init__")()
        if name not in inspect.signature(arguments).parameters:
            raise AttributeError(name)
        return name

    return look_up


def _operation(name: str) -> Callable[[], Any]:
    def look_up() -> str:
        if _attribute("tensorflow.python.framework.op_def_registry", "get")()(name) is None:
            raise AttributeError(name)
        return name

    return look_up


def _function_attribute(name: str) -> Callable[[], Any]:
    def look_up() -> dict[str, bool]:
        tf.function(lambda: None, autograph=False, experimental_attributes={name: True})  # raises if it is unknown
        return {name: True}

    return look_up


NAMES: dict[str, PrivateName] = {
    "gradient_registry": PrivateName(
        "tensorflow.python.framework.ops.gradient_registry._registry",
        "Remove the functions that tf.custom_gradient registered while a graph was traced.",
        "releasing the memory of graphs that are no longer used",
        _attribute("tensorflow.python.framework.ops", "gradient_registry._registry"),
    ),
    "skipped_inputs": PrivateName(
        "the attribute skip_input_indices of operations",
        "Tell gradient functions which inputs need no gradient.",
        "building only the gradients that are needed",
        _attribute_of_operations("skip_input_indices"),
    ),
    "captures": PrivateName(
        "FuncGraph.captures",
        "Find the weight outside a graph that a tensor inside it stands for.",
        "computing with weights once instead of in every step",
        _of_graphs("captures"),
    ),
    "outer_graph": PrivateName(
        "FuncGraph.outer_graph",
        "Find the outermost graph, in which values of variables can be computed before the loop.",
        "computing with variables once per call instead of in every step",
        _of_graphs("outer_graph"),
    ),
    "call_time_value": PrivateName(
        "FuncGraph.capture_call_time_value",
        "Feed a graph with a value that Python computes at each call.",
        "keeping what was computed from large variables between calls",
        lambda: tf.__internal__.FuncGraph.capture_call_time_value,
    ),
    "capture": PrivateName(
        "FuncGraph.capture",
        "Feed the weights of a rewritten graph.",
        "bfloat16",
        lambda: tf.__internal__.FuncGraph.capture,
    ),
    "add_to_graph": PrivateName(
        "ConcreteFunction.add_to_graph",
        "Make a compiled function known to a graph without a call to it.",
        "sharing one copy of each XLA function between graphs",
        _attribute(f"{_FUNCTIONS}.concrete_function", "ConcreteFunction.add_to_graph"),
    ),
    "xla_launch": PrivateName(
        "the operation XlaLaunch",
        "Run a compiled function without a copy of it in each graph.",
        "sharing one copy of each XLA function between graphs",
        _operation("XlaLaunch"),
    ),
    "mkl_enabled": PrivateName(
        "tensorflow.python.util._pywrap_util_port.IsMklEnabled",
        "Ask whether TensorFlow computes with oneDNN.",
        "using the pooling kernels of oneDNN",
        _attribute("tensorflow.python.util._pywrap_util_port", "IsMklEnabled"),
    ),
    "noinline": PrivateName(
        'the function attribute "_noinline"',
        "Keep a step separate from the loop that calls it.",
        "reliable use of the pooling kernels of oneDNN",
        _function_attribute("_noinline"),
    ),
}
"""By the key that `find` takes."""

__all__ = ["NAMES", "PrivateName", "find"]
