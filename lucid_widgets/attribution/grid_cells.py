"""The cells of an activation grid while they are optimized: all positions, a few of them per compiled call."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import NonFiniteObjectiveError
from lucid_widgets.frames import FloatArray
from lucid_widgets.optvis import param
from lucid_widgets.optvis.default_image import COLORS, ImageFormat, transforms_for
from lucid_widgets.optvis.engine.optimizers import as_optimizer
from lucid_widgets.optvis.engine.program import Program
from lucid_widgets.optvis.engine.program_cache import program_for
from lucid_widgets.optvis.engine.setup import Setup
from lucid_widgets.optvis.engine.state import State
from lucid_widgets.optvis.many import each_its_own, even_batch
from lucid_widgets.optvis.objectives import direction_neuron

MICROBATCH = 12
"""Most positions that are optimized in one compiled call."""

SHARED_SIZE = 4
"""Pixels of a cell per pixel of the shared parameterization, along each side."""

SHARED_EVERY = 2
"""Positions per node of the shared parameterization, along each side."""

_GRAY = 0.5


class GridCells:
    """The cells of an activation grid while they are optimized.

    Args:
        model: A `Model`.
        layer: Name of the layer.
        directions: One direction per position, `[rows, columns, channels]`.
        size: Width and height of a cell in pixels.
        power: Power of the cosine similarity.
        seed: Any integer.

    Attributes:
        images: `[rows, columns, size, size, channels]` in [0, 1].
        step: Number of steps that all positions have made.
    """

    def __init__(self, model: Any, layer: str, directions: FloatArray, size: int, power: float, seed: int) -> None:
        rows, columns = directions.shape[:2]
        depth = ImageFormat.of(model).channels
        count = rows * columns
        self.images: FloatArray = np.full((rows, columns, size, size, depth), _GRAY, np.float32)
        self.step = 0
        self._model, self._seed = model, seed
        self._batch = even_batch(count, MICROBATCH)
        # The last microbatch is filled up with positions of the first, because another size needs another program.
        order = np.resize(np.arange(count), -(-count // self._batch) * self._batch)
        self._parts = order.reshape(-1, self._batch)
        lengths = np.linalg.norm(directions, axis=-1, keepdims=True)
        units = (directions / np.maximum(lengths, 1e-12)).reshape(count, -1).astype(np.float32)
        self._objectives = [direction_neuron(layer, unit, cossim_pow=power) for unit in units]
        self._weights = _node_weights(rows, columns)
        nodes = self._weights.shape[1]
        self._setup = Setup(
            partial(_images_of, self._batch, nodes, size, depth),
            transforms_for(model),
            as_optimizer(None),
            noise_ids=(0,) * self._batch,
        )
        self._own: OrderedDict[Any, Program] = OrderedDict()
        self._states: list[State] = []

    def advance(self, steps: int) -> Iterator[tuple[list[int], FloatArray]]:
        """Make steps for all positions, and yield the indices of those of each microbatch and their images."""
        for number, part in enumerate(self._parts):
            objective = each_its_own([self._objectives[index] for index in part])
            program = program_for(self._model, objective, self._setup, self._own)
            if len(self._states) <= number:
                fresh, _ = program.start(self._seed)
                self._states.append(
                    _with_shared(fresh, self._states[-1] if self._states else fresh, self._weights[part])
                )
            elif len(self._states) > 1:
                # With one microbatch, the state holds the newest shared parameters already.
                latest = self._states[number - 1]
                self._states[number] = _with_shared(self._states[number], latest, self._weights[part])
            first_late = program.early_steps_for((self._batch, *self.images.shape[2:]))
            made = program.advance(self._states[number], objective, steps, first_late)
            if made.bad_value is not None:
                raise NonFiniteObjectiveError(
                    f"The objective of the grid became {made.bad_value:g} at step {made.state.step + 1}.",
                    "Try another layer.",
                    step=made.state.step + 1,
                )
            self._states[number] = made.state
            columns = self.images.shape[1]
            self.images[part // columns, part % columns] = made.images
            yield [int(each) for each in part], made.images
        self.step += steps


def _images_of(batch: int, nodes: int, size: int, depth: int) -> Any:
    """The images of one microbatch: a blend of shared nodes, plus each image's own spectrum.

    The variables are the weights of the nodes, which are constant, the shared nodes, and the spectra.
    """
    small = max(1, size // SHARED_SIZE)
    weights = tf.Variable(tf.zeros((batch, nodes)), name="weights")
    shared = tf.Variable(tf.zeros((nodes, small, small, depth)), name="shared")
    blended = tf.tensordot(tf.stop_gradient(tf.ensure_shape(weights, (batch, nodes))), shared, 1)
    low = tf.image.resize(blended, (size, size))
    image = low + param.fft_image((batch, size, size, depth))
    return param.to_valid_rgb(image, decorrelate=True) if depth == COLORS else tf.sigmoid(image)


def _with_shared(state: State, latest: State, weights: FloatArray) -> State:
    """The state of a microbatch with the newest shared parameters and their optimizer slots."""
    count = len(state.params)
    shared = [1, 1 + count, 1 + 2 * count]
    slots = list(state.slots)
    for place in shared[1:]:
        slots[place - count] = latest.slots[place - count]
    params = [tf.constant(weights), latest.params[1], *state.params[2:]]
    return State(state.seed, state.step, tuple(params), tuple(slots), state.late_from)


def _node_weights(rows: int, columns: int) -> FloatArray:
    """Weights `[positions, nodes]` that blend the shared nodes bilinearly."""

    def along(count: int) -> FloatArray:
        nodes = max(1, -(-count // SHARED_EVERY))
        place = np.linspace(0, nodes - 1, count) if count > 1 else np.zeros(1)
        return np.maximum(0, 1 - np.abs(place[:, None] - np.arange(nodes))).astype(np.float32)

    return np.kron(along(rows), along(columns)).astype(np.float32)


__all__ = ["GridCells"]
