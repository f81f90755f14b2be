"""Transforms for networks that cut images into patches: `random_roll` and `random_color`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import finite_number
from lucid_widgets.optvis import seeding


@dataclass(frozen=True)
class random_roll:
    """Roll images along both axes: pixels that leave at one edge come back at the opposite one.

    The amounts are whole pixels, drawn uniformly for the whole batch. In a Vision Transformer, the edges of the patches
    fall on other pixels in every step, so that no grid of patches appears.

    Args:
        distance: Largest roll along each axis in pixels, at least 0. With less than a patch, no roll but that by 0 is a
            multiple of the patch. Default: 4, half a patch of 8 pixels.

    Returns:
        A transform of images `[batch, height, width, channels]` that keeps their size.

    Raises:
        ArgumentError: If `distance` is not a finite number.
        OutOfRangeError: If `distance` is negative.

    Example:
        >>> render_vis(model, "mixed4a:7", transforms=[transform.random_roll(16)])

    Source: Ghiasi, Kazemi et al., "What do Vision Transformers Learn? A Visual Exploration", 2022, which rolls images
    of 224 pixels by up to 32.
    """

    distance: float = 4.0

    def __post_init__(self) -> None:
        finite_number("distance of random_roll()", self.distance, 0)

    @property
    def structure(self) -> Hashable:
        """Everything that requires a new compilation when it changes."""
        return "random_roll"

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without a new compilation."""
        return (float(self.distance),)

    def __call__(self, t: Any) -> Any:
        return self.apply(t, self.numbers)

    def apply(self, t: Any, numbers: Sequence[Any]) -> Any:
        """Return the rolled images.

        Args:
            t: Images, `[batch, height, width, channels]`.
            numbers: A number or tensor that replaces `self.distance`.
        """
        (distance,) = numbers
        most = tf.cast(tf.floor(distance), tf.int32)
        amounts = seeding.integers([2], 2 * most + 1) - most
        return tf.ensure_shape(tf.roll(t, amounts, [1, 2]), t.shape)


@dataclass(frozen=True)
class random_color:
    """Change contrast and brightness of each channel at random, independently for each image.

    Values are not clipped, so the network sees colors that are too bright or too dark. What depends on one exact color
    does not survive that; shapes do.

    Args:
        shift: Largest change of brightness, at least 0; images have values in [0, 1]. Default: 0.1.
        contrast: Largest logarithm of the factor of the contrast around 0.5, at least 0. Default: 0.15, which draws
            factors from 0.86 to 1.16.

    Returns:
        A transform of images `[batch, height, width, channels]` that keeps their size.

    Raises:
        ArgumentError: If a number is not finite.
        OutOfRangeError: If a number is negative.

    Example:
        >>> render_vis(model, "mixed4a:7", transforms=[transform.random_color(shift=0.5)])

    Source: `ColorShift` in the code of Ghiasi, Kazemi et al., "What do Vision Transformers Learn? A Visual
    Exploration", 2022.
    """

    shift: float = 0.1
    contrast: float = 0.15

    def __post_init__(self) -> None:
        for name in ("shift", "contrast"):
            finite_number(f"{name} of random_color()", getattr(self, name), 0)

    @property
    def structure(self) -> Hashable:
        """Everything that requires a new compilation when it changes."""
        return "random_color"

    @property
    def numbers(self) -> tuple[float, ...]:
        """Numbers that can change without a new compilation."""
        return (float(self.shift), float(self.contrast))

    def __call__(self, t: Any) -> Any:
        return self.apply(t, self.numbers)

    def apply(self, t: Any, numbers: Sequence[Any]) -> Any:
        """Return the changed images.

        Args:
            t: Images, `[batch, height, width, channels]`.
            numbers: Numbers or tensors that replace `self.numbers`, in the same order.
        """
        shift, contrast = numbers
        batch, _, _, channels = t.shape
        draws = tf.reshape(seeding.uniform_images(batch, 2 * channels) * 2 - 1, [batch, 2, 1, 1, channels])
        return (t - 0.5) * tf.exp(contrast * draws[:, 0]) + 0.5 + shift * draws[:, 1]


__all__ = ["random_color", "random_roll"]
