"""Parameterizations fitted to a photograph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from optvis.param.helpers import fitted

from lucid_widgets import load
from lucid_widgets.optvis import param


@pytest.mark.models
@pytest.mark.parametrize(
    "make",
    [param.pixel_image, param.fft_image, param.laplacian_pyramid_image],
    ids=["pixels", "frequencies", "pyramid"],
)
def test_parameterizations_fit_a_photograph(make: Callable[..., Any], models_dir: Any) -> None:
    photograph = tf.image.resize(load(models_dir / "dog_cat.jpg")[..., :3], (112, 112), antialias=True)[None]
    _, loss = fitted(
        lambda: param.to_valid_rgb(make((1, 112, 112, 3)), decorrelate=True),
        lambda image: tf.reduce_mean(tf.abs(image - photograph)),
        steps=1000,
    )
    assert loss < 0.01
