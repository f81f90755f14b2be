"""Valid colors from unconstrained numbers, optionally in a decorrelated color space."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis.param.unit_balls import constrain_L_inf
from lucid_widgets.optvis.speed.xla import compiles_whole, fused

color_correlation_svd_sqrt = np.asarray([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
"""Square root of the covariance matrix of colors in ImageNet. The numbers are Lucid's."""

color_mean = np.asarray([0.48, 0.46, 0.41], np.float32)
"""Mean color of ImageNet, as RGB in [0, 1]."""

max_norm_svd_sqrt = float(np.max(np.linalg.norm(color_correlation_svd_sqrt, axis=0)))
"""The largest norm of a column of `color_correlation_svd_sqrt`, by which colors are scaled."""


def _linear_decorrelate_color(t: Any) -> Any:
    """Map `[..., 3]` to RGB from a space in which the colors of natural images are uncorrelated."""
    matrix = color_correlation_svd_sqrt / max_norm_svd_sqrt
    if not compiles_whole():
        return tf.linalg.matmul(t, matrix, transpose_b=True)
    # XLA would call a library for this small product. It fuses sums with the operations before and after them.
    channels = tf.unstack(t, axis=-1)
    return tf.stack([tf.add_n([c * float(m) for c, m in zip(channels, row, strict=True)]) for row in matrix], -1)


def to_valid_rgb(t: Any, decorrelate: bool = False, sigmoid: bool = True) -> Any:
    """Colors in [0, 1] from an unconstrained tensor.

    Decorrelated colors converge to natural hues, where plain RGB tends to saturated ones.

    Args:
        t: `[..., 3]` if `decorrelate` is True; a tensor of any shape if it is False.
        decorrelate: Interpret the last dimension as coordinates in a space in which the colors of natural images are
            uncorrelated. Default: False.
        sigmoid: Use a sigmoid. Default: True. If False, values are clipped instead, and the gradient of a clipped
            value passes where it leads back into the range.

    Returns:
        A tensor in [0, 1] with the shape of `t`.

    Raises:
        ArgumentError: If `decorrelate` is True and the last dimension is not 3.

    Example:
        >>> colors = lambda: param.to_valid_rgb(param.fft_image((1, 128, 128, 3)), decorrelate=True)

    Source: Lucid's `param.color.to_valid_rgb`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
    With `sigmoid=False`, Lucid blocked gradients that led back into the range.
    """
    if decorrelate and t.shape[-1] != 3:
        raise ArgumentError(
            f"to_valid_rgb received a tensor of shape {tuple(t.shape)}.",
            "Expected three channels. Pass decorrelate=False for tensors that are not colors.",
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
    """Return the tensor of which `to_valid_rgb` takes the sigmoid."""
    return _linear_decorrelate_color(t) if decorrelate else t


def from_valid_rgb(rgb: Any, decorrelate: bool = False) -> Any:
    """Inverse of `to_valid_rgb` with its sigmoid.

    Args:
        rgb: An array in [0, 1]; `[..., 3]` if `decorrelate` is True.
        decorrelate: As for `to_valid_rgb`. Default: False.

    Returns:
        A float32 array of the same shape. Values are first clipped to [0.4 / 255, 1 - 0.4 / 255], because the sigmoid
        never reaches 0 and 1. In eight bits this makes no difference.
    """
    nearly = 0.4 / 255
    inside = np.clip(np.asarray(rgb, np.float64), nearly, 1 - nearly)
    t = np.log(inside) - np.log1p(-inside)
    if decorrelate:
        t = t @ np.linalg.inv(color_correlation_svd_sqrt.astype(np.float64).T / max_norm_svd_sqrt)
    return t.astype(np.float32)


__all__ = [
    "before_sigmoid",
    "color_correlation_svd_sqrt",
    "color_mean",
    "from_valid_rgb",
    "max_norm_svd_sqrt",
    "to_valid_rgb",
]
