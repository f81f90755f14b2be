"""Checks whether a Keras model can be used, with an error that says what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lucid_widgets.errors import ArgumentError, ModelError, either, unknown_name
from lucid_widgets.modelzoo.base.input_probe import WHOLE_NUMBERS
from lucid_widgets.modelzoo.base.private_names import recorded_call
from lucid_widgets.modelzoo.keras.kinds import kind_of
from lucid_widgets.modelzoo.keras.replay import Replay, is_graph

__all__ = ["check_model", "check_replay", "is_program"]


def is_program(model: Any) -> bool:
    """Whether a model is a subclass with its own `call`, which can only be run as a whole."""
    return (
        isinstance(model, keras.Model)
        and keras.backend.backend() == "tensorflow"
        and not is_graph(model)
        and type(model) is not keras.Sequential
    )


def check_model(model: Any, constants: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
    """Check that `model` is a functional or built Sequential model of float images, and return its constants.

    Args:
        model: What the caller passed for a Keras model.
        constants: Values of all inputs but the image, by the names of the input layers.

    Returns:
        The constants as arrays with a batch axis.

    Raises:
        ModelError: If the model cannot be used.
        UnknownNameError: If the model has no input of a name in `constants`.
        ArgumentError: If a constant does not have the shape or type of its input.
    """
    if not isinstance(model, keras.Model):
        raise ModelError(f"Expected a Keras 3 model, received {_a(type(model).__name__)} ({type(model).__module__}).")
    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            f"Keras runs on {keras.backend.backend()}.",
            "Set the environment variable KERAS_BACKEND to tensorflow before Keras is imported.",
        )
    if not model.layers:
        raise ModelError(f"The Keras model {model.name!r} has no layers.")
    if isinstance(model, keras.Sequential) and not is_graph(model):
        raise ModelError(
            f"The Sequential model {model.name!r} is not built, so its layers have no shapes.",
            "Begin it with keras.Input((height, width, 3)), or call model.build((None, height, width, 3)).",
        )
    if not is_graph(model):
        raise ModelError(
            f"{model.name!r} is a subclassed model ({type(model).__name__}), whose layers Keras does not record.",
            "Use from_keras(model), which traces it, or make it a functional model: keras.Model(inputs, outputs).",
        )
    return _check_inputs(model, constants or {})


def check_replay(replay: Replay, name: str) -> None:
    """Raise a `ModelError` if a model has no layers after its input, or has channels first."""
    if not replay.nodes:
        raise ModelError(f"The Keras model {name!r} has no layers.")
    for node in replay.nodes:
        # Only layers that mix or pool care which axis holds the channels. Residual shortcuts pad the channels of a
        # tensor with channels last by a ZeroPadding2D that is channels_first.
        mixes = kind_of(node.operation) in ("conv", "pool")
        if mixes and getattr(node.operation, "data_format", None) == "channels_first":
            raise ModelError(
                f"The Keras model {name!r} has channels first: layer {node.name!r} is channels_first.",
                "Build it after keras.config.set_image_data_format('channels_last'), and copy the weights.",
            )


def _check_inputs(model: Any, constants: Mapping[str, Any]) -> dict[str, np.ndarray]:
    inputs = {recorded_call(tensor).operation.name: tensor for tensor in model.inputs}
    for name in constants:
        if name not in inputs:
            raise unknown_name("input", name, f"The Keras model {model.name!r}", list(inputs))
    images = [name for name in inputs if name not in constants]
    if not images:
        raise ModelError(
            f"Every input of the Keras model {model.name!r} is a constant.", "Leave out the one that takes the image."
        )
    if len(images) > 1:
        others = [name for name in images if len(inputs[name].shape) not in (4, 5)] or images[1:]
        raise ModelError(
            f"The Keras model {model.name!r} has {len(images)} inputs: {either(images).replace(' or ', ' and ')}.",
            "Expected a single input for images. Set the others: from_keras(model, constants={"
            + ", ".join(f"{name!r}: value" for name in others)
            + "}).",
        )
    _check_image(model, inputs[images[0]])
    return {name: _constant(name, value, inputs[name]) for name, value in constants.items()}


def _constant(name: str, value: Any, tensor: Any) -> np.ndarray:
    dtype, sides = keras.backend.standardize_dtype(tensor.dtype), tuple(tensor.shape[1:])
    try:
        array = np.asarray(value, dtype)
    except (TypeError, ValueError):
        raise ArgumentError(f"constants[{name!r}] is {value!r}.", f"Expected {dtype} of shape {sides}.") from None
    array = array[None] if array.ndim == len(sides) else array
    fits = array.ndim == len(sides) + 1 and array.shape[0] == 1
    if not fits or any(side not in (None, given) for side, given in zip(sides, array.shape[1:], strict=True)):
        raise ArgumentError(f"constants[{name!r}] has the shape {np.shape(value)}.", f"Expected {sides}.")
    return array


def _check_image(model: Any, image: Any) -> None:
    dtype = keras.backend.standardize_dtype(image.dtype)
    if "float" not in dtype and dtype not in WHOLE_NUMBERS:
        raise ModelError(
            f"The Keras model {model.name!r} takes an input of type {dtype}.", "Expected images of numbers."
        )
    if len(image.shape) not in (3, 4, 5):
        raise ModelError(
            f"The Keras model {model.name!r} takes an input of shape {tuple(image.shape)}.",
            "Expected images, (batch, height, width, channels) or (batch, height, width), or volumes, "
            "(batch, depth, height, width, channels).",
        )


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"
