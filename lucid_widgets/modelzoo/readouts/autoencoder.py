"""`sparse_autoencoder`: the features of a sparse autoencoder that was trained on a layer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, either, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.readout import Readout, checked
from lucid_widgets.modelzoo.readouts.autoencoder_files import named_weights, read_weights
from lucid_widgets.modelzoo.survey.layer import Layer

__all__ = ["SparseAutoencoder", "sparse_autoencoder"]

Kind = Literal["relu", "topk", "jumprelu"]
_KINDS = ("relu", "topk", "jumprelu")


@dataclass(frozen=True, eq=False)
class SparseAutoencoder(Readout):
    """The features of a sparse autoencoder.

    As a readout, it adds two layers. `<name>` holds the features before the activation function, which are what an
    image can maximize: after it, most are 0 and have no gradient. `<name>:codes` holds them after it, for the
    images that excite them.

    Attributes:
        decoder: What each feature adds to the activations, `[units, channels]`.
        decoder_bias: What is added to their sum, `[channels]`.
        kind: "relu", "topk" or "jumprelu".
        k: Number of features of each position that TopK keeps.
        threshold: What a feature must exceed for JumpReLU, `[units]`.
    """

    decoder: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32), repr=False)
    decoder_bias: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32), repr=False)
    kind: Kind = "relu"
    k: int | None = None
    threshold: FloatArray | None = field(default=None, repr=False)

    @property
    def activation(self) -> str | None:
        """Name of the activation function whose results are the layer `<name>:codes`."""
        return self.kind

    def codes(self, values: tf.Tensor) -> tf.Tensor:
        """Return the values of the units after the activation function."""
        positive = tf.nn.relu(values)
        if self.kind == "topk":
            least = tf.reduce_min(tf.math.top_k(values, self.k).values, axis=-1, keepdims=True)
            return positive * tf.cast(values >= least, values.dtype)
        if self.kind == "jumprelu":
            return positive * tf.cast(values > tf.constant(self.threshold), values.dtype)
        return positive

    def encode(self, activations: npt.ArrayLike) -> FloatArray:
        """Return the features of activations `[..., channels]` after the activation function, `[..., units]`."""
        found: FloatArray = self.codes(tf.constant(self.values(activations))).numpy()
        return found

    def decode(self, codes: npt.ArrayLike) -> FloatArray:
        """Return the activations `[..., channels]` that features `[..., units]` stand for."""
        found: FloatArray = np.asarray(codes, np.float32) @ self.decoder + self.decoder_bias
        return found

    def reconstruct(self, activations: npt.ArrayLike) -> FloatArray:
        """Return what the autoencoder makes of activations, `[..., channels]`."""
        return self.decode(self.encode(activations))

    def explained(self, activations: npt.ArrayLike) -> float:
        """Return the share of the variance of activations `[..., channels]` that the reconstruction explains."""
        given = np.asarray(activations, np.float32).reshape(-1, self.channels)
        rest = np.sum((given - self.reconstruct(given)) ** 2, dtype=np.float64)
        return 1 - float(rest / max(np.sum((given - given.mean(0)) ** 2, dtype=np.float64), 1e-12))


def sparse_autoencoder(
    weights: str | os.PathLike[str] | Mapping[str, npt.ArrayLike],
    kind: Kind | None = None,
    *,
    k: int | None = None,
    centered: bool | None = None,
    layer: str | Layer | None = None,
) -> SparseAutoencoder:
    """Return the features of a trained sparse autoencoder.

    A feature is `activation((layer - b_dec) @ W_enc + b_enc)`, and the reconstruction `features @ W_dec + b_dec`. If
    the autoencoder was trained on scaled activations, scale its weights first.

    Args:
        weights: A file (`.npz` or `.safetensors`), or the arrays by name: `W_enc` `[channels, units]`, `W_dec`
            `[units, channels]`, and, where there are any, `b_enc` `[units]`, `b_dec` `[channels]` and `threshold`
            `[units]`. PyTorch's names, such as `encoder.weight`, have its shapes, `[units, channels]`.
        kind: The activation function: "relu", "topk" or "jumprelu". Default: "topk" with `k`, "jumprelu" with a
            threshold, and "relu" without either.
        k: Number of features that TopK keeps at each position. Default: the `k` among the weights.
        centered: Whether `b_dec` is subtracted first. Default: True, except for JumpReLU, as is usual there.
        layer: The layer that it was trained on. Default: unknown, so `with_readout` needs `after`.

    Returns:
        A `SparseAutoencoder`, for `model.with_readout`.

    Raises:
        ArgumentError: An array is missing or has the wrong shape, the file is damaged, or safetensors is not
            installed.
        MissingFileError: There is no such file.

    Example:
        >>> weights = {"W_enc": np.eye(104)[:, :8], "W_dec": np.eye(104)[:8]}
        >>> seen = model.with_readout("sae", readouts.sparse_autoencoder(weights, k=2), after="mixed3a")
        >>> [each.name for each in seen.layers if each.kind == "readout"]
        ['sae', 'sae:codes']

    Source: Cunningham et al. 2023 and Bricken et al. 2023 (ReLU); Gao et al. 2024 (TopK); Rajamanoharan et al. 2024
        (JumpReLU); Gorton, "The missing curve detectors of InceptionV1", 2024, for images.
    """
    arrays = read_weights(weights) if isinstance(weights, (str, os.PathLike)) else dict(weights)
    found = named_weights(arrays)
    encoder, decoder = checked("W_enc", found["encoder"], 2), checked("W_dec", found["decoder"], 2)
    channels, units = encoder.shape
    if decoder.shape != (units, channels):
        raise ArgumentError(
            f"W_enc has the shape {encoder.shape} and W_dec {decoder.shape}.",
            "Expected [channels, units] and [units, channels].",
        )
    sized = {"encoder_bias": units, "decoder_bias": channels, "threshold": units}
    vectors = {name: _vector(name, found.get(name), size) for name, size in sized.items()}
    kept = k if k is not None else found.get("k")
    chosen = kind or ("topk" if kept is not None else "relu" if found.get("threshold") is None else "jumprelu")
    if chosen not in _KINDS:
        raise ArgumentError(f"kind is {kind!r}.", f"Expected {either(_KINDS)}.")
    if chosen == "topk":
        if kept is None:
            raise ArgumentError("TopK needs to know how many features it keeps.", "Pass k=.")
        kept = whole_number("k", np.asarray(kept).item(), 1, units, owner=f"{units} features")
    if chosen == "jumprelu" and found.get("threshold") is None:
        raise ArgumentError("JumpReLU needs a threshold for each feature.", "Expected an array 'threshold'.")
    subtracts = chosen != "jumprelu" if centered is None else bool(centered)
    offset = vectors["decoder_bias"] @ encoder if subtracts else 0
    return SparseAutoencoder(
        np.ascontiguousarray(encoder.T),
        bias=vectors["encoder_bias"] - offset,
        layer=layer.name if isinstance(layer, Layer) else layer,
        decoder=decoder,
        decoder_bias=vectors["decoder_bias"],
        kind=chosen,
        k=kept if chosen == "topk" else None,
        threshold=vectors["threshold"] if chosen == "jumprelu" else None,
    )


def _vector(name: str, value: Any, size: int) -> FloatArray:
    if value is None:
        return np.zeros(size, np.float32)
    found = checked(name, np.ravel(value), 1)
    if len(found) not in (1, size):
        raise ArgumentError(f"{name} has {len(found)} numbers.", f"Expected {size}.")
    return np.array(np.broadcast_to(found, (size,)))
