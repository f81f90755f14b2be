"""`contents`: everything that determines what a Keras model computes, in a form that can be compared later.

The adapter and the compiled programs of a model are reused only while its contents are equal.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import Any

import keras
import numpy as np

from lucid_widgets.modelzoo.keras.replay import is_graph

__all__ = ["KEPT", "connections", "contents", "weights_checksum"]

KEPT = "_lucid_widgets_model"
"""The attribute of a Keras model that holds what `as_model` made of it."""

_SCALARS = (bool, int, float, complex, str, bytes, type(None))
_LIBRARIES = ("builtins", "keras", "tensorflow", "numpy", "threading", "collections", "lucid_widgets")
_DEPTH = 8

# Set by training, and without influence on what a model computes in inference mode.
_TRAINING = {
    *("optimizer", "history", "stop_training", "stop_evaluating", "stop_predicting", "_compile_config"),
    *("_compiled_trainable_state", "_compile_loss", "_compile_metrics", "_loss_tracker"),
}
# Attributes of every layer that do have an influence.
_RELEVANT = {"_layers", "_dtype_policy", "_trainable", "autocast"}


class _Same:
    """An object that equals only itself. It is kept alive, so that no other object can get its id."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._thing is other._thing

    def __hash__(self) -> int:
        return id(self._thing)


def contents(model: Any) -> Hashable:
    """Return the layers of a model and their attributes, nested models included.

    Two results are equal if no layer was replaced and no attribute of a layer (its activation, a number, `trainable`)
    was set in between. The values of weights are not part of the result.

    Args:
        model: A Keras model or layer.
    """
    return tuple(_of_layer(model, set(), _DEPTH))


def connections(model: Any) -> Hashable:
    """Return how the layers of a functional or Sequential model are connected, and those of the models inside it.

    Two results are equal if no layer was added or removed in between.
    """
    if not is_graph(model):
        return _Same(model)
    ends = tuple(_Same(tensor) for tensor in (*model.inputs, *model.outputs))
    return ends, tuple(connections(layer) for layer in model.layers)


def weights_checksum(model: Any) -> int:
    """Return a checksum of the values of all weights of a Keras model."""
    checksum = 0
    for weight in model.weights:
        checksum = zlib.crc32(_bytes_of(weight.value), checksum)
    return checksum


def _of_layer(layer: Any, seen: set[int], depth: int) -> Iterator[Hashable]:
    seen.add(id(layer))
    yield _Same(layer)
    if is_graph(layer):  # Keras's own `call` runs its layers, and reads nothing else
        yield tuple(_Same(tensor) for tensor in (*layer.inputs, *layer.outputs))
        yield tuple(_of_value(inner, seen, depth) for inner in layer.layers)
        return
    for name, value in vars(layer).items():
        if name not in _ignored():
            yield name
            yield _of_value(value, seen, depth - 1)


def _of_value(value: Any, seen: set[int], depth: int) -> Hashable:
    if isinstance(value, _SCALARS):
        return type(value), value
    if depth == 0 or id(value) in seen:
        return _Same(value)
    if isinstance(value, keras.layers.Layer):
        return tuple(_of_layer(value, seen, depth))
    if isinstance(value, (list, tuple, set)):
        return tuple(_of_value(each, seen, depth - 1) for each in value)
    if isinstance(value, Mapping):
        return tuple((_Same(key), _of_value(each, seen, depth - 1)) for key, each in value.items())
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.shape, value.dtype.str, zlib.crc32(_bytes_of(value))
    if type(value).__module__.partition(".")[0] not in _LIBRARIES and hasattr(value, "__dict__"):
        seen.add(id(value))
        return _Same(value), _of_value(vars(value), seen, depth - 1)
    return _Same(value)


def _bytes_of(array: Any) -> memoryview:
    return np.ascontiguousarray(array).view(np.uint8).data  # bfloat16 itself has no buffer


@cache
def _ignored() -> frozenset[str]:
    """Attributes that Keras itself keeps in every layer and model, and those that training sets."""
    return frozenset({*vars(keras.Model(name="any")), *_TRAINING, KEPT} - _RELEVANT)
