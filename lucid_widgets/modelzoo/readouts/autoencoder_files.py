"""The weights of a sparse autoencoder, under the names that different libraries give them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.outside import file_bytes, read_arrays

__all__ = ["named_weights", "read_weights"]

# The names of SAELens and Gemma Scope come first, then those of PyTorch modules, whose matrices are transposed.
_NAMES: dict[str, tuple[str, ...]] = {
    "encoder": ("W_enc", "encoder.weight"),
    "encoder_bias": ("b_enc", "encoder.bias", "latent_bias"),
    "decoder": ("W_dec", "decoder.weight"),
    "decoder_bias": ("b_dec", "decoder.bias", "pre_bias", "bias"),
    "threshold": ("threshold",),
    "k": ("k",),
}


def read_weights(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the arrays in a `.npz` or `.safetensors` file, by name.

    Raises:
        MissingFileError: There is no such file.
        ArgumentError: It is of another kind or damaged, or safetensors is not installed.
    """
    name = Path(path).name
    suffix = Path(path).suffix.lower()
    if suffix == ".npz":
        return dict(read_arrays(file_bytes(path), name))
    if suffix != ".safetensors":
        raise ArgumentError(
            f"{name} has none of the endings .npz and .safetensors.", "Save the weights as one of them."
        )
    safetensors = needed("safetensors.numpy", "Reading a .safetensors file", extra="safetensors")
    data = file_bytes(path)
    try:
        return dict(safetensors.load(data))
    except Exception as error:  # the library raises its own errors, and KeyError for types that NumPy lacks
        raise ArgumentError(
            f"{name} cannot be read ({error}).", "Expected a complete file with float32 or float16 arrays."
        ) from error


def named_weights(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays as encoder `[channels, units]`, decoder `[units, channels]`, biases, threshold and k.

    Raises:
        ArgumentError: If there is no encoder or no decoder.
    """
    found: dict[str, Any] = {}
    for part, names in _NAMES.items():
        known = next((name for name in names if name in arrays), None)
        if known is not None:
            found[part] = np.asarray(arrays[known]).T if known.endswith(".weight") else arrays[known]
    for part in ("encoder", "decoder"):
        if part not in found:
            raise ArgumentError(
                f"The weights have no {part}, but {', '.join(sorted(map(str, arrays)))}.",
                f"Expected an array {' or '.join(map(repr, _NAMES[part]))}.",
            )
    return found
