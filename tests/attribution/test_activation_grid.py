"""Activation grids: magnitudes and directions by hand, and cells that come to look like them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attribution.networks import IMAGE, network

from lucid_widgets import attribution
from lucid_widgets.attribution.activation_grid import _whitened, iter_activation_grid, picture_of
from lucid_widgets.errors import ArgumentError, UnknownNameError


@pytest.fixture(scope="module")
def linear() -> Any:
    return network()


@pytest.mark.slow
def test_each_cell_points_in_its_direction(linear: Any) -> None:
    grids = list(iter_activation_grid(linear, IMAGE, "features", cell_size=8, steps=12))
    assert [grid.step for grid in grids] == [0, 4, 8, 12]
    assert (grids[0].images == 0.5).all()
    lengths = np.linalg.norm(IMAGE, axis=-1)
    np.testing.assert_allclose(grids[-1].magnitudes, lengths / lengths.max(), rtol=1e-5)
    # The layer repeats the image, so a cell takes the color of its position.
    colors = grids[-1].images[:, :, 3:6, 3:6].mean((2, 3))
    for row, column in np.ndindex(2, 2):
        cosine = colors[row, column] @ IMAGE[row, column]
        cosine /= np.linalg.norm(colors[row, column]) * lengths[row, column]
        assert cosine > 0.97 * (0.5 * IMAGE[row, column].sum() / (np.sqrt(0.75) * lengths[row, column]))
    again = attribution.activation_grid(linear, IMAGE, "features", cell_size=8, steps=12, verbose=False)
    np.testing.assert_array_equal(again.picture, grids[-1].picture)
    assert again.picture.shape == (16, 16, 3)


def test_pictures_show_magnitudes() -> None:
    images = np.zeros((1, 2, 4, 4, 3), np.float32)
    magnitudes = np.asarray([[1, 0]], np.float32)
    sized = picture_of(images, magnitudes, "size")
    assert (sized[:, :4] == 0).all()
    assert (sized[..., 0] == 0).sum() == 17  # the weakest cell keeps a quarter of its side
    np.testing.assert_array_equal(picture_of(images, magnitudes, "opacity")[0, [0, 4], 0], [0, 0.5])
    assert (picture_of(images, magnitudes, "none") == 0).all()


def test_whitening_divides_by_the_covariance() -> None:
    samples = np.random.default_rng(0).normal(0, [1, 4], (4000, 2))
    found = _whitened(np.ones((1, 1, 2), np.float32), samples, "layer")[0, 0]
    covariance = np.cov(samples, rowvar=False)
    wanted = np.linalg.solve(covariance + 0.05 * np.trace(covariance) * np.eye(2), np.ones(2))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_wrong_input_is_refused_before_any_work(linear: Any) -> None:
    with pytest.raises(ArgumentError, match="'flat' has no positions"):
        iter_activation_grid(linear, IMAGE, "flat")
    with pytest.raises(UnknownNameError, match="no magnitude named 'sizes'"):
        iter_activation_grid(linear, IMAGE, "features", magnitude="sizes")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="whiten has the shape"):
        iter_activation_grid(linear, IMAGE, "features", whiten=np.zeros((1, 3)))
