"""Transforms that change the gradient and leave images as they are: `normalize_gradient` and `smooth_gradient`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, finite_number


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


@dataclass(frozen=True)
class smooth_gradient:
    """Pull each image toward a smaller total variation, in proportion to the pull of the objective.

    The objective minus a multiple of `total_variation` does the same with a fixed weight, which must be chosen for each
    unit. This transform scales the gradient of the total variation to a share of the objective's gradient instead, so
    one number suits units of any magnitude. The value of the objective stays what it is.

    Args:
        share: Norm of the gradient of the total variation, relative to that of the objective's gradient, for each
            image; at least 0. Default: 0.1.

    Returns:
        A transform that returns its images unchanged. Put it before transforms that move or crop images.

    Raises:
        ArgumentError: If `share` is not a finite number.
        OutOfRangeError: If `share` is negative.

    Example:
        >>> seen = [transform.smooth_gradient(), *transform.default_transforms]
        >>> render_vis(model, "mixed4a:152", transforms=seen)

    Source: New. Ghiasi, Kazemi et al., "What do Vision Transformers Learn? A Visual Exploration", 2022, subtract the
    total variation with a fixed weight.
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        finite_number("share of smooth_gradient()", self.share, 0)

    @property
    def structure(self) -> Hashable:
        """Everything that requires a new compilation when it changes."""
        return "smooth_gradient"

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without a new compilation."""
        return (float(self.share),)

    def __call__(self, t: Any) -> Any:
        return self.apply(t, self.numbers)

    def apply(self, t: Any, numbers: Sequence[Any]) -> Any:
        """Return the images, whose gradient is changed.

        Args:
            t: Images, `[batch, height, width, channels]`.
            numbers: A number or tensor that replaces `self.share`.
        """
        (share,) = numbers

        @tf.custom_gradient
        def inner(t: Any) -> Any:
            # The engine minimizes the negative objective, so gradients point to where the image should not go.
            def gradient(grad: Any) -> Any:
                rough = _slope_of_variation(t)
                norm, own = (tf.sqrt(tf.reduce_sum(each**2, [1, 2, 3], keepdims=True)) for each in (grad, rough))
                return grad + tf.math.divide_no_nan(share * norm * rough, own)

            return tf.identity(t), gradient

        return inner(t)


def _slope_of_variation(t: Any) -> Any:
    """Gradient of the total variation: the number of neighbors that are darker, minus those that are lighter."""
    slope = tf.zeros_like(t)
    for down, right in ((1, 0), (0, 1)):
        signs = tf.sign(t[:, down:, right:] - t[:, : t.shape[1] - down, : t.shape[2] - right])
        slope += tf.pad(signs, [[0, 0], [down, 0], [right, 0], [0, 0]])
        slope -= tf.pad(signs, [[0, 0], [0, down], [0, right], [0, 0]])
    return slope


__all__ = ["normalize_gradient", "smooth_gradient"]
