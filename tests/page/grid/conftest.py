"""A page with a feature grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page.grid.grids import GridPage, OpenGrid, new_grid
from pages import Page
from playwright.sync_api import Browser


@pytest.fixture
def open_grid(browser: Browser, pages: list[Page]) -> Iterator[OpenGrid]:
    """Open a page with a grid whose images the test produces. After the test, the console must be clean."""
    opened: list[GridPage] = []

    def open_one(layer: str = "mixed4a", *, grid: dict[str, Any] | None = None, **options: Any) -> GridPage:
        widget = new_grid(layer, **(grid or {}))
        page = next(each for each in reversed(pages) if "_board" in each.state)
        opened.append(GridPage(browser, widget, page, **options))
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems()]
    for notebook in opened:
        notebook.close()
    assert not problems, problems
