"""Image operations that compose a scene: warping, compositing, backgrounds, and the effects of a camera."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.training.seeded_draws import SeededDraws

__all__ = ["gradient", "noise", "over", "photograph", "sharp_and_soft", "warp"]


def sharp_and_soft(pixels: np.ndarray) -> tf.Tensor:
    """Stack images `[count, side, side, channels]` and blurred copies, which avoid aliasing when they are shrunk."""
    sharp = tf.cast(pixels, tf.float32)
    soft = tf.nn.avg_pool2d(sharp, 3, 1, "SAME")
    # Stored as bytes and converted after the gather, because the stack is large.
    return tf.cast(tf.round(tf.stack([sharp, soft])), tf.uint8)


def over(below: tf.Tensor, sprite: tf.Tensor) -> tf.Tensor:
    """Composite a sprite, whose colors are premultiplied by its alpha, over an image."""
    return below * (1 - sprite[..., 3:]) + sprite[..., :3]


def warp(
    bank: tf.Tensor,
    index: tf.Tensor,
    size: int,
    zoom: tf.Tensor,
    turn: tf.Tensor,
    offset: tf.Tensor,
    draw: SeededDraws,
    fill: str = "CONSTANT",
) -> tf.Tensor:
    """Apply an affine map to each of several images, with one interpolation.

    Args:
        bank: uint8 `[2, number, side, side, channels]`, from `sharp_and_soft`.
        index: Index of each image in the bank, `[count]`.
        size: Side of the result, in pixels.
        zoom: Source pixels per pixel of the result, `[count]`. Above 1.5 the soft image is used.
        turn: Rotation in radians, `[count]`.
        offset: Offset from the center of the source, as a fraction of the source's side, `[count, 2]`.
        draw: Source of randomness, for a random stretch of up to 10 % per axis.
        fill: Pixels outside the source: `"CONSTANT"` for 0, `"REFLECT"` for its mirror image.

    Returns:
        float32 `[count, size, size, channels]` in [0, 1].
    """
    side = bank.shape[2]
    source = tf.gather_nd(bank, tf.stack([tf.cast(zoom > 1.5, tf.int32), index], -1))
    stretch = 1 + draw.uniform((zoom.shape[0], 2), -0.1, 0.1)
    cos, sin = tf.cos(turn) * zoom, tf.sin(turn) * zoom
    a, b, d, e = cos * stretch[:, 0], -sin * stretch[:, 1], sin * stretch[:, 0], cos * stretch[:, 1]
    middle = (size - 1) / 2
    center = (side - 1) / 2 + offset * side
    c, f = center[:, 0] - (a + b) * middle, center[:, 1] - (d + e) * middle
    zero = tf.zeros_like(a)
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=source,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], -1),
        output_shape=[size, size],
        interpolation="BILINEAR",
        fill_mode=fill,
        fill_value=0.0,
    )
    return tf.cast(warped, tf.float32) / 255


def noise(count: int, size: int, draw: SeededDraws) -> tf.Tensor:
    """Return color noise of random strength and mean, with a spectrum of 1 / frequency ** e, e from 0.6 to 2."""
    half = size // 2 + 1
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency = np.maximum(frequency, 1 / size).astype(np.float32)
    amplitude = tf.exp(-draw.uniform((count, 1, 1, 1), 0.6, 2.0) * tf.math.log(frequency))
    parts = draw.normal((2, count, 3, size, half))
    field = tf.signal.irfft2d(tf.complex(parts[0], parts[1]) * tf.cast(amplitude, tf.complex64), [size, size])
    field = tf.transpose(field, [0, 2, 3, 1])
    field /= tf.math.reduce_std(field, [1, 2, 3], keepdims=True) + 1e-6
    gray = draw.uniform((count, 1, 1, 1), 0, 1)
    field = gray * tf.reduce_mean(field, -1, keepdims=True) + (1 - gray) * field
    return draw.uniform((count, 1, 1, 3), 0.1, 0.9) + draw.uniform((count, 1, 1, 1), 0.02, 0.3) * field


def gradient(count: int, size: int, draw: SeededDraws) -> tf.Tensor:
    """Return linear gradients between two random colors, in random directions."""
    positions = tf.linspace(-0.5, 0.5, size)
    angle = draw.uniform((count, 1, 1, 1), 0, 2 * math.pi)
    ramp = 0.5 + tf.cos(angle) * positions[None, None, :, None] + tf.sin(angle) * positions[None, :, None, None]
    first, last = draw.uniform((count, 1, 1, 3), 0, 1), draw.uniform((count, 1, 1, 3), 0, 1)
    return first + ramp * (last - first)


def photograph(images: tf.Tensor, draw: SeededDraws) -> tf.Tensor:
    """Vary brightness, contrast, saturation and noise, as a camera does."""
    count = images.shape[0]
    each = (count, 1, 1, 1)
    gray = tf.reduce_mean(images, -1, keepdims=True)
    images = gray + draw.uniform(each, 0.65, 1.3) * (images - gray)
    images = 0.5 + draw.uniform(each, 0.65, 1.25) * (images - 0.5) + draw.uniform(each, -0.12, 0.12)
    noise = draw.normal(tuple(images.shape)) * draw.uniform(each, 0, 0.06)
    return tf.clip_by_value(images + noise, 0, 1)
