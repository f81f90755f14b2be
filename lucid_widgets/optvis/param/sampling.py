"""`bilinearly_sampled_image`: a texture as a renderer shows it on a surface."""

from __future__ import annotations

import warnings
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ArgumentError


def bilinearly_sampled_image(texture: Any, uv: Any) -> Any:
    """A texture sampled at texture coordinates, bilinearly between pixels and repeated beyond its edges.

    The first coordinate runs from left to right and the second from bottom to top, as in OpenGL. Gradients reach the
    texture, so an optimization can paint a surface.

    Args:
        texture: `[height, width, channels]`.
        uv: `[..., 2]`, where 0 and 1 are opposite edges of the texture.

    Returns:
        A tensor `[..., channels]`.

    Raises:
        ArgumentError: If `texture` does not have three dimensions, or the last of `uv` is not 2.

    Source: Lucid's `param.spatial.bilinearly_sampled_image`; OpenGL's GL_REPEAT and GL_LINEAR.
    """
    texture, uv = tf.convert_to_tensor(texture, tf.float32), tf.convert_to_tensor(uv, tf.float32)
    if texture.shape.rank != 3:
        raise ArgumentError(f"The texture has the shape {tuple(texture.shape)}.", "Expected [height, width, channels].")
    if uv.shape[-1:] != (2,):
        raise ArgumentError(f"uv has the shape {tuple(uv.shape)}.", "Expected [..., 2]: two coordinates per sample.")
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


def sample_bilinear(texture: Any, uv: Any) -> Any:
    """Old name of `bilinearly_sampled_image`, with a DeprecationWarning."""
    warnings.warn("sample_bilinear is now bilinearly_sampled_image.", DeprecationWarning, stacklevel=2)
    return bilinearly_sampled_image(texture, uv)


__all__ = ["bilinearly_sampled_image", "sample_bilinear"]
