"""Expanded weights equal a computation by hand, and stimuli and tuning equal their formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.decomposition import NMF

from lucid_widgets import attribution, models, objectives
from lucid_widgets.attribution.made_of import weight_colors
from lucid_widgets.errors import ArgumentError, OutOfRangeError, UnknownNameError
from lucid_widgets.modelzoo.vision_models import InceptionV1

SIDE = 16
CURVE = 413  # a channel of mixed3b that responds to curves of one orientation
RANDOM = np.random.default_rng(0)
FIRST = RANDOM.normal(size=(3, 3, 3, 4)).astype(np.float32)
SECOND = RANDOM.normal(size=(3, 3, 4, 5)).astype(np.float32)
LAST = RANDOM.normal(size=(5, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> Any:
    """Convolution, ReLU, max pool, convolution, ReLU6, mean, dense. Biases make all units of the ReLUs inactive."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(4, 3, padding="same", name="first_pre_relu"),
            layers.ReLU(name="first"),
            layers.MaxPool2D(2, name="pool"),
            layers.Conv2D(5, 3, padding="same", name="second_pre_relu"),
            layers.ReLU(6.0, name="second"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(2, name="scores"),
        ]
    )
    for name, kernel, bias in (("first_pre_relu", FIRST, -9), ("second_pre_relu", SECOND, -9), ("scores", LAST, 1)):
        network.get_layer(name).set_weights([kernel, np.full(kernel.shape[-1], bias)])
    return models.from_keras(network, image_value_range=(0, 1))


def test_weights_between_neighbors_are_the_kernel(model: Any) -> None:
    found = attribution.expanded_weights(model, "input", "first")
    assert (found.layer_in, found.layer_out, found.units) == ("input", "first", (0, 1, 2, 3))
    np.testing.assert_allclose(found.values, np.moveaxis(FIRST, -1, 0), rtol=1e-5)
    some = attribution.expanded_weights(model, "pool", "second_pre_relu", [4, 1])
    np.testing.assert_allclose(some.values, np.moveaxis(SECOND, -1, 0)[[4, 1]], rtol=1e-5)


def test_relus_are_linear_and_max_pools_average(model: Any) -> None:
    found = attribution.expanded_weights(model, "input", "second", 2)
    expected = np.zeros((8, 8, 3))
    for row, column in np.ndindex(3, 3):  # of the second kernel
        for below, right in np.ndindex(2, 2):  # of the pool
            top, left = 2 * row + below, 2 * column + right
            expected[top : top + 3, left : left + 3] += FIRST @ SECOND[row, column, :, 2] / 4
    assert found.values.shape == (1, 8, 8, 3)
    np.testing.assert_allclose(found.values[0], expected, rtol=1e-4, atol=1e-5)


def test_layers_without_positions(model: Any) -> None:
    dense = attribution.expanded_weights(model, "mean", "scores", 1)
    np.testing.assert_allclose(dense.values, LAST[:, 1].reshape(1, 1, 1, 5), rtol=1e-5)
    spread = attribution.expanded_weights(model, "second", "scores", 1)
    assert spread.values.shape == (1, 8, 8, 5)
    np.testing.assert_allclose(spread.values[0, 3, 4], LAST[:, 1] / 64, rtol=1e-5)


def test_refuses_what_has_no_weights(model: Any) -> None:
    with pytest.raises(ArgumentError, match="'first' does not depend on layer 'second'"):
        attribution.expanded_weights(model, "second", "first")
    with pytest.raises(OutOfRangeError, match=r"unit is 5\. .*from 0 to 4 for layer 'second'"):
        attribution.expanded_weights(model, "first", "second", 5)
    with pytest.raises(ArgumentError, match="units is empty"):
        attribution.expanded_weights(model, "first", "second", [])
    with pytest.raises(UnknownNameError, match="'second'"):
        attribution.expanded_weights(model, "first", "secund")


@pytest.mark.slow
def test_inputs_are_sorted_by_the_length_of_their_weights(model: Any) -> None:
    found = attribution.unit_inputs(model, "pool", "second", 3, inputs=3, factors=2, render_steps=1)
    kernel = SECOND[..., 3]
    energy = (kernel**2).sum((0, 1))
    assert found.inputs == tuple(np.argsort(-energy)[:3])
    np.testing.assert_allclose(found.shares, np.sort(energy)[::-1][:3] / energy.sum(), rtol=1e-5)
    np.testing.assert_allclose(found.weights[1], kernel[..., found.inputs[1]], rtol=1e-5)
    both = np.concatenate([np.maximum(kernel, 0), np.maximum(-kernel, 0)]).reshape(-1, 4)
    reference = NMF(2, init="nndsvda", random_state=0, max_iter=2000)
    strengths = reference.fit_transform(both).reshape(2, 3, 3, 2)
    close = np.einsum("yxf,fc->yxc", strengths[0] - strengths[1], reference.components_)
    made = np.einsum("fyx,fc->yxc", found.factor_weights, found.factors)
    np.testing.assert_allclose(made, close, rtol=1e-3, atol=1e-4)
    assert found.error == pytest.approx(np.linalg.norm(kernel - close) / np.linalg.norm(kernel), rel=1e-3)
    np.testing.assert_allclose(np.linalg.norm(found.factors, axis=1), 1, rtol=1e-5)
    assert found.images is not None
    assert found.factor_images is not None
    assert (len(found.images), len(found.factor_images)) == (3, 2)
    assert found.picture.shape == (4 * 76, 3 * 76, 3)


