"""The network of tiny_nets as a Keras model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from modelzoo.tiny_nets import HEAD, LEFT, LEFT_BIAS, RIGHT

from lucid_widgets.modelzoo.vision_models import KerasModel


def fixed(layer: Any, *weights: np.ndarray) -> Any:
    """A layer that gets these weights when it is built. Kernels of 1 x 1 convolutions are matrices."""
    values = [
        weight[None, None] if weight.ndim == 2 and "Conv" in type(layer).__name__ else weight for weight in weights
    ]
    build = layer.build

    def build_with_weights(shape: Any) -> None:
        build(shape)
        layer.set_weights(values)

    layer.build = build_with_weights
    return layer


def conv(kernel: np.ndarray, bias: np.ndarray | None = None, **settings: Any) -> Any:
    layer = layers.Conv2D(kernel.shape[1], 1, use_bias=bias is not None, **settings)
    return fixed(layer, kernel, *([] if bias is None else [bias]))


def towers_model(size: int | None = 8) -> Any:
    """The network of tiny_nets, with one ReLU as an operation and one as an activation."""
    image = keras.Input((size, size, 3), name="image")
    left = conv(LEFT, LEFT_BIAS, name="left_conv")(image)
    left = keras.ops.relu(left)
    right = conv(RIGHT, activation="relu", name="right")(image)
    both = layers.Concatenate(name="both")([left, right])
    if size is None:
        return keras.Model(image, both, name="towers")
    pooled = layers.AveragePooling2D(4, name="pool")(both)
    flat = layers.Flatten(name="flat")(pooled)
    head = np.tile(HEAD / 4, (4, 1)).astype(np.float32)
    logits = fixed(layers.Dense(4, use_bias=False, name="logits"), head)(flat)
    return keras.Model(image, layers.Softmax(name="probabilities")(logits), name="towers")


def op_types(model: KerasModel, *names: str) -> list[str]:
    @tf.function(autograph=False)
    def run(image: Any) -> list[Any]:
        T = model.import_graph(image)
        return [T(name) for name in names]

    graph = run.get_concrete_function(tf.TensorSpec((1, 8, 8, 3))).graph
    return [op.type for op in graph.get_operations()]
