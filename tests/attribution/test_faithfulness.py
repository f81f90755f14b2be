"""Deletion and insertion curves computed by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from attribution.networks import BIAS, IMAGE, WEIGHTS, network

from lucid_widgets import attribution
from lucid_widgets.errors import ArgumentError, UnknownNameError


@pytest.fixture(scope="module")
def linear() -> Any:
    return network()


def fox(features: np.ndarray) -> float:
    """Probability of the class "fox" for features `[2, 2, 3]`."""
    scores = np.exp(features.reshape(-1) @ WEIGHTS + BIAS)
    return float(scores[0] / scores.sum())


def area(curve: list[float]) -> float:
    return float(np.mean([(a + b) / 2 for a, b in pairwise(curve)]))


@pytest.mark.parametrize("replace", ["zero", "mean"])
@pytest.mark.parametrize("axis", ["positions", "channels"])
def test_replaces_the_largest_first(linear: Any, axis: str, replace: str) -> None:
    attribute = attribution.spatial_attribution if axis == "positions" else attribution.channel_attribution
    given = attribute(linear, IMAGE, "features", "fox", steps=2)
    found = attribution.faithfulness(linear, IMAGE, given, replace=replace)
    other = np.zeros_like(IMAGE) if replace == "zero" else np.broadcast_to(IMAGE.mean((0, 1)), IMAGE.shape)
    deleted, inserted = [IMAGE.copy()], [other.copy()]
    for place in np.argsort(-given.values.reshape(-1)):
        at: Any = np.unravel_index(place, (2, 2)) if axis == "positions" else (..., place)
        for curve, source in ((deleted, other), (inserted, IMAGE)):
            curve.append(curve[-1].copy())
            curve[-1][at] = source[at]
    np.testing.assert_allclose(found.deletion, [fox(each) for each in deleted], rtol=1e-5)
    np.testing.assert_allclose(found.insertion, [fox(each) for each in inserted], rtol=1e-5)
    np.testing.assert_allclose(found.fractions, np.arange(len(deleted)) / (len(deleted) - 1), rtol=1e-6)
    assert found.deletion_area == pytest.approx(area([fox(each) for each in deleted]), rel=1e-5)
    assert found.insertion_area == pytest.approx(area([fox(each) for each in inserted]), rel=1e-5)
    assert found.label == 0
    # Any order begins and ends with the same activations.
    for control, curve in ((found.random_deletion, found.deletion), (found.random_insertion, found.insertion)):
        np.testing.assert_allclose(control[[0, -1]], curve[[0, -1]], rtol=1e-5)


def test_few_points_and_equal_seeds(linear: Any) -> None:
    given = attribution.channel_attribution(linear, IMAGE, "flat", "fox", steps=2)
    found = attribution.faithfulness(linear, IMAGE, given, points=3, seed=1)
    np.testing.assert_allclose(found.fractions, [0, 1 / 3, 2 / 3, 1], rtol=1e-6)
    again = attribution.faithfulness(linear, IMAGE, given, points=3, seed=1)
    np.testing.assert_array_equal(found.random_deletion, again.random_deletion)


def test_needs_a_class(linear: Any) -> None:
    given = attribution.spatial_attribution(linear, IMAGE, "features", "scores:1", steps=2)
    with pytest.raises(ArgumentError, match=r"'scores:1', which is no class\. Pass label="):
        attribution.faithfulness(linear, IMAGE, given)
    assert attribution.faithfulness(linear, IMAGE, given, "owl", points=1).label == 1
    with pytest.raises(UnknownNameError, match="no class named 'owll'"):
        attribution.faithfulness(linear, IMAGE, given, "owll")
    with pytest.raises(UnknownNameError, match="no replacement named 'zeros'"):
        attribution.faithfulness(linear, IMAGE, given, "owl", replace="zeros")
