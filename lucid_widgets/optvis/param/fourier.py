"""Images and volumes made of spatial frequencies, before they become colors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.color import before_sigmoid, to_valid_rgb
from lucid_widgets.optvis.param.shapes import DEFAULT_SD, image_shape, start_value, volume_shape
from lucid_widgets.optvis.speed.xla import fused


def fft_image(
    shape: Sequence[int], sd: float | None = None, decay_power: float = 1, *, init_val: npt.ArrayLike | None = None
) -> Any:
    """Trainable spatial frequencies: the inverse Fourier transform of trainable coefficients.

    Each coefficient is scaled with the amplitude that its frequency has in natural images, so that one step changes
    coarse and fine structure in natural proportions. This suppresses the high-frequency patterns that pixels grow.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise that the coefficients start from. Default: 0.01.
        decay_power: The amplitude of a frequency is proportional to `1 / frequency ** decay_power`. Default: 1, as in
            natural images.
        init_val: Image of that shape to start from. Default: noise.

    Returns:
        A float32 tensor of that shape, unconstrained. `to_valid_rgb` maps it to colors.

    Raises:
        ArgumentError: If `shape` is not the shape of images, or `init_val` has another shape.

    Example:
        >>> smooth = lambda: param.to_valid_rgb(param.fft_image((1, 128, 128, 3), decay_power=1.5), decorrelate=True)
        >>> render_vis(model, "mixed4a:152", smooth)

    Source: Lucid's `param.spatial.fft_image`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
    `init_val` is new.
    """
    return _image_of(trainable_spectrum(shape, sd, decay_power, init_val), tuple(shape), decay_power)


def rfft2d_freqs(h: int, w: int) -> npt.NDArray[np.float64]:
    """Spatial frequency of each coefficient of a real two-dimensional Fourier transform, in cycles per pixel.

    Args:
        h: Height of the image in pixels.
        w: Width of the image in pixels.

    Returns:
        An array `[h, w // 2 + 1]` for an even width. For an odd width it is `[h, w // 2 + 2]`, for an image with one
        more column, which is cropped afterwards.

    Source: Lucid's `param.spatial.rfft2d_freqs`.
    """
    columns = w // 2 + 1 + w % 2
    # For an odd width the last column is a negative frequency. Only its absolute value matters.
    return np.hypot(np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)[np.arange(columns) % w][None, :])


def spectrum_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Shape of the coefficients of one image, `[2, channels, height, columns]`: real and imaginary parts.

    Args:
        shape: Shape of the images, `[batch, height, width, channels]`.
    """
    _, height, width, channels = shape
    return (2, channels, *rfft2d_freqs(height, width).shape)


def image_of_spectrum(real: Any, imaginary: Any, shape: Sequence[int], decay_power: float) -> Any:
    """Images of coefficients, each scaled with the amplitude of its frequency.

    Args:
        real: Real parts, `[batch, channels, height, columns]`.
        imaginary: Imaginary parts, of the same shape.
        shape: Shape of the images, `[batch, height, width, channels]`.
        decay_power: As for `fft_image`.

    Returns:
        A float32 tensor of that shape.
    """
    _, height, width, _ = shape
    scale = _scale(height, width, decay_power)
    image = tf.signal.irfft2d(
        tf.complex(real * scale, imaginary * scale), fft_length=[height, 2 * (scale.shape[1] - 1)]
    )
    cropped = image if image.shape[-1] == width else image[..., :width]
    return tf.transpose(cropped, [0, 2, 3, 1])


def trainable_spectrum(shape: Sequence[int], sd: float | None, decay_power: float, init_val: Any) -> Any:
    """Trainable coefficients of `fft_image`, `[2, batch, channels, height, columns]`. Arguments as for `fft_image`."""
    one = spectrum_shape(image_shape("fft_image", shape))
    start: Any
    if init_val is None:
        deviation = DEFAULT_SD if sd is None else sd
        start = seeding.lazily(lambda: seeding.normal_images(shape[0], one, deviation))
    else:
        start = _spectrum_of(start_value("fft_image", init_val, shape), decay_power)
    # Real and imaginary parts come first, as in Lucid.
    ordered = (lambda: tf.transpose(start(), [1, 0, 2, 3, 4])) if callable(start) else start.swapaxes(0, 1)
    return tf.ensure_shape(tf.Variable(ordered, name="spectrum", dtype=tf.float32), (2, shape[0], *one[1:]))


def rgb_of_spectrum(spectrum: Any, shape: Sequence[int], decorrelate: bool) -> Any:
    """Images in [0, 1]: `to_valid_rgb` of the images of coefficients, with a `decay_power` of 1.

    It is one function so that XLA compiles the default parameterization as one kernel.

    Args:
        spectrum: Coefficients, `[2, batch, channels, height, columns]`.
        shape: Shape of the images, `[batch, height, width, channels]`.
        decorrelate: As for `to_valid_rgb`.
    """
    return _rgb_of(spectrum, tuple(shape), decorrelate)


