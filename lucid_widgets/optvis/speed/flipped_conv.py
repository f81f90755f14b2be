"""The gradient of a convolution with respect to its input, computed by a forward convolution.

With stride 1, that gradient is the convolution of the output's gradient with the filter flipped in space and transposed
in channels: the same sum in another order. On a CPU, the forward kernel is faster than TensorFlow's gradient kernel.
`strided_conv` does the same for convolutions that skip pixels of images.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from lucid_widgets.optvis.speed.hoisting import once
from lucid_widgets.optvis.speed.strided_conv import FEW_CHANNELS, strided_conv_grad


def flipped_conv_grad(op: Any, grad: Any) -> tuple[Any, Any]:
    """Return the gradients of a `Conv2D` operation, for `gradient_override_map`.

    Args:
        op: The operation. A forward convolution is used with stride 1, padding SAME, an odd filter size and channels
            last, and with larger strides on images of known size. In all other cases TensorFlow's own gradient is used.
        grad: Gradient with respect to its output.

    Returns:
        Gradients with respect to its input and its filter, up to rounding.
    """
    image, kernel = op.inputs
    attributes = {name: op.get_attr(name) for name in ("strides", "dilations", "explicit_paddings", "use_cudnn_on_gpu")}
    padding, data_format = op.get_attr("padding").decode(), op.get_attr("data_format").decode()
    to_kernel = tf.raw_ops.Conv2DBackpropFilter(
        input=image,
        filter_sizes=tf.shape(kernel),
        out_backprop=grad,
        padding=padding,
        data_format=data_format,
        **attributes,
    )
    if _is_plain(op, image, kernel, padding, data_format):
        return tf.nn.conv2d(grad, once(_flipped, kernel), 1, "SAME"), to_kernel
    if _skips_pixels_of_images(op, image, kernel, padding, data_format):
        stride, size = attributes["strides"][1], image.shape[1:3]
        return strided_conv_grad(kernel, grad, stride, size, padding), to_kernel
    to_image = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.shape(image),
        filter=kernel,
        out_backprop=grad,
        padding=padding,
        data_format=data_format,
        **attributes,
    )
    return to_image, to_kernel


def _flipped(kernel: Any) -> Any:
    return tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2])


def _is_plain(op: Any, image: Any, kernel: Any, padding: str, data_format: str) -> bool:
    height, width, channels, _ = kernel.shape
    odd = None not in (height, width) and height % 2 == 1 and width % 2 == 1
    ones = all(step == 1 for name in ("strides", "dilations") for step in op.get_attr(name))
    return odd and ones and padding == "SAME" and data_format == "NHWC" and channels == image.shape[-1]


def _skips_pixels_of_images(op: Any, image: Any, kernel: Any, padding: str, data_format: str) -> bool:
    _, *strides, _ = op.get_attr("strides")
    known = kernel.shape.is_fully_defined() and image.shape[1:].is_fully_defined()
    dense = all(step == 1 for step in op.get_attr("dilations")) and kernel.shape[2] == image.shape[-1] <= FEW_CHANNELS
    even = strides[0] == strides[1] > 1 and padding in ("SAME", "VALID") and data_format == "NHWC"
    return known and dense and even


__all__ = ["flipped_conv_grad"]
