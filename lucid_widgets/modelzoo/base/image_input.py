"""Checks and conversions between images in [0, 1] and what a network expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.modelzoo.base.private_names import is_function_graph

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_MEAN_BGR",
    "InputLayout",
    "as_images",
    "check_value_range",
    "image_placeholder",
    "is_channels_first",
    "to_network_range",
    "upright",
]

IMAGENET_MEAN = np.array([123.68, 116.779, 103.939])
"""Mean of ImageNet's pixels (0 to 255) in the order red, green, blue."""

IMAGENET_MEAN_BGR = np.flip(IMAGENET_MEAN, 0)
"""Mean of ImageNet's pixels (0 to 255) in the order blue, green, red."""


def check_value_range(value_range: Any) -> tuple[Any, Any]:
    """Return `value_range` as the pair `(low, high)`.

    Raises:
        ArgumentError: If it is not a pair of finite numbers, or of sequences with one number per channel.
    """
    try:
        low, high = value_range
        bounds = [np.asarray(bound, np.float32) for bound in (low, high)]
        usable = all(np.all(np.isfinite(bound)) and bound.ndim <= 1 for bound in bounds)
    except (TypeError, ValueError):
        usable = False
    if not usable:
        raise ArgumentError(
            f"image_value_range is {value_range!r}.",
            "Expected a pair (low, high) of finite numbers, or of sequences with one number per channel.",
        )
    if np.any(bounds[0] == bounds[1]):
        raise ArgumentError(
            f"image_value_range is {value_range!r}, which is the same value for black and white.",
            "Expected (low, high) with different values, such as (0, 255).",
        )
    return low, high


def is_channels_first(shape: Sequence[int | None]) -> bool:
    """Whether the three sides of an image that a network declares are `(channels, height, width)`.

    That is so if the first is 1, 3 or 4, the last is none of these, and the first is smaller than the second: features
    of 4 x 4 positions and 512 channels are not.
    """
    if len(shape) != 3:
        return False
    first, second, last = shape
    return first in (1, 3, 4) and last not in (1, 3, 4) and (second is None or second > first)


def upright(shape: Sequence[int | None]) -> tuple[int | None, int | None, int | None]:
    """Return the sides of an image that a network declares as `(height, width, channels)`.

    A network that declares `(height, width)` has one channel.
    """
    if len(shape) == 2:
        return shape[0], shape[1], 1
    first, second, last = shape
    return (second, last, first) if is_channels_first(shape) else (first, second, last)


class InputLayout(NamedTuple):
    """The layout and type in which a network takes images.

    Attributes:
        channels_first: Whether it takes `[batch, channels, height, width]`.
        dtype: The float type.
        without_channels: Whether it takes `[batch, height, width]`.
        signal: Whether it takes signals, `[batch, length, channels]`, which are images of height 1.
        volume: Whether it takes volumes, `[batch, depth, height, width, channels]`.
    """

    channels_first: bool = False
    dtype: tf.DType = tf.float32
    without_channels: bool = False
    signal: bool = False
    volume: bool = False

    @classmethod
    def of(cls, sides: Sequence[int | None], signal: bool) -> InputLayout:
        """Return the layout of a network that declares these sides of an image, a signal or a volume."""
        flat = len(sides) == 2 and not signal
        return cls(is_channels_first(sides), without_channels=flat, signal=signal, volume=len(sides) == 4)

    def image_shape(self, sides: Sequence[int | None]) -> tuple[int | None, int | None, int | None]:
        """Return the sides that a network declares as `(height, width, channels)`, for a volume those of a slice."""
        if self.volume:
            return sides[1], sides[2], sides[3]
        return (1, sides[0], sides[1]) if self.signal else upright(sides)

    def applied(self, image: tf.Tensor) -> tf.Tensor:
        """Return float32 images `[batch, height, width, channels]`, or volumes, in this layout and type."""
        image = tf.transpose(image, (0, 3, 1, 2)) if self.channels_first else image
        image = tf.squeeze(image, -1) if self.without_channels else image
        image = tf.squeeze(image, 1) if self.signal else image
        return image if image.dtype == self.dtype else tf.cast(image, self.dtype)


def image_placeholder(shape: Sequence[int | None]) -> Any:
    """Placeholder for one image `[height, width, channels]` in a graph of TensorFlow 1.

    Raises:
        ArgumentError: If the current graph belongs to a `tf.function`, or there is none.
    """
    if tf.executing_eagerly() or is_function_graph(tf.compat.v1.get_default_graph()):
        raise ArgumentError(
            "No images were given.",
            "Pass t_input; a placeholder is created only in a graph of tensorflow.compat.v1.",
        )
    return tf.compat.v1.placeholder(tf.float32, shape, "input")


def as_images(t_input: Any, channels: int | None, owner: str) -> tf.Tensor:
    """Return float32 images `[batch, height, width, channels]`, adding the batch axis to a single image.

    Args:
        t_input: Images `[batch, height, width, channels]` or one image `[height, width, channels]`, of any float type.
        channels: Expected number of channels; None accepts any.
        owner: The model's name, for error messages.

    Raises:
        ArgumentError: If the shape or the type differs.
    """
    image = tf.convert_to_tensor(t_input)
    if not image.dtype.is_floating:
        raise ArgumentError(
            f"{owner} was given images of type {image.dtype.name}.", "Expected floating point values in [0, 1]."
        )
    if image.shape.rank == 3:
        image = image[tf.newaxis]
    if image.shape.rank != 4 or (channels and image.shape[-1] not in (None, channels)):
        raise ArgumentError(
            f"{owner} was given images of shape {tuple(image.shape)}.",
            f"Expected (batch, height, width, {channels or 'channels'}).{_way_out(image.shape, channels)}",
        )
    return tf.cast(image, tf.float32)


def _way_out(shape: tf.TensorShape, channels: int | None) -> str:
    """Return a hint on how to make images with the network's number of channels; "" if that is not the problem."""
    if shape.rank != 4 or channels is None:
        return ""
    if (shape[-1], channels) == (4, 3):
        return " For an image with alpha, put transform.collapse_alpha_random() first among the transforms."
    return f" Pass param_f=lambda: param.image({shape[2] or 128}, channels={channels})."


def to_network_range(image: tf.Tensor, value_range: tuple[Any, Any], is_BGR: bool) -> tf.Tensor:
    """Scale images in [0, 1] to `value_range`, after reversing the channels if `is_BGR`."""
    if is_BGR:
        image = tf.reverse(image, [-1])
    low, high = (np.asarray(bound, np.float32) for bound in value_range)
    return low + image * (high - low)
