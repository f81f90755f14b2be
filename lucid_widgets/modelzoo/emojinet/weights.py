"""Reading and writing weights as float16 arrays in an `.npz` file, without pickle."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.io.scoping import expanded

__all__ = ["fold", "read_weights", "write_weights"]

_UNFOLDED = "_conv"


def write_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Write the weights of a Keras model as float16. The file is complete, or not written at all.

    Args:
        model: A Keras model whose layers have distinct names.
        path: The `.npz` file.

    Raises:
        ModelError: If a weight is too large for float16.
    """
    arrays: dict[str, Any] = {}
    for layer in model.layers:
        for weight in layer.weights:
            value = np.asarray(weight)
            # Compared before the cast, which would only warn about an overflow.
            if not np.abs(value).max(initial=0) <= np.finfo(np.float16).max:
                raise ModelError(
                    f"{weight.path} contains {np.abs(value).max():g}, which float16 cannot represent.",
                    "Train with more weight decay.",
                )
            arrays[_key(layer, weight)] = value.astype(np.float16)
    target = expanded(path)
    part = target.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.replace(target)


def read_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Load weights into a Keras model from a file that `write_weights` wrote.

    Args:
        model: A Keras model with the same layers.
        path: The `.npz` file.

    Raises:
        ModelError: If the names or shapes of the arrays differ from those of the model.
    """
    with np.load(expanded(path), allow_pickle=False) as arrays:
        expected = {_key(layer, weight): weight for layer in model.layers for weight in layer.weights}
        if set(arrays.files) != set(expected):
            odd = sorted(set(arrays.files) ^ set(expected))
            raise ModelError(
                f"{path} does not fit {model.name}: only one of them has {odd[0]}.",
                "Pass a file that was written for this architecture.",
            )
        for key, weight in expected.items():
            if arrays[key].shape != tuple(weight.shape):
                raise ModelError(
                    f"{path} does not fit {model.name}: {key} has the shape {arrays[key].shape}, "
                    f"expected {tuple(weight.shape)}.",
                    "Pass a file that was written for this architecture.",
                )
            weight.assign(arrays[key].astype(np.float32))


def _key(layer: Any, weight: Any) -> str:
    """Name of a weight in a file: its path from the layer on, as the weights of an attention layer share their names.

    A path begins with the name scopes in which the network was built. An error in a caller's network can leave one
    open: Keras opens its own scope before TensorFlow's, which may refuse the name.
    """
    _, found, path = f"/{weight.path}".partition(f"/{layer.name}/")
    return f"{layer.name}/{path if found else weight.name}"


def fold(trained: Any, plain: Any) -> None:
    """Fold batch normalization into convolutions: set the weights of `plain` so that it computes what `trained` does.

    Args:
        trained: The trained network. For each convolution `x` of `plain`, it has a convolution `x_conv` without bias
            followed by a batch normalization `x`.
        plain: The network without batch normalization. Its weights are set.
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
