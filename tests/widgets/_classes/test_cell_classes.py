"""The detail panel of a `FeatureGrid` shows the classes of finished cells."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from optvis.tiny_network import Tiny, in_numpy
from pages import Page, settled

from lucid_widgets import classify, models
from lucid_widgets.widgets.feature_grid import FeatureGrid

pytestmark = pytest.mark.slow


def test_a_grid_without_classes_opens_widgets_without_them(pages: list[Page]) -> None:
    grid = FeatureGrid(Tiny(), "relu", image_size=8, run=False, show_classes=False)
    assert grid.show_classes is False
    assert grid.open_unit(1, run=False).show_classes is False


def test_a_finished_cell_has_the_classes_of_its_image(pages: list[Page]) -> None:
    grid = FeatureGrid(Tiny(), "relu", image_size=8, steps=2, cache=False)
    page = pages[-1]
    assert grid.wait() == "done"
    board = grid._live.cells.id
    for key in ([board, 2], [board, 99], [board - 1, 2]):
        assert page.command("classes", key=key)["ok"]
    settled()
    scores = in_numpy(grid.images[2:3])["dense"][0]
    probabilities = np.exp(scores) / np.exp(scores).sum()
    (entry,) = page.state["_classes"]
    assert (page.state["_class_rows"], entry["key"]) == (2, [board, 2])
    assert {row[0]: row[2] for row in entry["rows"][0]} == pytest.approx(dict(enumerate(probabilities)), abs=1e-4)
    assert grid.open_unit(1, run=False).show_classes is True
    grid.layer = "conv"  # other cells, which are not finished yet
    grid.stop()
    assert grid._live.cells.id != board


def test_the_black_around_an_image_that_is_not_square_is_left_out(pages: list[Page]) -> None:
    image = keras.Input((8, 16, 3))
    features = keras.layers.Conv2D(2, 1, name="features")(image)
    scores = keras.layers.Dense(3, name="scores")(keras.layers.GlobalAveragePooling2D()(features))
    model = models.from_keras(keras.Model(image, scores), image_value_range=(0, 255))
    grid = FeatureGrid(model, "features", image_size=16, steps=2, cache=False)
    page = pages[-1]
    assert grid.wait() == "done"
    assert not grid.images[0, :4].any()
    page.command("classes", key=[grid._live.cells.id, 0])
    settled()
    (row,) = page.state["_classes"][-1]["rows"]
    expected = classify(model, grid.images[0, 4:12])[0]
    assert [(index, label) for index, label, _ in row] == [(each.index, f"class {each.index}") for each in expected]
    assert [each[2] for each in row] == pytest.approx([each.probability for each in expected], abs=1e-4)
