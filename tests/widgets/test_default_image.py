"""What the functions and widgets offer first runs: size and channels come from the model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from lucid_widgets import FeatureGrid, LucidWidget, models, param, render_many, render_vis
from lucid_widgets.errors import ArgumentError
from lucid_widgets.export import save_animation
from lucid_widgets.misc.io.collapse_channels import visible_channels
from lucid_widgets.optvis.default_image import default_size, possible_size
from lucid_widgets.optvis.objectives import as_objective


def network(*shape: int | None) -> Any:
    layers = [keras.layers.Conv2D(4, 3, strides=2, name="conv"), keras.layers.Flatten()]
    return keras.Sequential([keras.Input(shape), *layers, keras.layers.Dense(5, name="dense")])


# The model's input, an objective, and the shape of the default image.
DEFAULTS = [
    ((28, 28, 1), "conv:3", (28, 28, 1)),
    ((28, 28, 3), "dense:3", (28, 28, 3)),
    ((32, 32, 2), "conv:3", (32, 32, 2)),
    ((None, None, 7), "conv:3", (128, 128, 7)),
    ((20, 50, 1), "dense:3", (20, 50, 1)),
    ((160, 160, 3), "conv:3", (128, 128, 3)),
    ((160, 160, 3), "dense:3", (160, 160, 3)),
]


def of_shape(shape: tuple[int | None, ...]) -> Any:
    if None not in shape:
        return network(*shape)
    return keras.Sequential([keras.Input(shape), keras.layers.Conv2D(4, 3, name="conv")])


@pytest.mark.parametrize(("shape", "objective", "expected"), DEFAULTS)
def test_default_image(shape: tuple[int | None, ...], objective: str, expected: tuple[int, ...]) -> None:
    model = models.from_keras(of_shape(shape), image_value_range=(0, 1))
    size = default_size(model, as_objective(objective))
    assert size == max(expected[:2])
    assert possible_size(model, as_objective(objective), 128) == (size if "dense" in objective else 128)


@pytest.mark.slow
def test_the_default_calls_run_on_gray_images() -> None:
    model = models.from_keras(network(28, 28, 1), image_value_range=(0, 1))
    assert render_vis(model, "dense:3", thresholds=(1,), verbose=False)[0].shape == (1, 28, 28, 1)
    assert render_vis(model, "conv:3", image_size=32, thresholds=(1,), verbose=False)[0].shape == (1, 32, 32, 1)
    assert render_many(model, ["conv:1", "dense:2"], steps=1, verbose=False).shape == (2, 28, 28, 1)


@pytest.mark.slow
def test_widgets_run_on_images_of_many_channels(tmp_path: Any) -> None:
    model = models.from_keras(network(24, 24, 5), image_value_range=(0, 1))
    widget = LucidWidget(model, steps=1)
    widget.run()
    assert widget.wait(60) == "done"
    image = widget.image
    assert image is not None
    assert image.shape == (1, 24, 24, 5)
    names: dict[str, Any] = {"model": model}
    exec(widget.code, names)
    np.testing.assert_array_equal(names["image"], image)
    widget.save(tmp_path / "image.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "image.npy"), image)
    with pytest.raises(ArgumentError, match="channels"):
        widget.save(tmp_path / "image.png")
    save_animation(widget.recorded, tmp_path / "run.gif")
    with pytest.raises(ArgumentError, match="An image of 5 channels has no alpha"):
        widget.alpha = True
    with pytest.raises(ArgumentError, match="The start image does not fit this network"):
        widget.start_image = np.zeros((24, 24, 3), np.float32)
    grid = FeatureGrid(model, "conv", [1, 2], steps=1, cache=False)
    assert grid.wait(60) == "done"
    np.testing.assert_equal(grid.images.shape, (2, 24, 24, 3))
    assert np.isfinite(grid.images).all()


def test_a_layer_that_needs_the_networks_size_brings_it_along() -> None:
    model = models.from_keras(network(160, 160, 3), image_value_range=(0, 1))
    widget = LucidWidget(model)
    assert (widget.layer, widget.image_size) == ("conv", 128)
    widget.layer = "dense"
    assert widget.image_size == 160
    widget.image_size = 96
    assert widget.image_size == 96
    grid = FeatureGrid(model, cache=False, run=False)
    assert (grid.layer, grid.image_size) == ("conv", 64)
    grid.layer = "dense"
    assert grid.image_size == 160


@pytest.mark.slow
def test_images_of_a_grid_that_are_not_square_lie_on_black() -> None:
    model = models.from_keras(network(12, 24, 1), image_value_range=(0, 1))
    grid = FeatureGrid(model, "dense", [0], steps=1, cache=False)
    assert grid.wait(60) == "done"
    assert grid.images.shape == (1, 24, 24, 3)
    assert (grid.images[:, [0, 5, 18, 23]] == 0).all()
    assert (grid.images[:, 6:18] > 0.2).all()


@pytest.mark.slow
def test_a_grid_takes_a_parameterization() -> None:
    model = models.from_keras(network(24, 24, 3), image_value_range=(0, 1))
    grid = FeatureGrid(model, "dense", [0, 1], steps=1, param_f=lambda batch: param.image(24, batch=batch, fft=False))
    assert grid.wait(60) == "done"
    assert grid.images.shape == (2, 24, 24, 3)
    with pytest.raises(ArgumentError, match="Both param_f and image_size"):
        FeatureGrid(model, "dense", param_f=lambda batch: param.image(24, batch=batch), image_size=24)
    with pytest.raises(ArgumentError, match=r"shape \[1, 8, 4, 3\]. Expected \[batch, size, size, channels\]"):
        FeatureGrid(model, "dense", param_f=lambda batch: param.image(4, 8, batch=batch))


def test_visible_channels() -> None:
    images = np.arange(2 * 7, dtype=np.float32).reshape(1, 2, 1, 7)
    for count in (1, 3, 4):
        assert visible_channels(images[..., :count]).shape[-1] == count
    np.testing.assert_array_equal(visible_channels(images), images[..., :3])
    np.testing.assert_array_equal(visible_channels(images[..., :2]), images[..., :3] * [1, 1, 0])
