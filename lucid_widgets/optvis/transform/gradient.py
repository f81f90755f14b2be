"""`normalize_gradient`: a transform that changes the gradient and leaves images as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError


def normalize_gradient(grad_scales: Sequence[float] | None = None) -> Callable[[Any], Any]:
    """Scale the gradient of each image to a fixed L2 norm, so that weak gradients change their images as fast.

    Args:
        grad_scales: Norm of the gradient for each image of the batch. Default: 1 for all.

    Returns:
        A transform that returns its images unchanged. A gradient of zero stays zero.

    Raises:
        ArgumentError: If `grad_scales` does not have one number for each image (raised when the transform is applied).

    Example:
        >>> render_vis(model, "mixed4a:152", transforms=[transform.normalize_gradient(), transform.jitter(8)])

    Source: Lucid's `transform.normalize_gradient`, which turned a gradient of zero into NaN.
    """

    @tf.custom_gradient
    def inner(t: Any) -> Any:
        if grad_scales is not None and t.shape[0] not in (None, len(grad_scales)):
            raise ArgumentError(
                f"normalize_gradient received {len(grad_scales)} scales for {t.shape[0]} images.",
                "Expected one for each image.",
            )

        def gradient(grad: Any) -> Any:
            norm = tf.sqrt(tf.reduce_sum(grad**2, [1, 2, 3], keepdims=True))
            wanted = 1.0 if grad_scales is None else np.asarray(grad_scales, np.float32)[:, None, None, None]
            return tf.math.divide_no_nan(grad * wanted, norm)

        return tf.identity(t), gradient

    return inner


__all__ = ["normalize_gradient"]
