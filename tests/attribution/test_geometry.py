"""Where the positions of a layer are in the image, computed by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers as L

from lucid_widgets import models
from lucid_widgets.attribution.geometry import as_grid, position_grid


@pytest.mark.slow
def test_follows_strides_and_padding() -> None:
    image = keras.Input((8, 8, 3))
    # TensorFlow pads an even size at the bottom and at the right only: the first window has its center at 1.5.
    same = L.Conv2D(2, 3, strides=2, padding="same", name="same")(image)
    padded = L.ZeroPadding2D(1)(same)
    valid = L.Conv2D(2, 3, padding="valid", name="valid")(padded)
    pooled = L.MaxPooling2D(2, name="pooled")(valid)
    model = models.from_keras(keras.Model(image, pooled), image_value_range=(0, 1))
    wanted = {"same": (4, 1.5, 2, 3), "valid": (4, 1.5, 2, 7), "pooled": (2, 2.5, 4, 9)}
    for layer, (size, start, stride, field) in wanted.items():
        found = position_grid(model, (8, 8, 3), layer, size, size)
        assert (found.start, found.stride, found.field) == ((start,) * 2, (stride,) * 2, (field,) * 2), layer


def test_tokens_form_a_square() -> None:
    values = np.arange(10, dtype=np.float32).reshape(5, 2)
    np.testing.assert_array_equal(as_grid(values)[1, 1], [8, 9])  # without the class token
    assert as_grid(values[:4]).shape == (2, 2, 2)
    assert as_grid(values[:3]) is None
    assert as_grid(values[0]) is None
