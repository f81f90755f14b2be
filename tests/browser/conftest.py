"""One JupyterLab server for all browser tests, with a new page for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Notebook, OpenNotebook, serve
from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("lab")
    with serve(folder) as address:
        yield address, folder


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window for all notebooks, so that only the first of them loads and compiles JupyterLab."""
    context = browser.new_context()
    context.new_page()  # keeps the window open
    yield context
    context.close()


@pytest.fixture
def open_notebook(window: BrowserContext, lab: tuple[str, Path]) -> Iterator[OpenNotebook]:
    """Open a notebook with the given cells. After the test, shut down its kernel and require a clean console."""
    address, folder = lab
    opened: list[Notebook] = []

    def open_one(cells: list[str], *, width: int = 1200, height: int = 1000) -> Notebook:
        page = window.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(10_000)
        opened.append(Notebook(page, address, folder, cells))
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems]
    for notebook in opened:
        notebook.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
        notebook.page.close()
    assert not problems, problems
