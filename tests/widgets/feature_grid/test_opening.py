"""Sheets that a FeatureGrid exports, and the widgets that it opens."""

from __future__ import annotations

import gc
import io
import json
import sys
import threading
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from pages import Page
from PIL import Image
from streams import PATIENCE_SECONDS
from widgets.feature_grid.grids import Make

from lucid_widgets import FeatureGrid
from lucid_widgets.errors import ArgumentError, LucidError

pytestmark = pytest.mark.slow


class TestExport:
    def test_exports_a_sheet_with_its_layout(self, make: Make, tmp_path: Path) -> None:
        grid, _ = make(channels=[7, 2, 5])
        with pytest.raises(ArgumentError, match="no image yet"):
            grid.save(tmp_path / "late.png")
        grid.run()
        grid.wait()
        files = grid.save(tmp_path / "late.png")
        assert [file.name for file in files] == ["late.png", "late.png.json"]
        about = json.loads((tmp_path / "late.png.json").read_text())
        assert (about["layer"], about["units"], about["width"]) == ("late", [7, 2, 5], 8)
        np.testing.assert_allclose(about["values"], grid.values, rtol=1e-6)
        (sheet,) = about["sheets"]
        pixels = np.asarray(Image.open(tmp_path / sheet["file"]))
        for place in range(3):
            row, column = divmod(place, sheet["columns"])
            cell = pixels[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
            np.testing.assert_array_equal(cell, np.rint(255 * grid.images[place]).astype(np.uint8))

    def test_without_an_image_says_whether_one_comes(self, make: Make, tmp_path: Path) -> None:
        traced = threading.Event()

        def slow(images: tf.Tensor) -> tf.Tensor:
            assert traced.wait(PATIENCE_SECONDS)
            return images

        grid, _ = make(transforms=[slow])
        for hint in ("Run first.", "Call wait() first."):
            for ask in (partial(grid.save, tmp_path / "late.png"), grid.freeze):
                with pytest.raises(ArgumentError, match="no image yet") as caught:
                    ask()
                assert caught.value.hint == hint
            grid.run()
        traced.set()
        assert grid.wait() == "done"

    def test_rejects_other_file_extensions(self, make: Make, tmp_path: Path) -> None:
        grid, _ = make()
        grid._live.cells.put(0, np.zeros((8, 8, 3), np.uint8), None)
        with pytest.raises(ArgumentError, match=r"Expected one of \.png"):
            grid.save(tmp_path / "late.gif")

    def test_page_gets_image_and_layout(self, make: Make) -> None:
        grid, page = make()
        grid._live.cells.put(4, np.zeros((8, 8, 3), np.uint8), 1.5)
        reply, (picture, geometry) = page.command_with_buffers("png")
        assert reply["value"] == {"filename": "tiny-late.png"}
        assert Image.open(io.BytesIO(picture)).size == (8, 8)
        assert json.loads(geometry)["values"] == [1.5]


class TestOpening:
    def test_opens_a_cell_in_a_widget_with_its_objective(self, make: Make) -> None:
        grid, page = make(seed=7, transforms=[])
        assert grid.opened is None
        widget = grid.open_unit(5, run=False)
        assert widget is grid.opened
        assert (widget.layer, widget.channel, widget.seed) == ("late", 5, 7)
        assert widget.model is grid.model
        assert grid.slot.children == (widget,)
        assert page.state["opened_unit"] == 5

    def test_opens_the_next_unit_in_the_same_widget(self, make: Make) -> None:
        grid, _ = make()
        widget = grid.open_unit(5, run=False)
        widget.image_size = 32
        assert grid.open_unit(6, run=False) is widget
        assert (widget.channel, widget.image_size) == (6, 32)

    def test_follows_the_unit_that_is_chosen_in_the_open_widget(self, make: Make) -> None:
        grid, page = make()
        widget = grid.open_unit(5, run=False)
        widget.channel = 7
        page.until(lambda: page.state["opened_unit"] == 7)
        grid.layer = "early"
        assert (page.state["opened_unit"], page.state["_opened_name"]) == (-1, "late:7")
        grid.close_unit()
        assert (page.state["opened_unit"], page.state["_opened_name"]) == (-1, "")

    def test_closed_player_is_garbage_collected(self, make: Make, pages: list[Page]) -> None:
        grid, page = make()
        widget = grid.open_unit(5, run=False)
        slot = grid.slot
        assert page.command("close")["ok"]
        assert (grid.opened, slot.children, page.state["opened_unit"]) == (None, (), -1)
        assert widget.comm is None
        gone = weakref.ref(widget)
        pages.clear()
        del widget, page
        gc.collect()
        assert gone() is None

    def test_opens_a_new_widget_after_the_user_closed_it(self, make: Make) -> None:
        grid, _ = make()
        first = grid.open_unit(5, run=False)
        first.close()
        assert grid.opened is None
        assert grid.open_unit(5, run=False) is not first

    def test_rejects_a_unit_that_is_not_shown(self, make: Make) -> None:
        grid, page = make(channels=[1, 2])
        with pytest.raises(ArgumentError, match="3 is not in this grid"):
            grid.open_unit(3)
        assert not page.command("open", unit="<b>")["ok"]

    def test_displays_its_panel_below_it(self, make: Make) -> None:
        grid, page = make()
        assert not page.state["_has_slot"]
        data, _ = grid._repr_mimebundle_()
        assert page.state["_has_slot"]
        panel = grid._panel._column
        assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
        assert panel.children == (grid, grid.slot)


def test_a_host_that_makes_widgets_only_in_cells_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError

    grid = FeatureGrid(run=False, cache=False)
    monkeypatch.setattr("lucid_widgets.widgets._grid.rendered_cells.LucidWidget", refuse)
    with pytest.raises(AssertionError):
        grid.open_unit(3)
    monkeypatch.setitem(sys.modules, "marimo", sys)
    with pytest.raises(LucidError, match=r"only while a cell runs\. Call open_unit"):
        grid.open_unit(3)
    grid.close()
