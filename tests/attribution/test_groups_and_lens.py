"""Groups equal scikit-learn's, their effects are computed by hand, and a lens equals the linear map applied by hand."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from attribution.networks import BIAS, IMAGE, WEIGHTS, network
from sklearn.decomposition import NMF

from lucid_widgets import attribution
from lucid_widgets.attribution import groups
from lucid_widgets.errors import ArgumentError, OutOfRangeError, UnknownNameError


@pytest.fixture(scope="module")
def linear() -> Any:
    return network()


def test_groups_equal_those_of_scikit_learn(linear: Any) -> None:
    found = attribution.neuron_groups(linear, IMAGE, "features", 2, targets=["fox", "owl"], steps=2, render_steps=0)
    reference = NMF(2, init="nndsvda", random_state=0, max_iter=2000)
    maps = reference.fit_transform(IMAGE.reshape(4, 3))
    np.testing.assert_allclose(found.maps, maps.reshape(2, 2, 2), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.directions, reference.components_, rtol=1e-4, atol=1e-5)
    # In a linear network, the effect of a group is the weights times its part of the activations.
    parts = np.einsum("pg,gc->gpc", maps, reference.components_).reshape(2, 12)
    np.testing.assert_allclose(found.effects, parts @ WEIGHTS, rtol=1e-3, atol=1e-4)
    difference = np.linalg.norm(IMAGE.reshape(4, 3) - maps @ reference.components_) / np.linalg.norm(IMAGE)
    assert found.error == pytest.approx(difference, rel=1e-3)
    assert found.images is None


@pytest.mark.slow
def test_directions_are_rendered_and_classes_are_the_likely_ones(linear: Any) -> None:
    found = attribution.neuron_groups(linear, IMAGE, "features", 2, steps=1, render_steps=1)
    assert found.images is not None
    assert found.images.shape == (2, 2, 2, 3)
    scores = IMAGE.reshape(-1) @ WEIGHTS + BIAS
    assert found.targets == tuple(np.argsort(-scores))


def test_a_factorization_that_has_not_converged_states_its_error(linear: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_ITERATIONS", 1)
    found = attribution.neuron_groups(linear, IMAGE, "features", 2, targets=[], render_steps=0)
    assert found.error > 0
    assert found.effects.shape == (2, 0)


def test_refuses_layers_that_cannot_be_grouped(linear: Any) -> None:
    with pytest.raises(ArgumentError, match="'flat' has no positions"):
        attribution.neuron_groups(linear, IMAGE, "flat")
    with pytest.raises(OutOfRangeError, match=r"groups is 4\. Expected .* from 1 to 3 for layer 'features'"):
        attribution.neuron_groups(linear, IMAGE, "features", 4)
    with pytest.raises(UnknownNameError, match="no class named 'foxx'"):
        attribution.neuron_groups(linear, IMAGE, "features", 2, targets=["foxx"])
    minus = network(lambda features: keras.layers.Rescaling(-1.0, name="minus")(features))
    with pytest.raises(ArgumentError, match=r"'minus' has activations down to -1\. .* as after a ReLU"):
        attribution.neuron_groups(minus, IMAGE, "minus", 2)


def test_a_lens_applies_the_later_linear_map() -> None:
    def head(features: Any) -> Any:
        squares = keras.layers.Multiply(name="squares")([features, features])
        return keras.layers.GlobalAveragePooling2D(name="mean")(squares)

    model = network(head)
    weights = WEIGHTS[:3]
    found = attribution.logit_lens(model, IMAGE, "features", through="squares")
    np.testing.assert_allclose(found.logits, IMAGE @ weights + BIAS, rtol=1e-5)
    np.testing.assert_allclose(found.pooled, IMAGE.mean((0, 1)) @ weights + BIAS, rtol=1e-5)
    assert [each.index for each in found.classes] == list(np.argsort(-found.pooled))
    own = attribution.logit_lens(model, IMAGE, "squares")
    assert own.through == "squares"
    np.testing.assert_allclose(own.pooled, (IMAGE**2).mean((0, 1)) @ weights + BIAS, rtol=1e-5)
    with pytest.raises(ArgumentError, match="'mean' has no positions"):
        attribution.logit_lens(model, IMAGE, "mean")
