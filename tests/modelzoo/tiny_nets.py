"""Networks small enough to compute by hand.

On an image whose pixels are all `PIXEL`, with the value range (0, 4), the network sees 1, 2, 4. Then
`left_conv` is 5, 2; `left_pre_relu` -1, 3; `left` 0, 3; `right` 7; `both` 0, 3, 7; and behind the pool over 8 x 8
pixels `logits` is 3, 7, 10 and 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1

PIXEL = (0.25, 0.5, 1.0)
VALUE_RANGE = (0, 4)
LEFT = np.float32([[1, 0], [0, -1], [1, 1]])
LEFT_BIAS = np.float32([-6, 1])
RIGHT = np.float32([[1], [1], [1]])
HEAD = np.float32([[0, 0, 1, 0], [1, 0, 1, 0], [0, 1, 1, 0]])


def images(size: int = 8, batch: int = 1, pixel: Any = PIXEL) -> np.ndarray:
    """Images whose pixels are all the same."""
    return np.broadcast_to(np.float32(pixel), (batch, size, size, 3)).copy()


def graph_def(build: Callable[[], Any]) -> Any:
    """The GraphDef of what `build` makes in an empty graph."""
    graph = tf.Graph()
    with graph.as_default():
        build()
    return graph.as_graph_def()


def placeholder(name: str = "image", dtype: Any = tf.float32, shape: Any = (None, None, None, 3)) -> Any:
    return v1.placeholder(dtype, shape, name=name)


def conv(image: Any, kernel: np.ndarray, name: str) -> Any:
    """A convolution by 1 x 1 pixels."""
    weights = tf.constant(kernel[None, None], name=f"{name}_w")
    return tf.raw_ops.Conv2D(input=image, filter=weights, strides=[1, 1, 1, 1], padding="SAME", name=name)


def two_towers(concat: str = "ConcatV2") -> Any:
    """The GraphDef that the module's docstring describes."""

    def build() -> None:
        image = placeholder()
        left = tf.nn.bias_add(conv(image, LEFT, "left_conv"), tf.constant(LEFT_BIAS), name="left_pre_relu")
        left = tf.nn.relu(left, name="left")
        right = tf.nn.relu(conv(image, RIGHT, "right_pre_relu"), name="right")
        axis = tf.constant(3, name="axis")
        if concat == "Concat":
            both = tf.raw_ops.Concat(concat_dim=axis, values=[left, right], name="both")
        else:
            both = tf.raw_ops.ConcatV2(values=[left, right], axis=axis, name="both")
        pooled = tf.nn.avg_pool2d(both, 8, 8, "VALID", name="pool")
        flat = tf.reshape(pooled, [-1, 3], name="flat")
        logits = tf.matmul(flat, tf.constant(HEAD), name="logits")
        tf.nn.softmax(logits, name="probabilities")

    return graph_def(build)


def write(definition: Any, path: Path) -> Path:
    path.write_bytes(definition.SerializeToString())
    return path


def evaluate(model: Any, names: list[str], image: Any) -> list[np.ndarray]:
    """The values of layers on an image."""

    @tf.function(autograph=False)
    def run(image: Any) -> list[Any]:
        T = model.import_graph(image)
        return [T(name) for name in names]

    return [value.numpy() for value in run(tf.constant(image))]
