"""`image`, the parameterization that most people want."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from lucid_widgets._errors import at_least
from lucid_widgets.optvis.param.color import to_valid_rgb
from lucid_widgets.optvis.param.spatial import fft_image, pixel_image


def image(
    w: int,
    h: int | None = None,
    batch: int | None = None,
    sd: float | None = None,
    decorrelate: bool = True,
    fft: bool = True,
    alpha: bool = False,
    channels: int | None = None,
) -> Any:
    """A trainable image, by default in decorrelated colours and spatial frequencies.

    Args:
        w: Width in pixels.
        h: Height in pixels; the width unless given.
        batch: Number of images; 1 unless given.
        sd: Standard deviation of the noise that it starts from; 0.01 unless given.
        decorrelate: Optimizes colours in a space in which those of natural images are uncorrelated.
        fft: Optimizes spatial frequencies instead of pixels.
        alpha: Adds a fourth channel, opacity.
        channels: Makes that many channels, each in [0, 1], which are not colours.

    Returns:
        A float32 tensor `[batch, height, width, channels]` in [0, 1].

    Raises:
        OutOfRangeError: For a size, batch or number of channels below 1.

    Example:
        >>> render_vis(model, "mixed4a:476", lambda: param.image(256, batch=2))

    Source: Lucid's `param.image`.
    """
    width = at_least("An image's width", w, 1)
    height = width if h is None else at_least("An image's height", h, 1)
    count = 1 if batch is None else at_least("An image's batch", batch, 1)
    depth = (4 if alpha else 3) if channels is None else at_least("An image's channels", channels, 1)
    shape = (count, height, width, depth)
    t = fft_image(shape, sd=sd) if fft else pixel_image(shape, sd=sd)
    if channels is not None:
        return tf.sigmoid(t)
    rgb = to_valid_rgb(t[..., :3], decorrelate=decorrelate, sigmoid=True)
    return tf.concat([rgb, tf.sigmoid(t[..., 3:])], -1) if alpha else rgb


def grayscale_image_rgb(*args: Any, **kwargs: Any) -> Any:
    """A trainable grey image, repeated to three channels; arguments as for `image`, without `channels`.

    Source: Lucid's `param.grayscale_image_rgb`.
    """
    return tf.tile(image(*args, **{**kwargs, "channels": 1}), [1, 1, 1, 3])
