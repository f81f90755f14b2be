"""The feature grid in a real notebook: it renders automatically, and a click opens a channel below it."""

from __future__ import annotations

import pytest
from browser.lab import OpenNotebook, Widget

pytestmark = pytest.mark.browser

CELL = """from lucid_widgets import FeatureGrid
grid = FeatureGrid(None, "mixed3a", channels=range(12), image_size=32, steps=8, batch=6, cache=False)
grid"""


def test_click_opens_live_widget_below_grid(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        [CELL, "print(grid.opened.expression, grid.opened.model is grid.model)", "print(grid.opened)"]
    )
    notebook.run(0)
    grid = Widget(notebook.page, notebook.page.locator(".lucidw:has(.lucidw-feature-grid)"))
    grid.wait_for_status("done", seconds=180)
    cell = grid.root.locator('[data-unit="7"]')
    grid.wait_for(lambda: cell.get_attribute("data-state") == "2")
    values = cell.locator("canvas").evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    )
    assert len(set(values)) > 60, "the image is empty"
    cell.click()
    opened = Widget(notebook.page, notebook.page.locator(".lucidw:has([data-lucidw=expression])"))
    opened.wait_for(lambda: opened.root.count() == 1)
    opened.wait_for(lambda: opened.step > 0, seconds=180)
    top, bottom = grid.root.bounding_box(), opened.root.bounding_box()
    assert top is not None
    assert bottom is not None
    assert bottom["y"] >= top["y"] + top["height"], "it is not under the grid"
    notebook.run(1)
    assert notebook.text(1) == 'channel("mixed3a", 7) True\n'
    grid.press("close-opened")
    opened.wait_for(lambda: opened.root.count() == 0)
    notebook.run(2)
    assert notebook.text(2) == "None\n"
    assert notebook.problems == []
