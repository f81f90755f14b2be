"""A grid that asks before long work, and cells whose run has ended."""

from __future__ import annotations

import pytest
from page.grid.grids import GridPage, OpenGrid
from page.test_looks import look
from playwright.sync_api import expect


def rest(notebook: GridPage, status: str, **traits: object) -> None:
    """Let the run end, as when its worker reports."""
    live = notebook.widget._live
    with notebook.widget._lock:
        live.note_status(status)  # type: ignore[arg-type]
        notebook.widget._publish(**traits)
        live._publish_numbers(status)  # type: ignore[arg-type]
        live._send_news()
    notebook.push()


def test_button_says_how_many_images_and_how_long(open_grid: OpenGrid) -> None:
    notebook = open_grid("mixed3a")
    notebook.make(range(8))
    rest(notebook, "running")
    rest(notebook, "paused", _estimate={"images": 248, "seconds": 1790})
    primary = notebook.part("primary")
    expect(primary).to_have_text("Render 248 images, about 30\u00a0min")
    expect(primary).to_have_attribute("data-command", "resume")
    expect(notebook.page.locator(".lucidw-live-region")).to_have_text(
        "8 images rendered. The other 248 take about 30 min."
    )
    rest(notebook, "running", _estimate={})
    expect(primary).to_have_text("Pause")


@pytest.mark.parametrize("width", [320, 400, 760, 1040])
def test_the_question_fits(open_grid: OpenGrid, width: int) -> None:
    notebook = look(open_grid(width=width + 24))
    rest(notebook, "paused", _estimate={"images": 2040, "seconds": 40000})
    expect(notebook.part("primary")).to_contain_text("Render 2040 images, about 11\u00a0h")
    assert notebook.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert notebook.page.evaluate("overflowing(document.querySelector('.lucidw'))") == []
    box = notebook.part("primary").locator(".lucidw-caption").bounding_box()
    assert box
    assert box["width"] > 120  # the words are there, not only the icon


@pytest.mark.parametrize("status", ["stopped", "error"])
def test_no_cell_stays_unfinished_after_the_run(open_grid: OpenGrid, status: str) -> None:
    notebook = open_grid()
    notebook.make(range(3))
    notebook.make(range(3, 9), finished=False)
    unfinished = notebook.part("cells").get_by_role("option", name="unfinished")
    expect(unfinished).to_have_count(6)
    notebook.part("cells").locator('[data-unit="4"]').hover()
    expect(notebook.root.locator(".lucidw-right")).to_contain_text("Unfinished")
    rest(notebook, status)
    expect(unfinished).to_have_count(0)
    expect(notebook.root.locator(".lucidw-right")).to_contain_text("Waiting")
    assert notebook.cell_pixel(4) == [0, 0, 0, 0]
