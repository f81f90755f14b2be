"""Similarity of images by their colors and textures, wherever in the image they are."""

from __future__ import annotations

import numpy as np

from lucid_widgets.misc.io.serialize_array import UInt8Array

_SCALES = 4
_DIRECTIONS = 6
_GRAY = np.array([0.299, 0.587, 0.114], np.float32)


def features(images: UInt8Array) -> np.ndarray:
    """Return a vector per image, standardized over the images.

    The vector has the mean and the covariance of the colors, and the logarithms of the amplitudes of brightness in
    bands of scale and direction.

    Args:
        images: uint8 `[images, height, width, 3]`.

    Returns:
        float32 `[images, 33]`.
    """
    if not len(images):
        return np.zeros((0, 9 + _SCALES * _DIRECTIONS), np.float32)
    values = images.astype(np.float32) / 255
    colors = values.reshape(len(values), -1, 3)
    means = colors.mean(1)
    centered = colors - means[:, None]
    covariances = np.einsum("npi,npj->nij", centered, centered) / colors.shape[1]
    rows, columns = np.triu_indices(3)
    gray = values @ _GRAY
    amplitudes = np.abs(np.fft.fft2(gray - gray.mean((1, 2), keepdims=True)))
    bands = _bands(*gray.shape[1:])
    sums = amplitudes.reshape(len(values), -1) @ bands
    together = np.concatenate([means, np.sqrt(np.abs(covariances[:, rows, columns])), np.log1p(sums)], 1)
    deviations = together.std(0)
    return ((together - together.mean(0)) / np.where(deviations > 0, deviations, 1)).astype(np.float32)


def nearest(vectors: np.ndarray, index: int, count: int) -> list[tuple[int, float]]:
    """Return the vectors nearest to one of them, with their distances, itself left out.

    >>> nearest(np.array([[0.0], [3.0], [1.0]]), 0, 2)
    [(2, 1.0), (1, 3.0)]
    """
    distances = np.sqrt(((vectors - vectors[index]) ** 2).sum(1))
    distances[index] = np.inf
    order = np.argsort(distances, kind="stable")[: min(count, len(vectors) - 1)]
    return [(int(place), float(distances[place])) for place in order]


def _bands(height: int, width: int) -> np.ndarray:
    """Which frequencies belong to which band, float32 `[height * width, bands]`; each band adds up to 1."""
    down, across = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    radius, angle = np.hypot(down, across), np.arctan2(down, across) % np.pi
    scale = np.clip(np.floor(np.log2(np.maximum(radius, 1e-9) / 0.5)) + _SCALES, 0, _SCALES - 1)
    direction = np.floor((angle / np.pi * _DIRECTIONS + 0.5) % _DIRECTIONS)
    number = (scale * _DIRECTIONS + direction).astype(int)
    bands = (number[..., None] == np.arange(_SCALES * _DIRECTIONS)).reshape(height * width, -1).astype(np.float32)
    bands[0] = 0  # the mean
    return bands / np.maximum(bands.sum(0), 1)


__all__ = ["features", "nearest"]