def _rgb_gradient(spectrum: Any, rgb: Any, grad: Any, shape: tuple[int, ...], decorrelate: bool) -> Any:
    # Everything is linear except the sigmoid, whose slope follows from its value. So nothing is computed twice.
    linear = before_sigmoid(_image_of(spectrum, shape, 1), decorrelate)
    return tf.compat.v1.gradients(linear, spectrum, grad * rgb * (1 - rgb))[0]


@fused(backward=_rgb_gradient)
def _rgb_of(spectrum: Any, shape: tuple[int, ...], decorrelate: bool) -> Any:
    return to_valid_rgb(_image_of(spectrum, shape, 1), decorrelate)


@fused
def _image_of(spectrum: Any, shape: tuple[int, ...], decay_power: float) -> Any:
    # tf.unstack, because the gradient of an index is a whole array of zeros with one part filled in.
    real, imaginary = tf.unstack(spectrum)
    return image_of_spectrum(real, imaginary, shape, decay_power)


def fft_volume(
    shape: Sequence[int], sd: float | None = None, decay_power: float = 1.5, *, init_val: npt.ArrayLike | None = None
) -> Any:
    """Trainable coefficients of a three-dimensional Fourier transform, as unconstrained voxels.

    As in `fft_image`, each coefficient is scaled by its frequency. With the default `decay_power`, every octave of
    frequencies has the same share in the variance of a volume, as it has in an image with a power of 1.

    Args:
        shape: `[batch, depth, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise that the coefficients start from. Default: 0.01.
        decay_power: The amplitude of a frequency is proportional to `1 / frequency ** decay_power`. Default: 1.5.
        init_val: Volumes of that shape to start from. Default: noise.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Raises:
        ArgumentError: If `shape` is not the shape of volumes, or `init_val` has another shape.

    Example:
        >>> param.fft_volume((1, 16, 32, 32, 1)).shape
        TensorShape([1, 16, 32, 32, 1])

    Source: New.
    """
    batch, depth, height, width, channels = volume_shape("fft_volume", shape)
    columns = width // 2 + 1
    frequencies = np.sqrt(
        np.fft.fftfreq(depth)[:, None, None] ** 2
        + np.fft.fftfreq(height)[:, None] ** 2
        + np.fft.rfftfreq(width)[None] ** 2
    )
    lowest = 1 / max(depth, height, width)
    scale = np.sqrt(depth * height * width) / np.maximum(frequencies, lowest) ** decay_power / 4
    start: Any
    if init_val is None:
        one, deviation = (2, channels, depth, height, columns), DEFAULT_SD if sd is None else sd
        start = seeding.lazily(lambda: seeding.normal_images(batch, one, deviation))
    else:
        values = np.moveaxis(start_value("fft_volume", init_val, shape), -1, 1)
        found = np.fft.rfftn(values, axes=(2, 3, 4)) / scale
        start = np.stack([found.real, found.imag], 1).astype(np.float32)
    spectrum = tf.convert_to_tensor(tf.Variable(start, name="spectrum", dtype=tf.float32))
    real, imaginary = tf.unstack(spectrum * scale.astype(np.float32), axis=1)
    # One axis and then two, because TensorFlow has no gradient of irfft3d.
    along_depth = tf.signal.ifft(tf.transpose(tf.complex(real, imaginary), [0, 1, 3, 4, 2]))
    voxels = tf.signal.irfft2d(tf.transpose(along_depth, [0, 1, 4, 2, 3]), fft_length=[height, width])
    return tf.ensure_shape(tf.transpose(voxels, [0, 2, 3, 4, 1]), tuple(shape))


def _scale(height: int, width: int, decay_power: float) -> Any:
    freqs = rfft2d_freqs(height, width)
    scale = np.sqrt(width * height) / np.maximum(freqs, 1.0 / max(width, height)) ** decay_power
    # Lucid divides by 4. Its default standard deviation and learning rate are tuned for that.
    return np.asarray(scale / 4, np.float32)


def _spectrum_of(image: Any, decay_power: float) -> Any:
    """Coefficients `[batch, 2, channels, height, columns]` of which `image_of_spectrum` makes this image."""
    height, width = image.shape[1:3]
    if width % 2:  # add the column that image_of_spectrum crops
        image = np.concatenate([image, image[:, :, -1:]], 2)
    spectrum = np.fft.rfft2(np.moveaxis(image, -1, 1)) / _scale(height, width, decay_power)
    return np.stack([spectrum.real, spectrum.imag], 1).astype(np.float32)


__all__ = [
    "fft_image",
    "fft_volume",
    "image_of_spectrum",
    "rfft2d_freqs",
    "rgb_of_spectrum",
    "spectrum_shape",
    "trainable_spectrum",
]
