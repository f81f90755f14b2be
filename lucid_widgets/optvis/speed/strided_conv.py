"""The gradient of a convolution that skips pixels, with respect to its input, as one that skips none.

With stride s, rows and columns of the input fall into s phases each, and the pixels of one phase see the same part of
the filter. That part, flipped, makes their gradient; the parts of all phases are one filter that has a channel for each
phase and channel of the input. Where that has few channels, as images have, oneDNN takes less than half the time, and
TensorFlow's own kernels as long as before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed.hoisting import once

FEW_CHANNELS = 4
"""With 8 channels it gains little or nothing, with 64 it takes twice the time."""


def strided_conv_grad(kernel: Any, grad: Any, stride: int, size: Sequence[int], padding: str) -> Any:
    """Gradient of a convolution with respect to its input.

    Args:
        kernel: `[height, width, channels, filters]`, all known.
        grad: Gradient with respect to its output, `[batch, height, width, filters]`.
        stride: Of rows and columns, at least 2.
        size: Height and width of the input.
        padding: SAME or VALID.

    Returns:
        `[batch, height, width, channels]`, equal to the true gradient but for rounding.
    """
    height, width = (_Axis(pixels, taps, stride, padding) for pixels, taps in zip(size, kernel.shape[:2], strict=True))
    paddings = [[0, 0], height.padding, width.padding, [0, 0]]
    phases = tf.nn.conv2d(grad, once(_filters_of_phases(stride), kernel), 1, paddings)
    pixels = tf.nn.depth_to_space(phases, stride)
    return pixels[:, height.cut : height.cut + height.pixels, width.cut : width.cut + width.pixels]


class _Axis:
    """Rows or columns in groups of one of each phase; the input begins `cut` of them into the first group."""

    def __init__(self, pixels: int, taps: int, stride: int, padding: str) -> None:
        self.pixels = pixels
        outputs = -(-pixels // stride) if padding == "SAME" else (pixels - taps) // stride + 1
        before = max((outputs - 1) * stride + taps - pixels, 0) // 2 if padding == "SAME" else 0
        first, self.cut = divmod(before, stride)
        last = (before + pixels - 1) // stride
        # Group g has its gradient from the outputs g - reach to g.
        reach = -(-taps // stride) - 1
        self.padding = [reach - first, last - (outputs - 1)]


@functools.cache  # one function a stride, since `once` goes by the function
def _filters_of_phases(stride: int) -> Callable[[Any], Any]:
    return functools.partial(_phases, stride)


def _phases(stride: int, kernel: Any) -> Any:
    height, width, channels, filters = kernel.shape
    rows, columns = -(-height // stride), -(-width // stride)
    whole = tf.pad(kernel, [[0, rows * stride - height], [0, columns * stride - width], [0, 0], [0, 0]])
    parts = tf.reverse(tf.reshape(whole, [rows, stride, columns, stride, channels, filters]), [0, 2])
    # In the order in which depth_to_space lays channels out.
    return tf.reshape(tf.transpose(parts, [0, 2, 5, 1, 3, 4]), [rows, columns, filters, stride * stride * channels])


__all__ = ["FEW_CHANNELS", "strided_conv_grad"]
