"""One JupyterLab, in one page of a browser, in which each test opens and closes its notebooks."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.lab import Notebook, OpenNotebook, serve
from browser.servers import log_of
from playwright.sync_api import Browser, Page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the server has printed last to a failure: it says whether a kernel died."""
    report = yield
    used: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and "lab" in used:
        _, folder = used["lab"]
        report.sections.append(("server", log_of(folder)))
    return report


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, warm_kernel: str) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("lab")
    with serve(folder) as address:
        yield address, folder


@pytest.fixture(scope="session")
def lab_page(browser: Browser) -> Iterator[Page]:
    """A page for all notebooks: loading JupyterLab takes longer than most tests."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)  # a loaded machine is slow, not wrong; a wait for nothing still fails
    yield page
    context.close()


@pytest.fixture
def open_notebook(lab_page: Page, lab: tuple[str, Path], warm_kernel: str) -> Iterator[OpenNotebook]:
    """Open a notebook with the given cells. After the test, shut down its kernel and require a clean console.

    TensorFlow is imported already, unless the environment variable LUCID_WIDGETS_TEST_KERNEL is "python3".
    """
    address, folder = lab
    opened: list[Notebook] = []
    kernel = os.environ.get("LUCID_WIDGETS_TEST_KERNEL", warm_kernel)

    def open_one(cells: list[str], *, width: int = 1200, height: int = 1000) -> Notebook:
        lab_page.set_viewport_size({"width": width, "height": height})
        opened.append(Notebook(lab_page, address, folder, cells, kernel))
        return opened[-1]

    yield open_one
    problems = [problem for notebook in opened for problem in notebook.problems]
    for notebook in opened:
        notebook.close()
    assert not problems, problems
