"""Checks whether a Keras model can be used, with an error that says what to change."""

from __future__ import annotations

from typing import Any

import keras

from lucid_widgets.errors import ModelError, either
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


def check_model(model: Any) -> None:
    """Raise a `ModelError` unless `model` is a functional or built Sequential model with one input, float images."""
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
    _check_input(model)


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
                "Only channels_last is supported. Build the model in that layout.",
            )


def _check_input(model: Any) -> None:
    if len(model.inputs) != 1:
        names = [tensor.name for tensor in model.inputs]
        raise ModelError(
            f"The Keras model {model.name!r} has {len(names)} inputs: {either(names).replace(' or ', ' and ')}.",
            "Expected a single input for images. Wrap the model in a functional model that sets the others.",
        )
    image = model.inputs[0]
    dtype = keras.backend.standardize_dtype(image.dtype)
    if "float" not in dtype:
        raise ModelError(
            f"The Keras model {model.name!r} takes {dtype} images.",
            "Expected floating point images, because optimization needs the gradient with respect to the image.",
        )
    if len(image.shape) != 4:
        raise ModelError(
            f"The Keras model {model.name!r} takes an input of shape {tuple(image.shape)}.",
            "Expected images, (batch, height, width, channels).",
        )


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"
