"""One JupyterLab, in one page of a browser, in which each test opens and closes its notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import Notebook, OpenNotebook, serve
from playwright.sync_api import Browser, Page
from warm.kernels import KERNEL, warm_kernels


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("lab")
    with warm_kernels(tmp_path_factory.mktemp("kernels")) as variables, serve(folder, variables) as address:
        yield address, folder


@pytest.fixture(scope="session")
def lab_page(browser: Browser) -> Iterator[Page]:
    """A page for all notebooks: loading JupyterLab takes longer than most tests."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def open_notebook(lab_page: Page, lab: tuple[str, Path]) -> Iterator[OpenNotebook]:
    """Open a notebook with the given cells. After the test, shut down its kernel and require a clean console.

    The kernel "python3" imports TensorFlow during the test, as a user's does. The default has imported it before.
    """
    address, folder = lab
    opened: list[Notebook] = []

    def open_one(cells: list[str], *, width: int = 1200, height: int = 1000, kernel: str = KERNEL) -> Notebook:
        lab_page.set_viewport_size({"width": width, "height": height})
        kernel = os.environ.get("LUCID_WIDGETS_TEST_KERNEL", kernel)
        opened.append(Notebook(lab_page, address, folder, cells, kernel))
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems]
    for notebook in opened:
        notebook.close()
    assert not problems, problems