def test_weights_are_red_above_zero_and_blue_below() -> None:
    colors = weight_colors(np.asarray([[[2.0, 0.0, -2.0]]], np.float32))
    np.testing.assert_allclose(colors[0, 0], [[0.72, 0.09, 0.11], [1, 1, 1], [0.10, 0.30, 0.70]], atol=1e-6)
    assert (weight_colors(np.zeros((1, 2, 2), np.float32)) == 1).all()


def test_families_join_units_with_similar_weights(model: Any) -> None:
    found = attribution.weight_families(model, "pool", "second", 5)
    flat = np.moveaxis(SECOND, -1, 0).reshape(5, -1)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    np.testing.assert_allclose(found.similarity, flat @ flat.T, atol=1e-5)
    assert sorted(found.members) == [(unit,) for unit in range(5)]
    closest = np.argsort(-(flat @ flat[0]))[1]
    assert found.nearest(0, 1) == (closest,)
    with pytest.raises(OutOfRangeError, match="families is 6"):
        attribution.weight_families(model, "pool", "second", 6)


def test_gratings_have_their_orientation_and_wavelength() -> None:
    found = attribution.gratings(64, wavelength=8, count=4)
    center = np.fft.rfft2(found.images[..., 0] - 0.5)
    peaks = [np.unravel_index(np.abs(each).argmax(), each.shape) for each in center]
    assert peaks[0] == (8, 0)  # stripes along rows: 64 / 8 = 8 periods from top to bottom
    assert peaks[2] == (0, 8)
    # Stripes at 45 degrees go down to the right.
    assert found.images[1, 36, 36, 0] > 0.9
    assert found.images[1, 34, 30, 0] < 0.25
    with pytest.raises(ArgumentError, match="wavelength is 1"):
        attribution.gratings(wavelength=1)


def test_curves_bend_around_their_center() -> None:
    found = attribution.curves(64, radius=16, width=4, arc=90, count=4)
    right, below = found.images[0, ..., 0], found.images[1, ..., 0]
    assert right[32, 32] == below[32, 32] == 0
    # The center is to the right, so the ends of the arc are to the right of its middle: 45 degrees along the circle.
    step = round(16 * (1 - np.cos(np.pi / 5))), round(16 * np.sin(np.pi / 5))
    assert right[32 + step[1], 32 + step[0]] < 0.2 < 0.4 < right[32 + step[1], 32 - step[0]]
    np.testing.assert_allclose(right.T, below, atol=1e-6)
    with pytest.raises(ArgumentError, match="radius is 0"):
        attribution.curves(radius=0)


def test_patches_have_their_hue() -> None:
    found = attribution.color_patches(32, count=3, saturation=0.5)
    np.testing.assert_allclose(found.images[:, 16, 16], [[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], atol=1e-6)
    np.testing.assert_allclose(found.images[:, 0, 0], 0.5)
    with pytest.raises(ArgumentError, match="saturation is 2"):
        attribution.color_patches(saturation=2)


def test_tuning_is_the_objective_of_each_stimulus(model: Any) -> None:
    patches = attribution.color_patches(SIDE, count=17)
    found = attribution.tuning(model, objectives.neuron("first_pre_relu", 1), patches)
    windows = patches.images[:, SIDE // 2 - 1 : SIDE // 2 + 2, SIDE // 2 - 1 : SIDE // 2 + 2]
    expected = np.einsum("nyxc,yxc->n", windows, FIRST[..., 1]) - 9
    np.testing.assert_allclose(found.responses, expected, rtol=1e-4)
    assert found.best == patches.values[expected.argmax()]
    assert found.objective == str(objectives.neuron("first_pre_relu", 1))
    picture = found.picture
    assert picture.shape[2] == 3
    assert (picture.min(), picture.max()) == (0, 1)
    with pytest.raises(ArgumentError, match="not an objective"):
        attribution.tuning(model, None, patches)  # type: ignore[arg-type]


@pytest.mark.models
def test_a_curve_detector_of_googlenet_prefers_one_orientation(models_dir: Path) -> None:
    inception = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    arcs = attribution.curves(224, radius=40, width=6, count=12)
    found = attribution.tuning(inception, objectives.neuron("mixed3b", CURVE), arcs)
    order = np.argsort(-found.responses)
    assert found.responses[order[0]] > 4 * max(np.median(found.responses), 1)
    weights = attribution.expanded_weights(inception, "mixed3a", "mixed3b", CURVE)
    assert weights.values.shape == (1, 5, 5, 256)  # the branch of 5 x 5 convolutions
