"""The detail panel of the grid lists the classes of the cell that it shows, once the cell is finished."""

from __future__ import annotations

import os

import pytest
from page.grid.grids import OpenGrid
from playwright.sync_api import expect

ROW = [[5, "ladybug", 0.6213], [6, "beetle", 0.11], [7, "fly", 0.04], [8, "ant", 0.002], [9, "moth", 0.001]]


@pytest.mark.parametrize("width", [1064, 344])
def test_detail_lists_the_classes_of_a_finished_cell(open_grid: OpenGrid, width: int) -> None:
    notebook = open_grid(width=width)
    notebook.make(range(6), value=100.0)
    notebook.page.evaluate("() => { host.onsend = null; }")
    notebook.change(_class_rows=5)
    notebook.page.locator('[data-unit="2"]').hover()
    board = notebook.page.evaluate("host.state._board")
    notebook.wait(f"host.sent.some(({{ args }}) => args?.key?.join() === '{board},2')")
    notebook.change(_classes=[{"key": [board, 1], "rows": [ROW[::-1]]}, {"key": [board, 2], "rows": [ROW]}])
    expect(notebook.part("seen").locator(".lucidw-seen-name").first).to_have_text("ladybug")
    assert notebook.part("seen").locator("button").count() == 0  # there is no objective to change
    if os.environ.get("SHOTS"):
        notebook.page.screenshot(path=f"/tmp/shot_grid{width}.png", full_page=True)
    box = notebook.part("seen").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    # An unfinished cell has none.
    notebook.page.locator('[data-unit="8"]').hover()
    expect(notebook.part("seen").locator(".lucidw-seen-name").first).to_have_text("–")
    notebook.change(_class_rows=0)
    expect(notebook.part("group-seen")).to_be_hidden()
