"""A network small enough to compute by hand, and the same network in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.vision_base import Layer, Model, Network

WEIGHTS = np.asarray([[1, 0, -1, 2], [0, 1, 1, -2], [0.5, 0, 1, 1]], np.float32)
BIAS = np.asarray([0, 0.5, -0.25, 0], np.float32)
DENSE = np.asarray([[1, -1], [2, 0], [0, 3], [-1, 1]], np.float32)


class Tiny(Model):
    """A 1x1 convolution, its ReLU, a ReLU that is never active, and a dense layer on the mean over positions.

    `asked` lists the layers that were built, in order.
    """

    name = "Tiny"
    image_value_range = (-1, 1)

    labels = ["cat", "dog"]  # noqa: RUF012

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.network = TinyNetwork(self.asked)


class TinyNetwork(Network):
    """The layers of `Tiny`."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def layers(self) -> Sequence[Layer]:
        return [
            Layer("conv", "conv", 4, 0.5),
            Layer("relu", "relu", 4, 0.5),
            Layer("dead", "relu", 4, 0.5),
            Layer("dense", "dense", 2, 1.0),
        ]

    def describe(self, name: str) -> Layer | None:
        return {layer.name: layer for layer in self.layers()}.get(name)

    def has(self, name: str) -> bool:
        return self.describe(name) is not None

    def names(self) -> Sequence[str]:
        return []

    def evaluator(self, image: Any, prefix: str, input_map: Mapping[str, Any]) -> Callable[[str], Any]:
        def layer(name: str) -> Any:
            self.asked.append(name)
            conv = tf.tensordot(image, WEIGHTS, 1) + BIAS
            if name == "conv":
                return conv
            if name == "dead":
                return tf.nn.relu(conv - 10)
            relu = tf.nn.relu(conv)
            return relu if name == "relu" else tf.reduce_mean(relu, [1, 2]) @ DENSE

        return layer


def in_numpy(images: Any) -> dict[str, Any]:
    """Return the layers of `Tiny` for images in [0, 1]."""
    conv = (2 * np.asarray(images, np.float64) - 1) @ WEIGHTS + BIAS
    relu = np.maximum(conv, 0)
    return {"input": images, "conv": conv, "relu": relu, "dead": 0 * conv, "dense": relu.mean((1, 2)) @ DENSE}


def tensors(arrays: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return `T` for fixed arrays."""
    return lambda name: tf.constant(np.asarray(arrays[name], np.float32))


def images(batch: int = 2, height: int = 4, width: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((batch, height, width, 3)).astype(np.float32)


class Counted:
    """A parameterization that counts its calls from Python, which are those that trace it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make
        self.calls = 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.make()


def pixels(value: Any) -> Callable[[], Any]:
    """Return a parameterization whose image is its variable, without a color space, which starts from `value`."""
    start = np.asarray(value, np.float32)
    return lambda: tf.identity(tf.Variable(start))
