"""`hold_channels`: some channels of an image at given values, which the optimizer does not change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number


def hold_channels(images: Any, values: Mapping[int, npt.ArrayLike]) -> Any:
    """Return images in which some channels have given values, so that only the others are optimized.

    Transforms move these channels together with the others.

    Args:
        images: What a parameterization returns, `[batch, height, width, channels]`.
        values: By the index of the channel, what it holds: a number, or an array `[height, width]` or `[batch, height,
            width]`, in [0, 1] like the images.

    Returns:
        A float32 tensor of the shape of `images`.

    Raises:
        OutOfRangeError: If there is no such channel.
        ArgumentError: If an array has another size than the images, or values outside [0, 1].

    Example:
        >>> mask = np.zeros((64, 64), np.float32)
        >>> render_vis(model, "mixed4a:152", lambda: param.hold_channels(param.image(64), {2: mask}))

    Source: New.
    """
    batch, height, width, channels = images.shape
    held = {whole_number("channel of hold_channels()", key, 0, channels - 1): value for key, value in values.items()}
    parts = tf.unstack(images, axis=-1)
    for channel, value in held.items():
        array = np.asarray(value, np.float32)
        if array.shape not in ((), (height, width), (batch, height, width)):
            raise ArgumentError(
                f"The values of channel {channel} have the shape {array.shape}.",
                f"Expected a number, or an array of shape {(height, width)}.",
            )
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise ArgumentError(
                f"The values of channel {channel} are from {array.min():g} to {array.max():g}.", "Expected [0, 1]."
            )
        parts[channel] = tf.broadcast_to(tf.constant(array), (batch, height, width))
    return tf.stack(parts, -1)


__all__ = ["hold_channels"]
