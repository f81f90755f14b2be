"""Images as pixels or as spatial frequencies, before colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets._errors import ArgumentError
from lucid_widgets.optvis import seeding

_DEFAULT_SD = 0.01


def pixel_image(shape: Sequence[int], sd: float | None = None, init_val: npt.ArrayLike | None = None) -> Any:
    """A trainable image made of independent pixels.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise that it starts from; 0.01 unless given.
        init_val: Starts from this array of that shape instead of noise.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Raises:
        ArgumentError: Where `init_val` has another shape.

    Source: Lucid's `param.spatial.pixel_image`.
    """
    batch, *rest = shape
    if init_val is not None:
        value = np.asarray(init_val, np.float32)
        if value.shape != tuple(shape):
            raise ArgumentError(
                f"pixel_image received an init_val of shape {value.shape}.",
                f"Expected the image's own shape, {tuple(shape)}.",
            )
        return tf.convert_to_tensor(tf.Variable(value, name="pixels"))
    noise = seeding.lazily(lambda: seeding.normal_images(batch, rest, _DEFAULT_SD if sd is None else sd))
    return tf.convert_to_tensor(tf.Variable(noise, name="pixels", dtype=tf.float32))


def rfft2d_freqs(h: int, w: int) -> npt.NDArray[np.float64]:
    """Spatial frequency, in cycles per pixel, of each coefficient of a real 2-D Fourier transform.

    Args:
        h: Height of the image in pixels.
        w: Width of the image in pixels.

    Returns:
        `[h, w // 2 + 1]` for an even width, `[h, w // 2 + 2]` for an odd one (whose last column of pixels is then cut).

    Source: Lucid's `param.spatial.rfft2d_freqs`.
    """
    columns = w // 2 + 1 + w % 2
    # For an odd width the last column kept is a negative frequency; only the modulus is used.
    return np.hypot(np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)[np.arange(columns) % w][None, :])


def fft_image(shape: Sequence[int], sd: float | None = None, decay_power: float = 1) -> Any:
    """A trainable image made of spatial frequencies, scaled so that a step changes all of them alike.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise of the coefficients it starts from; 0.01 unless given.
        decay_power: Energy falls off with frequency to this power; 1 as in natural images.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Source: Lucid's `param.spatial.fft_image`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
    """
    batch, height, width, channels = shape
    freqs = rfft2d_freqs(height, width)
    columns = freqs.shape[1]
    spectrum = (channels, height, columns)
    noise = seeding.lazily(
        lambda: tf.transpose(
            seeding.normal_images(batch, (2, *spectrum), _DEFAULT_SD if sd is None else sd), [1, 0, 2, 3, 4]
        )
    )
    coefficients = tf.ensure_shape(tf.Variable(noise, name="spectrum", dtype=tf.float32), (2, batch, *spectrum))
    scale = np.sqrt(width * height) / np.maximum(freqs, 1.0 / max(width, height)) ** decay_power
    # The division by 4 is Lucid's: its default standard deviation and learning rate are tuned with it.
    real, imaginary = tf.unstack(coefficients * np.asarray(scale / 4, np.float32))
    image = tf.signal.irfft2d(tf.complex(real, imaginary), fft_length=[height, 2 * (columns - 1)])
    return tf.transpose(image[..., :width], [0, 2, 3, 1])
