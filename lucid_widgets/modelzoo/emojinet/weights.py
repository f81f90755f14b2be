"""Weights in a file: arrays of float16 in NumPy's `.npz`, read without pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lucid_widgets.errors import ModelError

__all__ = ["fold", "read_weights", "write_weights"]

_UNFOLDED = "_conv"


def write_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes a Keras model's weights as float16, all or nothing.

    Args:
        model: A Keras model whose layers have names of their own.
        path: The `.npz` file.

    Raises:
        ModelError: A weight is too large for float16.
    """
    arrays: dict[str, Any] = {}
    for layer in model.layers:
        for weight in layer.weights:
            value = np.asarray(weight)
            # Compared first: the cast itself would warn of an overflow.
            if not np.abs(value).max(initial=0) <= np.finfo(np.float16).max:
                raise ModelError(
                    f"{weight.path} holds {np.abs(value).max():g}, which float16 cannot.",
                    "Train with more weight decay.",
                )
            arrays[f"{layer.name}/{weight.name}"] = value.astype(np.float16)
    target = Path(path)
    part = target.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.replace(target)


def read_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Gives a Keras model the weights of a file that `write_weights` wrote.

    Args:
        model: A Keras model with the same layers.
        path: The `.npz` file.

    Raises:
        ModelError: The file's arrays are not this model's.
    """
    with np.load(path, allow_pickle=False) as arrays:
        expected = {f"{layer.name}/{weight.name}": weight for layer in model.layers for weight in layer.weights}
        if set(arrays.files) != set(expected):
            odd = sorted(set(arrays.files) ^ set(expected))
            raise ModelError(f"{path} is not of {model.name}: {odd[0]} is in one of them only.", "Name its own file.")
        for key, weight in expected.items():
            if arrays[key].shape != tuple(weight.shape):
                raise ModelError(
                    f"{path} is not of {model.name}: {key} is {arrays[key].shape}, expected {tuple(weight.shape)}.",
                    "Name its own file.",
                )
            weight.assign(arrays[key].astype(np.float32))


def fold(trained: Any, plain: Any) -> None:
    """Puts the weights of a network with batch normalization into its twin without, which computes the same.

    Args:
        trained: The network that was trained. Where the twin has a convolution `x`, it has a convolution `x_conv`
            without bias and then a batch normalization `x`.
        plain: The twin; its weights are set.
    """
    for layer in [layer for layer in plain.layers if layer.weights]:
        source = trained.get_layer(layer.name)
        if isinstance(source, keras.layers.BatchNormalization):
            kernel = np.asarray(trained.get_layer(layer.name + _UNFOLDED).kernel)
            scale = np.asarray(source.gamma) / np.sqrt(np.asarray(source.moving_variance) + source.epsilon)
            layer.kernel.assign(kernel * scale)
            layer.bias.assign(np.asarray(source.beta) - np.asarray(source.moving_mean) * scale)
        else:
            layer.set_weights(source.get_weights())
