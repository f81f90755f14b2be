"""`image`, the parameterization that most people want."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.optvis.param.color import from_valid_rgb, to_valid_rgb
from lucid_widgets.optvis.param.spatial import fft_image, pixel_image, rgb_of_spectrum, trainable_spectrum


def image(
    w: int,
    h: int | None = None,
    batch: int | None = None,
    sd: float | None = None,
    decorrelate: bool = True,
    fft: bool = True,
    alpha: bool = False,
    channels: int | None = None,
    *,
    init_val: npt.ArrayLike | None = None,
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
        init_val: Starts from this image instead of noise: `[height, width, channels]` or `[batch, height, width,
            channels]`, in [0, 1]. Black and white come out a little less than that, since the sigmoid never gets there.

    Returns:
        A float32 tensor `[batch, height, width, channels]` in [0, 1].

    Raises:
        OutOfRangeError: For a size, batch or number of channels below 1.
        ArgumentError: `init_val` has another shape, or values outside [0, 1].

    Example:
        >>> render_vis(model, "mixed4a:152", lambda: param.image(256, batch=2))

    Source: Lucid's `param.image`.
    """
    width = whole_number("An image's width", w, 1)
    height = width if h is None else whole_number("An image's height", h, 1)
    count = 1 if batch is None else whole_number("An image's batch", batch, 1)
    depth = (4 if alpha else 3) if channels is None else whole_number("An image's channels", channels, 1)
    shape = (count, height, width, depth)
    start = None if init_val is None else _before_colour(init_val, shape, decorrelate and channels is None)
    if fft and channels is None and not alpha:  # what most people want, in one piece
        return rgb_of_spectrum(trainable_spectrum(shape, sd, 1, start), shape, decorrelate)
    t = (fft_image if fft else pixel_image)(shape, sd=sd, init_val=start)
    if channels is not None:
        return tf.sigmoid(t)
    if not alpha:
        return to_valid_rgb(t, decorrelate=decorrelate, sigmoid=True)
    rgb = to_valid_rgb(t[..., :3], decorrelate=decorrelate, sigmoid=True)
    return tf.concat([rgb, tf.sigmoid(t[..., 3:])], -1)


def grayscale_image_rgb(*args: Any, **kwargs: Any) -> Any:
    """A trainable grey image, repeated to three channels; arguments as for `image`, without `channels`.

    Source: Lucid's `param.grayscale_image_rgb`.
    """
    return tf.tile(image(*args, **{**kwargs, "channels": 1}), [1, 1, 1, 3])


def _before_colour(init_val: npt.ArrayLike, shape: tuple[int, ...], decorrelate: bool) -> Any:
    value = np.asarray(init_val)
    if value.ndim not in (3, 4) or value.shape[-3:] != shape[1:] or value.shape[:-3] not in ((), (1,), shape[:1]):
        raise ArgumentError(
            f"The image received an init_val of shape {value.shape}.", f"Expected {shape[1:]} or {shape}."
        )
    if value.dtype.kind != "f" or not (value.min() >= 0 and value.max() <= 1):
        raise ArgumentError(
            f"The image received an init_val of type {value.dtype} from {value.min()} to {value.max()}.",
            "Expected floats in [0, 1], such as lucid_widgets.load() returns.",
        )
    t = np.broadcast_to(value, shape)
    return np.concatenate([from_valid_rgb(t[..., :3], decorrelate), from_valid_rgb(t[..., 3:])], -1)
