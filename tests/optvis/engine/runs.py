"""Runs with known results, shared by the tests of the engine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from optvis.tiny_network import Tiny, pixels

from lucid_widgets.frames import Frame
from lucid_widgets.optvis import param
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.program_cache import program_for
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.objectives import as_objective

BLACK = np.zeros((1, 2, 2, 3), np.float32)
START = np.random.default_rng(0).random((2, 3, 2, 3)).astype(np.float32)
FROM_START = pixels(START)
TARGET = np.asarray([0.2, 0.5, 0.9], np.float32)
OURS = partial(param.image, 3)
"""A parameterization of the package, which runs may share a program for."""


def by_tenths(**settings: Any) -> dict[str, Any]:
    """Settings of a run that starts black. With the objective `mean`, each step adds 0.1 to every pixel."""
    # The gradient of the mean of 12 numbers is 1 / 12 each.
    return {"param_f": pixels(BLACK), "transforms": [], "optimizer": keras.optimizers.SGD(1.2), **settings}


def mean(T: Any) -> Any:
    return tf.reduce_mean(T("input"))


def replaced_above(bound: float, value: float) -> Callable[[Any], Any]:
    """Objective: the mean of the image, or `value` once the mean exceeds `bound`."""
    return lambda T: tf.where(mean(T) > bound, value, mean(T))


def brightness(frames: list[Frame]) -> list[float]:
    return [round(float(frame.images.mean()), 4) for frame in frames]


def program(model: Tiny, objective: Any = "conv:1", param_f: Any = FROM_START, **settings: Any) -> Program:
    own = settings.pop("own", OrderedDict())
    setup = Setup(**{"param_f": param_f, "transforms": (), "optimizer": Adam(), **settings})
    return program_for(model, as_objective(objective), setup, own)


def closeness(T: Any) -> Any:
    return -tf.reduce_sum(tf.square(T("input") - TARGET))


def adam_towards_target(steps: int) -> tuple[list[np.ndarray], list[float]]:
    """Images and objective values of Adam (TensorFlow 1's form) on `closeness`, in NumPy."""
    image, mean, square = START.astype(np.float64), 0.0, 0.0
    images, values = [image], []
    for t in range(1, steps + 1):
        values.append(-np.sum((image - TARGET) ** 2))
        grad = 2 * (image - TARGET)
        mean, square = 0.9 * mean + 0.1 * grad, 0.999 * square + 0.001 * grad**2
        rate = 0.05 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        image = image - rate * mean / (np.sqrt(square) + 1e-8)
        images.append(image)
    return images, values
