"""Initial values, reference formulas and fitting of parameterizations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.optvis import seeding

COLORS = np.asarray([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])


# The longest column of the matrix.
DECORRELATION = COLORS / np.sqrt(0.26**2 + 0.27**2 + 0.27**2)


def made(make: Callable[[], Any], seed: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the initial image of a parameterization, and its variables."""
    variables: list[Any] = []

    def create(next_creator: Any, **kwargs: Any) -> Any:
        variables.append(next_creator(**kwargs))
        return variables[-1]

    with seeding.scope(seeding.seed_tensor(seed), seeding.INITIAL_STEP), tf.variable_creator_scope(create):
        image = make()
    return image.numpy(), [variable.numpy() for variable in variables]


def computed_from(make: Callable[[], Any], values: Any) -> Any:
    """Return the image of a parameterization whose only variable holds `values`."""
    with tf.variable_creator_scope(lambda _, **__: values):
        return make()


def spectral(coefficients: np.ndarray, height: int, width: int, decay_power: float = 1) -> np.ndarray:
    """Return the image of frequencies by Lucid's formula."""
    columns = coefficients.shape[-1]
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[:columns]
    if width % 2:
        fx = np.fft.fftfreq(width)[: width // 2 + 2]
    scale = 1 / np.maximum(np.sqrt(fx * fx + fy * fy), 1 / max(width, height)) ** decay_power
    scale *= np.sqrt(width * height)
    real, imaginary = coefficients.astype(np.float64) * scale
    image = np.fft.irfft2(real + 1j * imaginary, s=(height, 2 * (columns - 1)))
    return np.moveaxis(image, 1, -1)[:, :height, :width] / 4


def fitted(
    make: Callable[[], Any], loss_of: Callable[[Any], Any], steps: int, rate: float = 0.05
) -> tuple[np.ndarray, float]:
    """Return the image and the loss after a number of steps of Adam."""
    variables: list[tf.Variable] = []

    def create(next_creator: Any, **kwargs: Any) -> Any:
        if len(variables) == len(made_before):
            variables.append(next_creator(**kwargs))
            made_before.append(variables[-1])
            return variables[-1]
        return made_before.pop(0)

    made_before: list[Any] = []
    with tf.variable_creator_scope(create):
        make()
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(variables)

    def image() -> Any:
        again = iter(variables)
        with tf.variable_creator_scope(lambda _, **__: next(again)):
            return make()

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(image())
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    loss = 0.0
    for _ in range(steps):
        loss = float(step())
    return image().numpy(), loss
