"""From unconstrained numbers to valid colours, optionally with the colour channels decorrelated."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.param.unit_balls import constrain_L_inf
from lucid_widgets.optvis.speed.xla import compiles_whole, fused

color_correlation_svd_sqrt = np.asarray([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
"""A square root of the covariance of colours in natural images (ImageNet), as in Lucid."""

color_mean = np.asarray([0.48, 0.46, 0.41], np.float32)
"""The mean colour of natural images (ImageNet)."""

_max_norm = float(np.max(np.linalg.norm(color_correlation_svd_sqrt, axis=0)))


def _linear_decorrelate_color(t: Any) -> Any:
    """Maps `[..., 3]` from a space in which colours are uncorrelated to RGB."""
    matrix = color_correlation_svd_sqrt / _max_norm
    if not compiles_whole():
        return tf.linalg.matmul(t, matrix, transpose_b=True)
    # XLA would call a library for so small a product; sums become one loop with what comes before and after.
    channels = tf.unstack(t, axis=-1)
    return tf.stack([tf.add_n([c * float(m) for c, m in zip(channels, row, strict=True)]) for row in matrix], -1)


def to_valid_rgb(t: Any, decorrelate: bool = False, sigmoid: bool = True) -> Any:
    """Maps an unconstrained tensor to colours in [0, 1].

    Args:
        t: `[..., 3]` where `decorrelate` is on, else any tensor.
        decorrelate: Reads the last dimension as coordinates in which natural colours are uncorrelated.
        sigmoid: Squashes with a sigmoid; else clips, with gradients that still lead back inside.

    Returns:
        A tensor of the shape of `t`, in [0, 1].

    Source: Lucid's `param.color.to_valid_rgb`.
    """
    if decorrelate and t.shape[-1] != 3:
        raise ArgumentError(
            f"to_valid_rgb received a tensor of shape {tuple(t.shape)}.",
            "Expected three channels, or decorrelate=False for what are not colours.",
        )
    if sigmoid:
        return _squashed(t, decorrelate)
    if decorrelate:
        t = _linear_decorrelate_color(t) + color_mean
    return constrain_L_inf(2 * t - 1) / 2 + 0.5


@fused
def _squashed(t: Any, decorrelate: bool) -> Any:
    return tf.sigmoid(before_sigmoid(t, decorrelate))


def before_sigmoid(t: Any, decorrelate: bool) -> Any:
    """What `to_valid_rgb` takes the sigmoid of."""
    return _linear_decorrelate_color(t) if decorrelate else t


def from_valid_rgb(rgb: Any, decorrelate: bool = False) -> Any:
    """What `to_valid_rgb` makes these colours of, by its sigmoid.

    Args:
        rgb: An array in [0, 1]; `[..., 3]` where `decorrelate` is on.
        decorrelate: As for `to_valid_rgb`.

    Returns:
        A float32 array of the same shape. Black and white are taken for what rounds to them in eight bits.
    """
    nearly = 0.4 / 255
    inside = np.clip(np.asarray(rgb, np.float64), nearly, 1 - nearly)
    t = np.log(inside) - np.log1p(-inside)
    if decorrelate:
        t = t @ np.linalg.inv(color_correlation_svd_sqrt.astype(np.float64).T / _max_norm)
    return t.astype(np.float32)
