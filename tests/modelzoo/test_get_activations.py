"""Activations of many images: their places in the result, and the reduction of images that share an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from modelzoo.tiny_nets import images

from lucid_widgets.errors import ArgumentError, OutOfRangeError, UnknownNameError
from lucid_widgets.modelzoo.get_activations import get_activations, get_activations_iter
from lucid_widgets.modelzoo.vision_models import GraphDefModel


def gray(brightness: float, size: int = 8) -> np.ndarray:
    """An image for which `right_pre_relu` is 12 times its brightness."""
    return images(size, pixel=(brightness,) * 3)[0]


def test_array_of_images(towers: GraphDefModel) -> None:
    found = get_activations(towers, "both", images(batch=3))
    assert (found.shape, found.dtype) == ((3, 8, 8, 3), np.float32)
    np.testing.assert_allclose(found, np.broadcast_to(np.float32([0, 3, 7]), found.shape))
    np.testing.assert_allclose(get_activations(towers, towers.layers["both"], images()[0]), found[0])
    np.testing.assert_allclose(towers.get_activations("both", images(batch=3)), found)


def test_array_with_more_dimensions_in_batches(towers: GraphDefModel) -> None:
    brightness = np.arange(6).reshape(2, 3) / 6
    examples = np.stack([[gray(value) for value in row] for row in brightness])
    found = get_activations(towers, "right_pre_relu", examples, batch_size=4, center_only=True)
    np.testing.assert_allclose(found, 12 * brightness[..., None], rtol=1e-6)


def test_nested_lists_and_generators_leave_zeros_in_gaps(towers: GraphDefModel) -> None:
    def rows() -> Iterator[Any]:
        yield [gray(0.25), gray(0.5)]
        yield (gray(value) for value in [0.75])

    # Gaps are zero.
    np.testing.assert_allclose(
        get_activations(towers, "right_pre_relu", rows(), center_only=True)[..., 0], [[3, 6], [9, 0]], rtol=1e-6
    )
    found = get_activations(towers, "logits", [gray(0.25)] * 2, ind_shape=(3,), dtype="float16")
    assert found.dtype == np.float16
    # left is 0, 1 and right 3 behind the pool.
    np.testing.assert_allclose(found, [[1, 3, 4, 0]] * 2 + [[0] * 4])


def test_images_of_several_sizes_fit_only_with_center_only(towers: GraphDefModel) -> None:
    examples = [gray(0.5, 8), gray(0.25, 16), gray(1.0, 8)]
    found = get_activations(towers, "right_pre_relu", examples, center_only=True)
    np.testing.assert_allclose(found[:, 0], [6, 3, 12], rtol=1e-6)
    with pytest.raises(ArgumentError, match=r"^The activations do not fit into one array\."):
        get_activations(towers, "right_pre_relu", examples)


@pytest.mark.parametrize(("reducer", "expected"), [("mean", [7, 3]), ("rms", [63**0.5, 3]), ("max", [12, 3])])
@pytest.mark.parametrize("batch_size", [1, 2, 64])
@pytest.mark.parametrize("ind_shape", [None, (2,)])
def test_reduces_images_that_share_an_index(
    towers: GraphDefModel, reducer: str, expected: list[float], batch_size: int, ind_shape: Any
) -> None:
    # The first index has 12, 3 and 6, whose mean square is (144 + 9 + 36) / 3 = 63.
    pairs = [(0, gray(1.0)), (1, gray(0.25)), (0, gray(0.25)), (0, gray(0.5))]
    found = get_activations_iter(
        towers, "right_pre_relu", iter(pairs), reducer, batch_size, ind_shape=ind_shape, center_only=True
    )
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6)


def test_rms_of_one_value_has_no_sign(towers: GraphDefModel) -> None:
    found = get_activations_iter(towers, "left_pre_relu", [(0, images()[0])], "rms", center_only=True)
    np.testing.assert_allclose(found, [[1, 3]])


def test_rejects_bad_arguments(towers: GraphDefModel) -> None:
    with pytest.raises(UnknownNameError, match=r"^towers has no layer named 'bothh'"):
        get_activations(towers, "bothh", images())
    with pytest.raises(UnknownNameError, match=r"^get_activations_iter has no reducer named 'median'\."):
        get_activations_iter(towers, "both", [], "median")
    with pytest.raises(ArgumentError, match=r"^There are no images to compute activations of\."):
        get_activations(towers, "both", [])
    with pytest.raises(ArgumentError, match=r"^There is a float among the examples\. Expected arrays"):
        get_activations(towers, "both", [[0.5]])
    with pytest.raises(ArgumentError, match=r"^An image has the shape \(8, 8\)\."):
        get_activations(towers, "both", [np.zeros((8, 8))])
    with pytest.raises(
        ArgumentError, match=r"^An image has the index \(2,\)\. Expected one within ind_shape=\(2,\)\.$"
    ):
        get_activations_iter(towers, "both", [(2, gray(1))], ind_shape=(2,))
    with pytest.raises(OutOfRangeError, match=r"^batch_size is 0\."):
        get_activations(towers, "both", images(), batch_size=0)
