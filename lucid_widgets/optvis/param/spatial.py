"""Images as pixels or as spatial frequencies, before colour."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.errors import ArgumentError
from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.color import before_sigmoid, to_valid_rgb
from lucid_widgets.optvis.param.lowres import lowres_tensor
from lucid_widgets.optvis.speed.xla import fused

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
        return tf.convert_to_tensor(tf.Variable(_of_shape("pixel_image", init_val, shape), name="pixels"))
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


def spectrum_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of the coefficients of one image of `[batch, height, width, channels]`: real and imaginary parts."""
    _, height, width, channels = shape
    return (2, channels, *rfft2d_freqs(height, width).shape)


def image_of_spectrum(real: Any, imaginary: Any, shape: Sequence[int], decay_power: float) -> Any:
    """The image whose frequencies have these coefficients, scaled down with frequency.

    Args:
        real: `[batch, channels, height, columns]`.
        imaginary: Likewise.
        shape: `[batch, height, width, channels]`.
        decay_power: Energy falls off with frequency to this power.
    """
    _, height, width, _ = shape
    scale = _scale(height, width, decay_power)
    image = tf.signal.irfft2d(
        tf.complex(real * scale, imaginary * scale), fft_length=[height, 2 * (scale.shape[1] - 1)]
    )
    cut = image if image.shape[-1] == width else image[..., :width]
    return tf.transpose(cut, [0, 2, 3, 1])


def fft_image(
    shape: Sequence[int], sd: float | None = None, decay_power: float = 1, *, init_val: npt.ArrayLike | None = None
) -> Any:
    """A trainable image made of spatial frequencies, scaled so that a step changes all of them alike.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise of the coefficients it starts from; 0.01 unless given.
        decay_power: Energy falls off with frequency to this power; 1 as in natural images.
        init_val: Starts from this image of that shape instead of noise.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Raises:
        ArgumentError: Where `init_val` has another shape.

    Source: Lucid's `param.spatial.fft_image`; Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
    """
    return _image_of(trainable_spectrum(shape, sd, decay_power, init_val), tuple(shape), decay_power)


def trainable_spectrum(shape: Sequence[int], sd: float | None, decay_power: float, init_val: Any) -> Any:
    """The coefficients of `fft_image`, a variable `[2, batch, channels, height, columns]`; arguments as there."""
    one = spectrum_shape(_four("fft_image", shape))
    start: Any
    if init_val is None:
        deviation = _DEFAULT_SD if sd is None else sd
        start = seeding.lazily(lambda: seeding.normal_images(shape[0], one, deviation))
    else:
        start = _spectrum_of(_of_shape("fft_image", init_val, shape), decay_power)
    # Real and imaginary parts come first, as in Lucid.
    ordered = (lambda: tf.transpose(start(), [1, 0, 2, 3, 4])) if callable(start) else start.swapaxes(0, 1)
    return tf.ensure_shape(tf.Variable(ordered, name="spectrum", dtype=tf.float32), (2, shape[0], *one[1:]))


def rgb_of_spectrum(spectrum: Any, shape: Sequence[int], decorrelate: bool) -> Any:
    """`to_valid_rgb` of the image with these coefficients, and with a decay of 1."""
    return _rgb_of(spectrum, tuple(shape), decorrelate)


def _rgb_gradient(spectrum: Any, rgb: Any, grad: Any, shape: tuple[int, ...], decorrelate: bool) -> Any:
    # All is linear but the sigmoid, whose slope follows from its value: nothing is computed twice.
    linear = before_sigmoid(_image_of(spectrum, shape, 1), decorrelate)
    return tf.gradients(linear, spectrum, grad * rgb * (1 - rgb))[0]


@fused(backward=_rgb_gradient)
def _rgb_of(spectrum: Any, shape: tuple[int, ...], decorrelate: bool) -> Any:
    return to_valid_rgb(_image_of(spectrum, shape, 1), decorrelate)


@fused
def _image_of(spectrum: Any, shape: tuple[int, ...], decay_power: float) -> Any:
    # Unstacked, not indexed: the gradient of an index is a whole array of zeros with one part filled in.
    real, imaginary = tf.unstack(spectrum)
    return image_of_spectrum(real, imaginary, shape, decay_power)


