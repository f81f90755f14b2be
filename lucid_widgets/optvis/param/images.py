"""`image`, the parameterization for most purposes, its gray variant, `volume`, and `hold_channels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet
from lucid_widgets.optvis.param.color import from_valid_rgb, to_valid_rgb
from lucid_widgets.optvis.param.fourier import fft_image, fft_volume, rgb_of_spectrum, trainable_spectrum
from lucid_widgets.optvis.param.pixels import pixel_image
from lucid_widgets.optvis.param.shapes import image_sizes


@suggest_keywords
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
    """A trainable image, by default as spatial frequencies in decorrelated colors.

    Args:
        w: Width in pixels.
        h: Height in pixels. Default: the width.
        batch: Number of images. Default: 1.
        sd: Standard deviation of the Gaussian noise that it starts from. Default: 0.01, an almost uniform gray.
        decorrelate: Optimize colors in a space in which those of natural images are uncorrelated. Default: True.
        fft: Optimize spatial frequencies, as `fft_image` does. Default: True. If False, optimize pixels.
        alpha: Add a fourth channel, the opacity of each pixel. Default: False. Combine it with the transform
            `collapse_alpha_random`.
        channels: Return this many channels, each in [0, 1], instead of colors. Default: None, colors.
        init_val: Image to start from, floats in [0, 1] of shape `[height, width, channels]` or `[batch, height, width,
            channels]`. Default: noise. Values of 0 and 1 start slightly inside the range, because the sigmoid never
            reaches its ends.

    Returns:
        A float32 tensor `[batch, height, width, channels]` in [0, 1].

    Raises:
        ArgumentError: If a size is not a whole number, or `init_val` has another shape or values outside [0, 1].
        OutOfRangeError: If a size, the batch or the number of channels is below 1.

    Example:
        >>> render_vis(model, "mixed4a:152", lambda: param.image(256, batch=2))

    Source: Lucid's `param.image`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017. `init_val` is
    new.
    """
    count, height, width = image_sizes("image", w, h, batch)
    depth = (4 if alpha else 3) if channels is None else whole_number("channels of image()", channels, 1)
    shape = (count, height, width, depth)
    start = None if init_val is None else _before_color(init_val, shape, decorrelate and channels is None)
    if fft and channels is None and not alpha:  # the default, as a single kernel
        return rgb_of_spectrum(trainable_spectrum(shape, sd, 1, start), shape, decorrelate)
    t = (fft_image if fft else pixel_image)(shape, sd=sd, init_val=start)
    if channels is not None:
        return tf.sigmoid(t)
    if not alpha:
        return to_valid_rgb(t, decorrelate=decorrelate, sigmoid=True)
    rgb = to_valid_rgb(t[..., :3], decorrelate=decorrelate, sigmoid=True)
    return tf.concat([rgb, tf.sigmoid(t[..., 3:])], -1)


def grayscale_image_rgb(*args: Any, **kwargs: Any) -> Any:
    """A trainable gray image as RGB: one channel, repeated three times.

    Args:
        *args: As for `image`.
        **kwargs: As for `image`, except that `channels` has no effect.

    Returns:
        A float32 tensor `[batch, height, width, 3]` in [0, 1].

    Example:
        >>> render_vis(model, "mixed4a:152", lambda: param.grayscale_image_rgb(128))

    Source: Lucid's `param.grayscale_image_rgb`.
    """
    return tf.tile(image(*args, **{**kwargs, "channels": 1}), [1, 1, 1, 3])


@suggest_keywords
def volume(
    depth: int,
    w: int,
    h: int | None = None,
    batch: int | None = None,
    sd: float | None = None,
    decorrelate: bool = True,
    fft: bool = True,
    channels: int | None = None,
    *,
    init_val: npt.ArrayLike | None = None,
) -> Any:
    """A trainable volume, by default as frequencies along its three axes, for networks with a depth axis.

    A video is a volume, too: its frames are the slices.

    Args:
        depth: Number of slices.
        w: Width of a slice in voxels.
        h: Height of a slice in voxels. Default: the width.
        batch: Number of volumes. Default: 1.
        sd: Standard deviation of the Gaussian noise that it starts from. Default: 0.01, an almost uniform gray.
        decorrelate: Optimize colors in a space in which those of natural images are uncorrelated. Default: True.
        fft: Optimize frequencies, as `fft_volume` does. Default: True. If False, optimize voxels.
        channels: Return this many channels, each in [0, 1], instead of colors. Default: None, colors.
        init_val: Volume to start from, floats in [0, 1] of shape `[depth, height, width, channels]` or `[batch, depth,
            height, width, channels]`. Default: noise.

    Returns:
        The volumes as sheets of slices: a float32 tensor `[batch, height, width, channels]` in [0, 1], whose size is
        `VolumeSheet(depth, h, w).sides`.

    Raises:
        ArgumentError: If a size is not a whole number, or `init_val` has another shape or values outside [0, 1].
        OutOfRangeError: If a size, the batch or the number of channels is below 1.

    Example:
        >>> param.volume(16, 32, batch=2).shape
        TensorShape([2, 131, 131, 3])

    Source: New. The frequencies are those of `image`, along one axis more.
    """
    count, height, width = image_sizes("volume", w, h, batch)
    depth = whole_number("depth of volume()", depth, 1)
    colors = 3 if channels is None else whole_number("channels of volume()", channels, 1)
    shape = (count, depth, height, width, colors)
    start = None if init_val is None else _before_color(init_val, shape, decorrelate and channels is None)
    t = (fft_volume if fft else pixel_image)(shape, sd=sd, init_val=start)
    return VolumeSheet(depth, height, width).sheets(to_valid_rgb(t, decorrelate=decorrelate and channels is None))


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


def _before_color(init_val: npt.ArrayLike, shape: tuple[int, ...], decorrelate: bool) -> Any:
    value, axes = np.asarray(init_val), len(shape) - 1
    fits = value.shape[-axes:] == shape[1:] and value.shape[:-axes] in ((), (1,), shape[:1])
    if not fits:
        raise ArgumentError(f"The init_val of the image has shape {value.shape}.", f"Expected {shape[1:]} or {shape}.")
    if value.dtype.kind != "f" or not (value.min() >= 0 and value.max() <= 1):
        raise ArgumentError(
            f"The init_val of the image is of type {value.dtype}, from {value.min()} to {value.max()}.",
            "Expected floats in [0, 1], such as lucid_widgets.load() returns.",
        )
    t = np.broadcast_to(value, shape)
    return np.concatenate([from_valid_rgb(t[..., :3], decorrelate), from_valid_rgb(t[..., 3:])], -1)


__all__ = ["grayscale_image_rgb", "hold_channels", "image", "volume"]
