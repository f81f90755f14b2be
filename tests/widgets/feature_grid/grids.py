"""What FeatureGrid's tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from pages import Page

from lucid_widgets.widgets.feature_grid import FeatureGrid

SMALL: dict[str, Any] = {"image_size": 8, "steps": 2}


def network(seed: int = 0, *, nan_in: int | None = None) -> Any:
    """A network of two layers. One layer can have a channel whose objective is NaN."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="early"),
            keras.layers.Conv2D(12, 1, name="late"),
        ],
        name="tiny",
    )
    if nan_in is not None:
        kernel, bias = model.get_layer("late").get_weights()
        bias[nan_in] = np.nan
        model.get_layer("late").set_weights([kernel, bias])
    return model


Make = Callable[..., tuple[FeatureGrid, Page]]
