"""Receptive fields of an index, compared with finite differences: which pixels change a unit when they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers as L

from lucid_widgets import ActivationIndex, models
from lucid_widgets.errors import ModelError

pytestmark = pytest.mark.slow

SIZE = 24


def strided(image: Any) -> Any:
    # Same padding with a stride on an even size adds a row at the end only.
    seen = L.Conv2D(4, 3, 2, "same", activation="relu")(image)
    return L.Conv2D(4, 5, 2, "same", activation="relu", name="end")(seen)


def padded(image: Any) -> Any:
    seen = L.ZeroPadding2D(((3, 0), (1, 2)))(image)
    seen = L.Conv2D(4, (4, 3), activation="relu")(seen)
    return L.MaxPooling2D(2, name="end")(seen)


def branched(image: Any) -> Any:
    seen = L.Conv2D(4, 3, 2, "same", activation="relu")(image)
    small = L.Conv2D(2, 2, 1, "same")(seen)
    wide = L.Conv2D(2, (1, 5), 1, "same")(seen)
    return L.Concatenate(name="end")([small, wide])


@pytest.mark.parametrize("make", [strided, padded, branched], ids=lambda make: make.__name__)
def test_field_is_what_changes_the_unit(make: Callable[[Any], Any]) -> None:
    image = keras.Input((SIZE, SIZE, 3))
    network = keras.Model(image, make(image))
    # Positive weights, so that no two pixels cancel.
    network.set_weights([np.abs(weights) + 0.1 for weights in network.get_weights()])
    model = models.from_keras(network, image_value_range=(0, 1))
    data = np.random.default_rng(0).uniform(0.2, 0.8, (3, SIZE, SIZE, 3)).astype(np.float32)
    index = ActivationIndex.build(model, data, ["end"], path=False, verbose=False)
    field = index.field("end")
    rows, columns = field.grid
    # All pixels of a line change at once: the field is a rectangle. Pools need a large change.
    changed = np.repeat(data[:1], 2 * SIZE, 0)
    for line in range(SIZE):
        changed[line, line] += 5
        changed[SIZE + line, :, line] += 5
    below, above = np.asarray(network(data[:1])), np.asarray(network(changed))
    seen = (np.abs(above - below) > 1e-4 * np.abs(below).max()).any(-1)  # [lines, rows, columns]
    for row, column in [(0, 0), (rows // 2, 1), (rows - 1, columns - 1), (1, columns // 2)]:
        top, left, bottom, right = field.box(row * columns + column)
        assert np.flatnonzero(seen[:SIZE, row, column]).tolist() == list(range(top, bottom)), (row, column, field)
        assert np.flatnonzero(seen[SIZE:, row, column]).tolist() == list(range(left, right)), (row, column, field)


def test_tokens_and_layers_without_positions_see_the_whole_image() -> None:
    image = keras.Input((8, 8, 3))
    tokens = L.Reshape((16, 12), name="tokens")(L.Conv2D(12, 2, 2)(image))
    mixed = L.Dense(5, name="mixed")(tokens)
    scores = L.Dense(3, name="scores")(L.GlobalAveragePooling1D()(mixed))
    model = models.from_keras(keras.Model(image, scores), image_value_range=(0, 1))
    index = ActivationIndex.build(model, np.ones((2, 8, 8, 3)), ["mixed", "scores"], path=False, verbose=False)
    for name in ("mixed:1", "scores:2"):
        assert index[name].top[0].box == (0, 0, 8, 8)


def test_several_inputs_get_a_clear_answer() -> None:
    first, second = keras.Input((8, 8, 3), name="first"), keras.Input((4,), name="second")
    joined = L.Concatenate(name="joined")([L.Flatten()(L.Conv2D(2, 3, name="seen")(first)), second])
    made = keras.Model([first, second], L.Dense(3, name="scores")(joined))
    with pytest.raises(ModelError, match="2 inputs: 'first' and 'second'"):
        ActivationIndex.build(made, np.ones((2, 8, 8, 3)), ["seen"], path=False)
