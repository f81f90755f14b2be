"""How large a part of the image a position of a layer sees: its receptive field, followed through a traced graph.

A window of `k` positions, `d` apart, on something that sees `r` pixels in steps of `j` sees `r + (k - 1) d j`, and its
positions are `j` times its own stride apart. What takes several tensors sees what the largest of them does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Window:
    """What one position sees, `(rows, columns)` in pixels of the image, and how far apart two positions look."""

    size: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)

    def through(self, window: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> Window:
        """What a position behind a convolution or a pool sees."""
        rows, columns = (
            size + (length - 1) * apart * step
            for size, length, apart, step in zip(self.size, window, dilation, self.stride, strict=True)
        )
        return Window((rows, columns), (self.stride[0] * stride[0], self.stride[1] * stride[1]))


class ReceptiveFields:
    """The receptive field of each tensor of a graph.

    Args:
        graph: A graph in which operations stand after their inputs.
        image: The network's input in that graph, channels last.
    """

    def __init__(self, graph: tf.Graph, image: tf.Tensor) -> None:
        # Of the operations that see the image; None for those whose positions see all of it, or nobody knows what.
        self._seen: dict[str, Window | None] = {image.op.name: Window()}
        for op in graph.get_operations():
            inputs = [self._seen[tensor.op.name] for tensor in op.inputs if tensor.op.name in self._seen]
            if inputs and op.name not in self._seen:
                rule = _RULES.get(op.type)
                widest = _widest(inputs)
                self._seen[op.name] = None if widest is None or rule is None else rule(op, widest)

    def size(self, tensor: tf.Tensor) -> int | None:
        """The longer side of what one position sees, in pixels; None where it sees the whole image, or that is unknown.

        Padding counts as image, as is usual: near the edges a position sees less.
        """
        window = self._seen.get(tensor.op.name)
        return None if window is None else max(window.size)


def _widest(windows: list[Window | None]) -> Window | None:
    known = [window for window in windows if window is not None]
    if len(known) < len(windows):
        return None
    rows, columns = (max(window.size[axis] for window in known) for axis in (0, 1))
    row_step, column_step = (max(window.stride[axis] for window in known) for axis in (0, 1))
    return Window((rows, columns), (row_step, column_step))


def _same(op: tf.Operation, window: Window) -> Window:
    return window


def _conv(op: tf.Operation, window: Window) -> Window | None:
    shape = op.inputs[1].shape
    if op.get_attr("data_format") != b"NHWC" or shape.rank != 4 or None in shape[:2]:
        return None
    return window.through((shape[0], shape[1]), _pair(op, "strides"), _pair(op, "dilations"))


def _pool(op: tf.Operation, window: Window) -> Window | None:
    if op.get_attr("data_format") != b"NHWC":
        return None
    return window.through(_pair(op, "ksize"), _pair(op, "strides"))


def _mean(op: tf.Operation, window: Window) -> Window | None:
    """A mean over channels looks nowhere else; one over positions sees all."""
    axes = tf.get_static_value(op.inputs[1])
    rank = op.inputs[0].shape.rank
    if axes is None or rank is None:
        return None
    return window if all(axis % rank == rank - 1 for axis in axes.ravel()) else None


def _joined(op: tf.Operation, window: Window) -> Window | None:
    """Channels side by side see what each does; images or positions side by side are no layer of a network."""
    axis = tf.get_static_value(op.inputs[-1] if op.type == "ConcatV2" else op.inputs[0])
    rank = op.outputs[0].shape.rank
    return window if axis is not None and rank is not None and int(axis) % rank == rank - 1 else None


def _pair(op: tf.Operation, attribute: str) -> tuple[int, int]:
    _, rows, columns, _ = op.get_attr(attribute)
    return rows, columns


_POINTWISE = (
    *("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Softmax", "LogSoftmax"),
    *(
        "BiasAdd",
        "Add",
        "AddV2",
        "AddN",
        "Sub",
        "Mul",
        "RealDiv",
        "DivNoNan",
        "Maximum",
        "Minimum",
        "SquaredDifference",
    ),
    *("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN"),
    *("Identity", "IdentityN", "StopGradient", "Cast", "Neg", "Abs", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Pow"),
    *("Erf", "Erfc", "ClipByValue", "Pad", "PadV2", "MirrorPad"),
)
_RULES: dict[str, Callable[[tf.Operation, Window], Window | None]] = {
    **dict.fromkeys(_POINTWISE, _same),
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _conv),
    **dict.fromkeys(("MaxPool", "AvgPool"), _pool),
    **dict.fromkeys(("Concat", "ConcatV2"), _joined),
    **dict.fromkeys(("Mean", "Sum"), _mean),
}
