"""`pixel_image`: one trainable number for each channel of each pixel."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
import tensorflow as tf

from lucid_widgets.optvis import seeding
from lucid_widgets.optvis.param.shapes import DEFAULT_SD, start_value


def pixel_image(shape: Sequence[int], sd: float | None = None, init_val: npt.ArrayLike | None = None) -> Any:
    """Trainable pixels: a tensor of independent numbers.

    Optimizing pixels favors high frequencies. `fft_image` gives cleaner images; pixels keep more of an `init_val`.

    Args:
        shape: `[batch, height, width, channels]`.
        sd: Standard deviation of the Gaussian noise that it starts from. Default: 0.01.
        init_val: Array of that shape to start from. Default: noise.

    Returns:
        A float32 tensor of that shape, unconstrained. `to_valid_rgb` maps it to colors.

    Raises:
        ArgumentError: If `init_val` has another shape.

    Example:
        >>> pixels = lambda: param.to_valid_rgb(param.pixel_image((1, 128, 128, 3)), decorrelate=True)
        >>> render_vis(model, "mixed4a:152", pixels)

    Source: Lucid's `param.spatial.pixel_image`, in which `init_val` and `sd=0` did not work.
    """
    batch, *rest = shape
    if init_val is not None:
        return tf.convert_to_tensor(tf.Variable(start_value("pixel_image", init_val, shape), name="pixels"))
    noise = seeding.lazily(lambda: seeding.normal_images(batch, rest, DEFAULT_SD if sd is None else sd))
    return tf.convert_to_tensor(tf.Variable(noise, name="pixels", dtype=tf.float32))


def naive(shape: Sequence[int], sd: float | None = None) -> Any:
    """Old name of `pixel_image`, with a DeprecationWarning."""
    warnings.warn("param.naive is now param.pixel_image.", DeprecationWarning, stacklevel=2)
    return pixel_image(shape, sd)


__all__ = ["naive", "pixel_image"]
