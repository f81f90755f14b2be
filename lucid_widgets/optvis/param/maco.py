"""`maco`: images whose amplitudes are those of natural images, so that only the phases are optimized."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.color import from_valid_rgb, to_valid_rgb
from lucid_widgets.optvis.param.fourier import rfft2d_freqs
from lucid_widgets.optvis.param.shapes import image_sizes

_COLORS = 3
_TINY = 1e-5

GRADIENT_SUM = "gradient_sum"
"""Name of variables to which the engine adds their gradient in each step, in place of optimizing them."""

_OPAQUE_FROM = 0.8

# Fitted to the amplitudes that Fel et al. publish: between 0.004 and 0.45 cycles per pixel, a third off at most.
_DECAY, _ROLL_OFF = 1.3, 0.3


@suggest_keywords
def maco(
    w: int,
    h: int | None = None,
    batch: int | None = None,
    *,
    spectrum: npt.ArrayLike | None = None,
    alpha: bool = False,
) -> Any:
    """A trainable image whose spatial frequencies keep the amplitudes of natural images. Only phases are optimized.

    No frequency can grow, so the image cannot fill up with the patterns to which networks respond more than to any
    photograph. That matters most for large images and for networks in which `image` gives noise.

    Args:
        w: Width in pixels.
        h: Height in pixels. Default: the width.
        batch: Number of images. Default: 1. Each is standardized on its own, so it does not depend on the others.
        spectrum: Amplitudes for one side of the spectrum, `[rows, rows // 2 + 1]` or, for each decorrelated color,
            `[3, rows, rows // 2 + 1]`, such as `spectrum_from(images)` returns. They are resized to the image. Their
            scale has no effect. Default: `natural_spectrum`.
        alpha: Add a fourth channel: the sum of the absolute gradients at each pixel, over all steps so far. The fifth
            with the largest sums is opaque, and the others are transparent in proportion. It shows where the objective
            looks; it is not optimized, so the transforms begin with `ignore_alpha`. Default: False.

    Returns:
        A float32 tensor `[batch, height, width, 3]` in [0, 1], or `[batch, height, width, 4]` with alpha. Before the
        sigmoid, each coefficient of the Fourier transform of the colors has exactly the amplitude of the spectrum, up
        to one factor per image. Only the mean color is free, up to that amplitude.

    Raises:
        ArgumentError: If a size is not a whole number, or the spectrum has another shape, negative numbers, or nothing
            but zeros.
        OutOfRangeError: If a size or the batch is below 1.

    Example:
        >>> render_vis(
        ...     model,
        ...     "mixed4a:152",
        ...     lambda: param.maco(256),
        ...     keras.optimizers.Nadam(1.0),
        ...     transforms=[transform.random_crops()],
        ... )

    Source: Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization",
    NeurIPS 2023. There, columns 0 and w / 2 lose amplitude, because their phases do not belong to a real image.
    """
    count, height, width = image_sizes("maco", w, h, batch)
    columns = rfft2d_freqs(height, width).shape[1]
    amplitudes = natural_spectrum(height, width) if spectrum is None else resized_spectrum(spectrum, height, columns)
    # To a variance of about 1, so that the small number that `_standardized` adds makes no difference.
    amplitudes *= np.float32(height * width / np.linalg.norm(amplitudes.astype(np.float64)))
    shape = (_COLORS, height, columns)
    start = seeding.lazily(lambda: seeding.normal_images(count, shape, 1.0))
    phases = tf.ensure_shape(tf.Variable(start, name="phases", dtype=tf.float32), (count, *shape))
    image = image_of_phases(_standardized(phases), amplitudes)[..., :width]
    rgb = to_valid_rgb(tf.transpose(_standardized(image), [0, 2, 3, 1]), decorrelate=True)
    if not alpha:
        return rgb
    rgb, total = sum_of_gradients(rgb)
    return tf.concat([rgb, alpha_of_gradients(total)], -1)


def natural_spectrum(height: int, width: int) -> npt.NDArray[np.float32]:
    """Amplitudes of natural images, by a formula: `frequency ** -1.3 * exp(-(frequency / 0.3) ** 2)`.

    Args:
        height: Height of the image in pixels.
        width: Width of the image in pixels.

    Returns:
        An array `[height, columns]`, whose columns are those of `rfft2d_freqs`. The mean has the amplitude of the
        lowest frequency.

    Source: New. It approximates the spectrum of ImageNet that Fel et al. publish as a file.
    """
    frequencies = np.maximum(rfft2d_freqs(height, width), 1.0 / max(height, width))
    amplitudes = frequencies**-_DECAY * np.exp(-((frequencies / _ROLL_OFF) ** 2))
    return np.asarray(amplitudes / amplitudes.max(), np.float32)


def spectrum_from(images: Iterable[npt.ArrayLike]) -> npt.NDArray[np.float32]:
    """The mean amplitudes of one's own images, for `maco(spectrum=)`.

    Args:
        images: Images of one size: floats in [0, 1] or uint8, `[height, width, 3]` each, or batches of them.

    Returns:
        An array `[3, height, width // 2 + 1]`, for decorrelated colors.

    Raises:
        ArgumentError: If there is no image, or they are of several sizes or without three channels.

    Example:
        >>> images = models.emoji_images()
        >>> spectrum = param.spectrum_from(images.image(index, (64, 64)) for index in range(64))
        >>> render_vis(model, "mixed4a:152", lambda: param.maco(128, spectrum=spectrum))

    Source: Fel et al., NeurIPS 2023, for other data sets than ImageNet.
    """
    total: Any = None
    count = 0
    for each in images:
        array = np.asarray(each)
        scaled = array.astype(np.float64) / (255 if array.dtype == np.uint8 else 1)
        batch = scaled.reshape((-1, *scaled.shape[-3:]))
        if scaled.ndim not in (3, 4) or batch.shape[-1] != _COLORS or batch.min() < 0 or batch.max() > 1:
            raise ArgumentError(
                f"spectrum_from received an array of shape {array.shape} and type {array.dtype}.",
                "Expected images [height, width, 3], floats in [0, 1] or uint8.",
            )
        amplitudes = np.abs(np.fft.rfft2(np.moveaxis(from_valid_rgb(batch, decorrelate=True), -1, 1))).sum(0)
        if total is not None and amplitudes.shape != total.shape:
            raise ArgumentError(
                f"spectrum_from received images of {array.shape[-3]} x {array.shape[-2]} pixels among others.",
                "Expected images of one size.",
            )
        total = amplitudes if total is None else total + amplitudes
        count += len(batch)
    if total is None:
        raise ArgumentError("spectrum_from received no image.", "Expected at least one.")
    return np.asarray(total / count, np.float32)


def image_of_phases(phases: Any, amplitudes: Any) -> Any:
    """Return real images with these phases and exactly these amplitudes.

    A real image has opposite phases at opposite frequencies. In the first and the last column both are coefficients of
    their own, so one half of the column determines the other, and coefficients that are their own opposites are real.

    Args:
        phases: `[batch, channels, height, columns]` in radians.
        amplitudes: `[height, columns]` or `[channels, height, columns]`. In the outer columns, opposite frequencies
            must have the same.

    Returns:
        A float32 tensor `[batch, channels, height, 2 * (columns - 1)]`. The mean is the amplitude of frequency 0 times
        the cosine of its phase.
    """
    height, columns = phases.shape[-2:]
    rows = np.arange(height)
    opposite = -rows % height
    sign = np.sign(opposite - rows).astype(np.float32)[:, None]
    # Rows of the upper half as they are, those of the lower half by their opposites, with the opposite sign.
    edge = tf.gather(phases, np.minimum(rows, opposite), axis=-2) * sign
    is_edge = np.isin(np.arange(columns), (0, columns - 1))
    consistent = tf.where(is_edge, edge, phases)
    is_mean = np.zeros((height, columns), bool)
    is_mean[0, 0] = True
    real = amplitudes * tf.cos(tf.where(is_mean, phases, consistent))
    return tf.signal.irfft2d(
        tf.complex(real, amplitudes * tf.sin(consistent)), fft_length=[height, max(1, 2 * (columns - 1))]
    )


def sum_of_gradients(images: Any) -> tuple[Any, Any]:
    """Return images as they are, and the sum of the absolute gradients that reached them in all steps so far.

    Use the returned images from here on. Gradients that bypass them are not counted.

    Args:
        images: `[batch, height, width, channels]`.

    Returns:
        The images, and a float32 tensor `[batch, height, width]`: the mean over the channels. It is 0 in the first
        step.
    """
    total = tf.ensure_shape(
        tf.Variable(tf.zeros(images.shape[:3]), name=GRADIENT_SUM, dtype=tf.float32), images.shape[:3]
    )

    @tf.custom_gradient
    def watched(images: Any, total: Any) -> Any:
        def gradient(grad: Any) -> Any:
            return grad, tf.reduce_mean(tf.abs(grad), -1)

        return tf.identity(images), gradient

    return watched(images, total), tf.stop_gradient(total)


def alpha_of_gradients(total: Any) -> Any:
    """Return opacity `[batch, height, width, 1]` from `sum_of_gradients`: 1 for the top fifth of each image's pixels.

    The others are as opaque as their share of the smallest value among that fifth. An image without any gradient so far
    is opaque.
    """
    batch, height, width = total.shape
    ordered = tf.sort(tf.reshape(total, [batch, height * width]), axis=1)
    limit = ordered[:, int(_OPAQUE_FROM * (height * width - 1)), None, None]
    shares = tf.where(limit > 0, tf.math.divide_no_nan(total, limit), 1.0)
    return tf.minimum(shares, 1.0)[..., None]


def _standardized(t: Any) -> Any:
    """Return each image of a batch with mean 0 and standard deviation 1."""
    mean, variance = tf.nn.moments(t, [1, 2, 3], keepdims=True)
    return (t - mean) / (tf.sqrt(variance) + _TINY)


def resized_spectrum(spectrum: npt.ArrayLike, height: int, columns: int) -> Any:
    """Return checked amplitudes, resized to `[1 or 3, height, columns]`. Arguments and errors as for `maco`."""
    given = np.asarray(spectrum, np.float32)
    stack = given[None] if given.ndim == 2 else given
    if given.ndim not in (2, 3) or len(stack) not in (1, _COLORS) or 0 in given.shape:
        raise ArgumentError(
            f"The spectrum of maco() has shape {given.shape}.",
            "Expected [rows, columns] or [3, rows, columns], such as param.spectrum_from(images) returns.",
        )
    if not np.isfinite(given).all() or given.min() < 0 or not given[..., 1:].any():
        raise ArgumentError(
            "The spectrum of maco() has negative numbers, NaN, or nothing but zeros.", "Expected amplitudes."
        )
    if stack.shape[1:] == (height, columns):
        return _symmetric(stack)
    # Frequencies in ascending order, because the rows of a Fourier transform end with the negative ones.
    ordered = [Image.fromarray(each) for each in np.fft.fftshift(stack, 1)]
    resized = np.stack([np.asarray(each.resize((columns, height), Image.Resampling.BILINEAR)) for each in ordered])
    return _symmetric(np.fft.ifftshift(resized, 1))


def _symmetric(stack: Any) -> Any:
    """Return amplitudes that a real image can have: in the outer columns, opposite frequencies have the same."""
    stack = stack.copy()
    edges = stack[..., [0, -1]]
    stack[..., [0, -1]] = (edges + edges[:, -np.arange(edges.shape[1])]) / 2
    return stack


__all__ = [
    "GRADIENT_SUM",
    "alpha_of_gradients",
    "image_of_phases",
    "maco",
    "natural_spectrum",
    "resized_spectrum",
    "spectrum_from",
    "sum_of_gradients",
]
