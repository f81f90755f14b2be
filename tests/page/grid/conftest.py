"""A page with a feature grid."""

from __future__ import annotations

from typing import Any

import pytest
from page.fake_notebook import FakeNotebook
from page.grid.grids import GridPage, OpenGrid, new_grid
from pages import Page
from playwright.sync_api import Browser


@pytest.fixture
def open_grid(browser: Browser, pages: list[Page], opened: list[FakeNotebook]) -> OpenGrid:
    """Open a page with a grid whose images the test produces."""

    def open_one(layer: str = "mixed4a", *, grid: dict[str, Any] | None = None, **options: Any) -> GridPage:
        widget = new_grid(layer, **(grid or {}))
        page = next(each for each in reversed(pages) if "_board" in each.state)
        notebook = GridPage(browser, widget, page, **options)
        opened.append(notebook)
        return notebook

    return open_one
