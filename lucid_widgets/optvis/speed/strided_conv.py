"""The input gradient of a convolution that skips pixels, computed by a convolution that skips none.

With stride s, the rows and columns of the input fall into s phases each, and all pixels of one phase see the same part
of the filter. That part, flipped, gives their gradient. The parts of all phases form one filter with an output channel
per phase and input channel. For inputs with few channels, such as images, oneDNN takes less than half the time, and
TensorFlow's own kernels take as long as before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed.hoisting import once

FEW_CHANNELS = 4
"""Most input channels for which this is used. With 8 channels it gains little or nothing; with 64 it doubles the
time."""


def strided_conv_grad(kernel: Any, grad: Any, stride: int, size: Sequence[int], padding: str) -> Any:
    """Return the gradient of a convolution with respect to its input.

    Args:
        kernel: `[height, width, channels, filters]`, all known while tracing.
        grad: Gradient with respect to its output, `[batch, height, width, filters]`.
        stride: Stride of rows and of columns, at least 2.
        size: Height and width of the input.
        padding: "SAME" or "VALID".

    Returns:
        `[batch, height, width, channels]`, up to rounding.
    """
    height, width = (
        _Phases(pixels, taps, stride, padding) for pixels, taps in zip(size, kernel.shape[:2], strict=True)
    )
    paddings = [[0, 0], height.padding, width.padding, [0, 0]]
    phases = tf.nn.conv2d(grad, once(_filters_of_phases(stride), kernel), 1, paddings)
    pixels = tf.nn.depth_to_space(phases, stride)
    return pixels[:, height.cut : height.cut + height.pixels, width.cut : width.cut + width.pixels]


class _Phases:
    """Rows or columns in groups of one per phase. The input begins at position `cut` of the first group."""

    def __init__(self, pixels: int, taps: int, stride: int, padding: str) -> None:
        self.pixels = pixels
        outputs = -(-pixels // stride) if padding == "SAME" else (pixels - taps) // stride + 1
        before = max((outputs - 1) * stride + taps - pixels, 0) // 2 if padding == "SAME" else 0
        first, self.cut = divmod(before, stride)
        last = (before + pixels - 1) // stride
        # The gradient of group g comes from the outputs g - reach to g.
        reach = -(-taps // stride) - 1
        self.padding = [reach - first, last - (outputs - 1)]


@functools.cache  # one function per stride, because `once` keeps results by function
def _filters_of_phases(stride: int) -> Callable[[Any], Any]:
    return functools.partial(_phases, stride)


def _phases(stride: int, kernel: Any) -> Any:
    height, width, channels, filters = kernel.shape
    rows, columns = -(-height // stride), -(-width // stride)
    whole = tf.pad(kernel, [[0, rows * stride - height], [0, columns * stride - width], [0, 0], [0, 0]])
    parts = tf.reverse(tf.reshape(whole, [rows, stride, columns, stride, channels, filters]), [0, 2])
    # The channel order that depth_to_space expects.
    return tf.reshape(tf.transpose(parts, [0, 2, 5, 1, 3, 4]), [rows, columns, filters, stride * stride * channels])


__all__ = ["FEW_CHANNELS", "strided_conv_grad"]
