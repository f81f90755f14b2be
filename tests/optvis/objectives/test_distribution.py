"""`distribution_diff`: its value by hand, images of other sizes, what it accepts, and images that it makes real."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import BIAS, DENSE, WEIGHTS, Tiny, images, in_numpy, pixels, tensors

from lucid_widgets.errors import ArgumentError, ModelError, OutOfRangeError, UnknownNameError
from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.embeddings import sorted_activations
from lucid_widgets.modelzoo.vision_models import embedded_model, from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.many import render_many
from lucid_widgets.optvis.objectives.units import with_class_indices
from lucid_widgets.optvis.render import iter_vis

REAL = images(3, 4, 5, seed=1)


def ranked(array: Any) -> np.ndarray:
    """Return the values of each channel in ascending order, `[images, positions, channels]`."""
    array = np.asarray(array, np.float64)
    return np.sort(array.reshape(len(array), -1, array.shape[-1]), axis=1)


def value(objective: Any, shown: np.ndarray) -> float:
    return float(with_class_indices(objective, Tiny())(tensors(in_numpy(shown))))


@pytest.mark.parametrize("layer", ["conv", "dense", "input"])
def test_the_value_is_that_of_numpy(layer: str) -> None:
    ours = images(2, 4, 5)
    real = ranked(in_numpy(REAL)[layer]).mean(0)
    np.testing.assert_allclose(sorted_activations(Tiny(), layer, REAL), real, rtol=1e-5, atol=1e-6)
    distances = ((ranked(in_numpy(ours)[layer]) - real) ** 2).mean((1, 2)) / (real**2).mean()
    assert value(objectives.distribution_diff(layer, REAL), ours) == pytest.approx(distances.mean(), rel=1e-4)
    assert value(objectives.distribution_diff(layer, REAL, batch=1), ours) == pytest.approx(distances[1], rel=1e-4)


def test_places_do_not_matter_and_sizes_may_differ() -> None:
    one = REAL[:1]
    shuffled = one.reshape(-1, 3)[np.random.default_rng(0).permutation(20)].reshape(1, 5, 4, 3)
    same = objectives.distribution_diff("conv", one)
    assert value(same, shuffled) == pytest.approx(0, abs=1e-10)
    # Each pixel four times: the quantiles of twenty values lie between those of eighty.
    larger = one.repeat(2, 1).repeat(2, 2)
    wanted = ranked(in_numpy(one)["conv"])[0]
    places = (np.arange(80) + 0.5) / 4 - 0.5
    between = np.stack([np.interp(places, np.arange(20), channel) for channel in wanted.T], 1)
    expected = ((ranked(in_numpy(larger)["conv"])[0] - between) ** 2).mean() / (wanted**2).mean()
    assert value(same, larger) == pytest.approx(expected, rel=1e-4)
    assert value(objectives.distribution_diff("dead", REAL), REAL) == 0


def test_accepts_bytes_and_image_sets() -> None:
    levels = np.rint(255 * REAL).astype(np.uint8)
    made = objectives.distribution_diff("conv", levels)
    assert made == objectives.distribution_diff("conv", ImageSet.from_array(levels))
    assert made == objectives.distribution_diff("conv", list(levels))
    np.testing.assert_allclose(made.arguments["images"], REAL, atol=0.5 / 255)  # type: ignore[attr-defined]
    mixed = objectives.distribution_diff("conv", [levels[0], np.zeros((12, 12, 3), np.uint8)])
    assert mixed.arguments["images"].shape == (2, 4, 5, 3)  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match=r"has 0 images\. Expected 1 to 512"):
        objectives.distribution_diff("conv", [])
    with pytest.raises(ArgumentError, match=r"values from -1 to 1\. Expected images in \[0, 1\]"):
        objectives.distribution_diff("conv", np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 2, 2, 3))
    with pytest.raises(ArgumentError, match="evaluated without a model"):
        made(tensors(in_numpy(REAL)))


def rectified() -> Any:
    """`Tiny` up to its ReLU, and after it "unit": its dense layer at each position. Both are layers of Keras."""
    image = keras.Input((4, 5, 3))
    relu = keras.layers.Conv2D(4, 1, activation="relu", name="relu")
    unit = keras.layers.Conv2D(2, 1, use_bias=False, name="unit")
    network = keras.Model(image, unit(relu(image)))
    relu.set_weights([WEIGHTS[None, None], BIAS])
    unit.set_weights([DENSE[None, None]])
    return from_keras(network, image_value_range=(-1, 1))


def weighted(array: np.ndarray) -> np.ndarray:
    """The ReLU of `Tiny`, times its relevance for channel 1 of "unit"."""
    relu = in_numpy(array)["relu"]
    # The gradient is the weight, divided by the number of positions, which has no effect.
    relevance = np.maximum(relu * DENSE[:, 1], 0)
    return np.asarray(relu * relevance / relevance.max((1, 2, 3), keepdims=True))


def first_value(network: Any, objective: Any, shown: np.ndarray) -> float:
    *_, last = iter_vis(network, objective, pixels(shown), steps=1, transforms=[])
    return float(last.objectives[0])


def test_activations_are_weighted_by_their_relevance_for_a_unit() -> None:
    network, ours = rectified(), images(2, 4, 5)
    real = ranked(weighted(REAL)).mean(0)
    assert (real[:, 0] == 0).all()  # its weight is negative
    found = sorted_activations(network, "relu", REAL, ("unit", 1))
    np.testing.assert_allclose(found, real, rtol=1e-5, atol=1e-6)
    distances = ((ranked(weighted(ours)) - real) ** 2).mean((1, 2)) / (real**2).mean()
    made = objectives.distribution_diff("relu", REAL, unit="unit:1")
    assert first_value(network, made, ours) == pytest.approx(distances.mean(), rel=1e-4)
    of_second = objectives.distribution_diff("relu", REAL, batch=1, unit="unit:1")
    assert first_value(network, of_second, ours) == pytest.approx(distances[1], rel=1e-4)
    assert repr(made).endswith(', unit="unit:1")')


def test_wrong_units() -> None:
    for wrong in ("unit", "unit:", ":1", "unit:-1", 3):
        with pytest.raises(ArgumentError, match=r"unit of distribution_diff\(\) is "):
            objectives.distribution_diff("relu", REAL, unit=wrong)  # type: ignore[arg-type]
    with pytest.raises(OutOfRangeError):
        objectives.distribution_diff("relu", REAL, unit="dense:2").validate(Tiny())
    with pytest.raises(UnknownNameError):
        objectives.distribution_diff("relu", REAL, unit="absent:2").validate(Tiny())
    backwards = objectives.distribution_diff("unit", REAL, unit="relu:1")
    with pytest.raises(ModelError, match="does not depend on the layer"):
        first_value(rectified(), backwards, REAL)


def test_an_image_gets_the_colors_of_the_real_ones() -> None:
    start = images(2, 6, 6, seed=3)
    real = images(1, 6, 6, seed=4) ** 2
    wanted = -1 * objectives.distribution_diff("input", real)
    settings: dict[str, Any] = {"transforms": [], "optimizer": tf.keras.optimizers.Adam(0.02)}
    *_, last = iter_vis(Tiny(), wanted, pixels(start), steps=200, every=200, **settings)
    np.testing.assert_allclose(ranked(last.images), ranked(real).repeat(2, 0), atol=0.01)


def test_an_image_among_many_is_the_one_made_alone() -> None:
    wanted = [-1 * objectives.distribution_diff("relu", REAL), objectives.channel("conv", 1)]
    both = render_many(Tiny(), wanted, steps=4, image_size=8, verbose=False)
    alone = render_many(Tiny(), wanted[:1], steps=4, image_size=8, verbose=False)
    np.testing.assert_allclose(both[0], alone[0], atol=1e-5)


def test_images_of_a_class_make_its_image() -> None:
    model = embedded_model()
    every = model.example_images()
    assert every is not None
    assert every.labels is not None
    label = "panda"
    shown = [every.image(index) for index, name in enumerate(every.labels) if name == label]
    layers = ("mixed3b", "mixed4c", "mixed5b")
    terms = [objectives.distribution_diff(layer, shown) for layer in layers]
    frames = iter_vis(model, -1 * sum(terms[1:], terms[0]), lambda: param.image(64), steps=96, every=96)
    first, last = frames
    assert last.objective is not None
    assert last.objectives[0] < -1
    assert last.objective > 0.25 * last.objectives[0]
    assert first.images.shape == last.images.shape
    probabilities = np.asarray(model.keras_model(last.images))[0]  # type: ignore[attr-defined]
    assert model.labels[int(probabilities.argmax())] == label
