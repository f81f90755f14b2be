"""`Compute`, the share of a network's multiply-adds that each layer needs, counted on a traced graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

__all__ = ["Compute", "multiply_adds"]

_IMAGE_BIT = 1


class Compute:
    """The multiply-adds of a graph, and each tensor's share of them.

    The operations below each operation are kept as the bits of one integer, so one pass over the graph is enough for
    all layers.

    Args:
        graph: A graph whose operations are listed after their inputs, as in any traced or imported graph.
        image: The network's input in that graph. Operations that do not depend on it are not counted.
    """

    def __init__(self, graph: tf.Graph, image: tf.Tensor) -> None:
        self._below: dict[str, int] = {}
        self._costs: list[int] = []
        for op in graph.get_operations():
            below = _IMAGE_BIT if op is image.op else 0
            for tensor in op.inputs:
                below |= self._below.get(tensor.op.name, 0)
            cost = multiply_adds(op) if below & _IMAGE_BIT else 0
            if cost:
                self._costs.append(cost)
                below |= 1 << len(self._costs)
            self._below[op.name] = below
        self._total = sum(self._costs)
        # float64 holds totals of this size exactly, and NumPy sums them fast.
        self._weights = np.asarray(self._costs, np.float64)

    def sees_image(self, tensor: tf.Tensor) -> bool:
        """Return whether the tensor depends on the image."""
        return bool(self._below.get(tensor.op.name, 0) & _IMAGE_BIT)

    def share(self, tensor: tf.Tensor) -> float:
        """Return the share of all multiply-adds, in [0, 1], that computing the tensor takes; 1 if there are none."""
        if not self._total:
            return 1.0
        below = (self._below[tensor.op.name] >> 1).to_bytes(len(self._costs) // 8 + 1, "little")
        bits = np.unpackbits(np.frombuffer(below, np.uint8), bitorder="little")[: len(self._costs)]
        return float(bits @ self._weights) / self._total


def multiply_adds(op: tf.Operation) -> int:
    """Return the multiply-adds of an operation: 0 if it is not a matrix product. Unknown sizes count as 1."""
    rule = _RULES.get(op.type)
    return rule(op) if rule else 0


def _conv(op: tf.Operation) -> int:
    return _size(op.outputs[0]) * math.prod(_dims(op.inputs[1])[:-1])


def _depthwise(op: tf.Operation) -> int:
    height, width = _dims(op.inputs[1])[:2]
    return _size(op.outputs[0]) * height * width


def _matmul(transposed: str) -> Callable[[tf.Operation], int]:
    def rule(op: tf.Operation) -> int:
        return _size(op.outputs[0]) * _dims(op.inputs[0])[-2 if op.get_attr(transposed) else -1]

    return rule


_RULES: dict[str, Callable[[tf.Operation], int]] = {
    "Conv2D": _conv,
    "Conv3D": _conv,
    "DepthwiseConv2dNative": _depthwise,
    "MatMul": _matmul("transpose_a"),
    "BatchMatMulV2": _matmul("adj_x"),
}


def _dims(tensor: tf.Tensor) -> list[Any]:
    return [1, 1, 1, 1] if tensor.shape.rank is None else [dim or 1 for dim in tensor.shape]


def _size(tensor: tf.Tensor) -> int:
    return math.prod(_dims(tensor))
