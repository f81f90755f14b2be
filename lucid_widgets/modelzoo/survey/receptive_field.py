"""`ReceptiveFields`, the receptive field of every layer, propagated through a traced graph.

Take a layer whose positions see `r` pixels and are `j` pixels apart. A window of `k` of its positions with dilation `d`
sees `r + (k - 1) d j` pixels, and the windows are `j` times their stride apart. Padding before the first position moves
it by `j` pixels per element towards the edge. An operation with several inputs has the smallest receptive field that
holds all of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import tensorflow as tf

__all__ = ["ReceptiveFields", "Window"]


@dataclass(frozen=True)
class Window:
    """The receptive field of a position.

    Attributes:
        size: Rows and columns, in pixels of the image.
        stride: Distance between the centers of two neighboring positions, likewise.
        start: Center of the first position, in pixels from the top left corner of the image: half a pixel for the image
            itself.
    """

    size: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    start: tuple[float, float] = (0.5, 0.5)

    def through(
        self,
        window: tuple[int, int],
        stride: tuple[int, int],
        dilation: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
    ) -> Window:
        """Return the receptive field after a convolution or a pool, with `padding` above and to the left."""
        widths = [(length - 1) * apart for length, apart in zip(window, dilation, strict=True)]
        rows, columns = (
            size + width * distance for size, width, distance in zip(self.size, widths, self.stride, strict=True)
        )
        return replace(
            self.padded(padding),
            size=(rows, columns),
            stride=(self.stride[0] * stride[0], self.stride[1] * stride[1]),
        ).moved((widths[0] * self.stride[0] / 2, widths[1] * self.stride[1] / 2))

    def padded(self, padding: tuple[int, int]) -> Window:
        """Return the receptive field after padding above and to the left."""
        return self.moved((-padding[0] * self.stride[0], -padding[1] * self.stride[1]))

    def moved(self, by: tuple[float, float]) -> Window:
        """Return the receptive field with its first position elsewhere."""
        return replace(self, start=(self.start[0] + by[0], self.start[1] + by[1]))


class ReceptiveFields:
    """The receptive field of each tensor of a graph.

    Args:
        graph: A graph whose operations are listed after their inputs.
        image: The network's input in that graph, channels last.
    """

    def __init__(self, graph: tf.Graph, image: tf.Tensor) -> None:
        # By operation, for those that depend on the image; None if a position sees all of it, or it is unknown.
        self._seen: dict[str, Window | None] = {image.op.name: Window()}
        for op in graph.get_operations():
            inputs = [self._seen[tensor.op.name] for tensor in op.inputs if tensor.op.name in self._seen]
            if inputs and op.name not in self._seen:
                rule = _RULES.get(op.type)
                widest = _widest(inputs)
                self._seen[op.name] = None if widest is None or rule is None else rule(op, widest)

    def size(self, tensor: tf.Tensor) -> int | None:
        """Return the longer side of a receptive field, in pixels; None if it is the whole image, or unknown.

        By the usual convention padding counts as image, although a position near the edge sees less of it.
        """
        window = self.window(tensor)
        return None if window is None else max(window.size)

    def window(self, tensor: tf.Tensor) -> Window | None:
        """Return the receptive field of a position; None if it is the whole image, or unknown."""
        return self._seen.get(tensor.op.name)


def _widest(windows: list[Window | None]) -> Window | None:
    known = [window for window in windows if window is not None]
    if len(known) < len(windows):
        return None
    top, left = (min(window.start[axis] - window.size[axis] / 2 for window in known) for axis in (0, 1))
    bottom, right = (max(window.start[axis] + window.size[axis] / 2 for window in known) for axis in (0, 1))
    row_stride, column_stride = (max(window.stride[axis] for window in known) for axis in (0, 1))
    size = round(bottom - top), round(right - left)
    return Window(size, (row_stride, column_stride), ((top + bottom) / 2, (left + right) / 2))


def _same(op: tf.Operation, window: Window) -> Window:
    return window


def _conv(op: tf.Operation, window: Window) -> Window | None:
    shape = op.inputs[1].shape
    if op.get_attr("data_format") != b"NHWC" or shape.rank != 4 or None in shape[:2]:
        return None
    kernel, strides, dilations = (int(shape[0]), int(shape[1])), _pair(op, "strides"), _pair(op, "dilations")
    return window.through(kernel, strides, dilations, _padding(op, kernel, strides, dilations))


def _pool(op: tf.Operation, window: Window) -> Window | None:
    if op.get_attr("data_format") != b"NHWC":
        return None
    kernel, strides = _pair(op, "ksize"), _pair(op, "strides")
    return window.through(kernel, strides, padding=_padding(op, kernel, strides))


def _pad(op: tf.Operation, window: Window) -> Window:
    sizes = tf.get_static_value(op.inputs[1])
    return window if sizes is None or len(sizes) != 4 else window.padded((int(sizes[1][0]), int(sizes[2][0])))


def _padding(
    op: tf.Operation, kernel: tuple[int, int], strides: tuple[int, int], dilations: tuple[int, int] = (1, 1)
) -> tuple[int, int]:
    """Return the padding above and to the left of the input of a convolution or a pool."""
    kind = op.get_attr("padding")
    if kind == b"EXPLICIT":
        explicit = op.get_attr("explicit_paddings")
        return int(explicit[2]), int(explicit[4])
    if kind != b"SAME":
        return 0, 0
    found = []
    for size, length, stride, apart in zip(op.inputs[0].shape[1:3], kernel, strides, dilations, strict=True):
        # As if the size were a multiple of the stride, where it is not known.
        rest = stride if size is None or size % stride == 0 else size % stride
        found.append(max(0, (length - 1) * apart + 1 - rest) // 2)
    return found[0], found[1]


def _mean(op: tf.Operation, window: Window) -> Window | None:
    """A reduction over channels keeps the receptive field; one over positions sees the whole image."""
    axes = tf.get_static_value(op.inputs[1])
    rank = op.inputs[0].shape.rank
    if axes is None or rank is None:
        return None
    return window if all(axis % rank == rank - 1 for axis in axes.ravel()) else None


def _joined(op: tf.Operation, window: Window) -> Window | None:
    """Concatenating channels keeps the receptive field. Other axes do not occur between layers, so they are unknown."""
    axis = tf.get_static_value(op.inputs[-1] if op.type == "ConcatV2" else op.inputs[0])
    rank = op.outputs[0].shape.rank
    return window if axis is not None and rank is not None and int(axis) % rank == rank - 1 else None


def _pair(op: tf.Operation, attribute: str) -> tuple[int, int]:
    _, rows, columns, _ = op.get_attr(attribute)
    return rows, columns


_POINTWISE = (
    *("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Softmax", "LogSoftmax"),
    *("BiasAdd", "Add", "AddV2", "AddN", "Sub", "Mul", "RealDiv", "DivNoNan", "Maximum", "Minimum"),
    "SquaredDifference",
    *("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN"),
    *("Identity", "IdentityN", "StopGradient", "Cast", "Neg", "Abs", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Pow"),
    *("Erf", "Erfc", "ClipByValue", "Greater", "GreaterEqual", "Select", "SelectV2"),
    "TopKV2",  # of the last axis, the channels
)
_RULES: dict[str, Callable[[tf.Operation, Window], Window | None]] = {
    **dict.fromkeys(_POINTWISE, _same),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _conv),
    **dict.fromkeys(("MaxPool", "AvgPool"), _pool),
    **dict.fromkeys(("Pad", "PadV2", "MirrorPad"), _pad),
    **dict.fromkeys(("Concat", "ConcatV2"), _joined),
    **dict.fromkeys(("Mean", "Sum", "Max", "Min"), _mean),
}