def laplacian_pyramid_image(
    shape: Sequence[int], n_levels: int = 4, sd: float | None = None, *, init_val: npt.ArrayLike | None = None
) -> Any:
    """A trainable image made of a sum of images, each half as fine as the one before.

    Args:
        shape: `[batch, height, width, channels]`, or without batch.
        n_levels: How many.
        sd: Standard deviation of the Gaussian noise that each starts from; 0.01 unless given.
        init_val: Starts from this image of that shape: the finest holds it, and the others are zero.

    Returns:
        A float32 tensor of that shape, unconstrained.

    Raises:
        ArgumentError: There are more levels than the image can be halved, or `init_val` has another shape.

    Source: Lucid's `param.spatial.laplacian_pyramid_image`.
    """
    *batch, height, width, channels = shape
    if n_levels < 1 or min(height, width) >> (n_levels - 1) < 1:
        raise ArgumentError(
            f"laplacian_pyramid_image received n_levels={n_levels} for {height} x {width} pixels.",
            "Expected one level for each halving that leaves a pixel, at most.",
        )
    sizes = [(*batch, height >> level, width >> level, channels) for level in range(n_levels)]
    if init_val is None:
        return tf.add_n([lowres_tensor(shape, size, sd=sd) for size in sizes])
    starts = [_of_shape("laplacian_pyramid_image", init_val, shape), *(np.zeros(size) for size in sizes[1:])]
    return tf.add_n([lowres_tensor(shape, size, init_val=v) for size, v in zip(sizes, starts, strict=True)])


def bilinearly_sampled_image(texture: Any, uv: Any) -> Any:
    """A texture where it is sampled: linear between pixels, repeated beyond its edges, upside up as OpenGL has it.

    Args:
        texture: `[height, width, channels]`.
        uv: `[..., 2]`: across and up, from 0 to 1.

    Returns:
        `[..., channels]`.

    Source: Lucid's `param.spatial.bilinearly_sampled_image`; OpenGL's GL_REPEAT and GL_LINEAR.
    """
    height, width = tf.unstack(tf.shape(texture)[:2])
    across = uv[..., 0] * tf.cast(width, tf.float32) - 0.5
    down = (1 - uv[..., 1]) * tf.cast(height, tf.float32) - 0.5
    left, top = tf.floor(across), tf.floor(down)

    def pixel(row: Any, column: Any) -> Any:
        row, column = tf.cast(row, tf.int32) % height, tf.cast(column, tf.int32) % width
        return tf.gather_nd(texture, tf.stack([row, column], -1))

    to_right, to_bottom = (across - left)[..., None], (down - top)[..., None]
    upper = pixel(top, left) * (1 - to_right) + pixel(top, left + 1) * to_right
    lower = pixel(top + 1, left) * (1 - to_right) + pixel(top + 1, left + 1) * to_right
    return upper * (1 - to_bottom) + lower * to_bottom


def naive(shape: Sequence[int], sd: float | None = None) -> Any:
    """The old name of `pixel_image`."""
    warnings.warn("param.naive is now param.pixel_image.", DeprecationWarning, stacklevel=2)
    return pixel_image(shape, sd)


def laplacian_pyramid(shape: Sequence[int], n_levels: int = 4, sd: float | None = None) -> Any:
    """The old name of `laplacian_pyramid_image`."""
    warnings.warn("param.laplacian_pyramid is now param.laplacian_pyramid_image.", DeprecationWarning, stacklevel=2)
    return laplacian_pyramid_image(shape, n_levels, sd)


def sample_bilinear(texture: Any, uv: Any) -> Any:
    """The old name of `bilinearly_sampled_image`."""
    warnings.warn("sample_bilinear is now bilinearly_sampled_image.", DeprecationWarning, stacklevel=2)
    return bilinearly_sampled_image(texture, uv)


def _scale(height: int, width: int, decay_power: float) -> Any:
    freqs = rfft2d_freqs(height, width)
    scale = np.sqrt(width * height) / np.maximum(freqs, 1.0 / max(width, height)) ** decay_power
    # The division by 4 is Lucid's: its default standard deviation and learning rate are tuned with it.
    return np.asarray(scale / 4, np.float32)


def _spectrum_of(image: Any, decay_power: float) -> Any:
    """The coefficients that `image_of_spectrum` makes this image of: `[batch, 2, channels, height, columns]`."""
    height, width = image.shape[1:3]
    if width % 2:  # the column that is cut off again
        image = np.concatenate([image, image[:, :, -1:]], 2)
    spectrum = np.fft.rfft2(np.moveaxis(image, -1, 1)) / _scale(height, width, decay_power)
    return np.stack([spectrum.real, spectrum.imag], 1).astype(np.float32)


def _four(owner: str, shape: Sequence[int]) -> Sequence[int]:
    """A shape, or an `ArgumentError` where it is not one of images."""
    sizes = tuple(shape)
    if len(sizes) != 4 or not all(isinstance(size, numbers.Integral) and size > 0 for size in sizes):
        raise ArgumentError(
            f"{owner} received the shape {sizes}.", "Expected (batch, height, width, channels), each from 1 up."
        )
    return sizes


def _of_shape(owner: str, init_val: npt.ArrayLike, shape: Sequence[int]) -> Any:
    value = np.asarray(init_val, np.float32)
    if value.shape != tuple(shape):
        raise ArgumentError(
            f"{owner} received an init_val of shape {value.shape}.",
            f"Expected the image's own shape, {tuple(shape)}.",
        )
    return value
