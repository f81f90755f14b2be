"""Real images in a `FeatureGrid`: turned cells, the figures for sorting, and the crops that the page asks for."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from evidence.networks import images, labels, whole_network
from PIL import Image
from waiting import until
from widgets.conftest import pages

from lucid_widgets import ActivationIndex, FeatureGrid, ImageSet
from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.widgets._evidence.unit_record import CROP

__all__ = ["pages"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def index() -> ActivationIndex:
    data = ImageSet.from_array(images(40), labels(40))
    return ActivationIndex.build(whole_network(), data, ["first", "second"], path=False, verbose=False)


@pytest.fixture
def grid(index: ActivationIndex, pages: list[object]) -> Iterator[FeatureGrid]:
    made = FeatureGrid(whole_network(), "second", run=False, cache=False, images=index)
    yield made
    made.close()


def test_cells_turn_one_by_one_and_all_at_once(grid: FeatureGrid) -> None:
    grid._run_command("set", {"turned": [3, 1, 3]})
    assert (grid.show_images, grid.turned) == (False, [1, 3])
    grid.show_images = True
    assert grid.turned == []
    grid.turned = [2]
    grid.layer = "first"
    assert grid.turned == []
    with pytest.raises(OutOfRangeError):
        grid.turned = [-1]
    with pytest.raises(ArgumentError, match="selectivity"):
        grid.sort_by = "selectivty"


def test_figures_are_those_of_the_index(grid: FeatureGrid, index: ActivationIndex) -> None:
    assert grid._figures == {}
    grid.sort_by = "strength"
    until(lambda: grid._figures)
    figures = grid._figures
    assert figures["strength"] == pytest.approx(index.figures("second", "strength").tolist(), rel=1e-3)
    assert figures["dead"] == [7]
    assert figures["selectivity"][7] is None
    assert figures["best"][:7] == [index["second", channel].selectivity[1] for channel in range(7)]  # type: ignore[index]
    assert figures["best"][7] == ""
    grid.layer = "first"
    assert grid._figures["strength"] == pytest.approx(index.figures("first", "strength").tolist(), rel=1e-3)


def test_page_gets_the_crops_that_excite_a_channel_most(grid: FeatureGrid, index: ActivationIndex) -> None:
    assert grid._run_command("real_cells", {"id": 0, "units": [2]}).value == {"units": []}
    grid.show_images = True
    until(lambda: grid._figures)
    reply = grid._run_command("real_cells", {"id": grid._figures["id"], "units": [2, 5, 99], "across": 2})
    assert reply.value["units"] == [2, 5]
    sheet = np.asarray(Image.open(io.BytesIO(reply.buffers[0])), int)
    assert sheet.shape == (2 * CROP, 4 * CROP, 3)
    unit = index["second:5"]
    right = sheet[:CROP, 3 * CROP :]  # of the second cell, the crop of the second image
    assert np.abs(right - unit.crop(unit.top[1], CROP)).mean() < 8  # of JPEG


def test_other_networks_index_is_refused_with_the_reason(index: ActivationIndex) -> None:
    other = whole_network()
    layer = other.keras_model.get_layer("first")
    layer.set_weights([weights + 1 for weights in layer.get_weights()])
    grid = FeatureGrid(other, "second", run=False, cache=False, images=index, show_classes=False)
    grid.hide_dead = True
    until(lambda: grid._evidence_build.get("state") == "failed")
    assert "stale: the network changed" in grid._evidence_build["message"]
    grid.close()
    bare = FeatureGrid(other, "second", run=False, cache=False, show_classes=False)
    with pytest.raises(ArgumentError, match="comes with no images"):
        bare.show_images = True
    bare.close()
