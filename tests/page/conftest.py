"""A fresh page with only a fake notebook for each test of the bundles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needs import missing, node_modules
from page.fake_notebook import FakeNotebook, OpenWidget
from page.live_widget import LiveWidget, OpenLive
from pages import Page
from playwright.sync_api import Browser
from widgets.conftest import pages

__all__ = ["axe", "open_live", "open_widget", "pages"]


@pytest.fixture
def opened() -> Iterator[list[FakeNotebook]]:
    """The pages of a test. After the test, each console must be clean, and no page must have set a trait."""
    notebooks: list[FakeNotebook] = []
    yield notebooks
    problems = [problem for notebook in notebooks for problem in notebook.problems()]
    for notebook in notebooks:
        notebook.close()
    assert not problems, problems


@pytest.fixture
def open_widget(browser: Browser, opened: list[FakeNotebook]) -> OpenWidget:
    """Open a page with one widget."""

    def open_one(**options: Any) -> FakeNotebook:
        opened.append(FakeNotebook(browser, **options))
        return opened[-1]

    return open_one


@pytest.fixture
def open_live(browser: Browser, pages: list[Page], opened: list[FakeNotebook]) -> OpenLive:
    """Open a page connected to a Python widget."""

    def open_one(widget: Any, **options: Any) -> LiveWidget:
        (comm,) = [page for page in pages if page.comm_id == widget.comm.comm_id]
        live = LiveWidget(browser, widget, comm, **options)
        opened.append(live)
        return live

    return open_one


@pytest.fixture(scope="session")
def axe() -> str:
    script: Path = node_modules() / "axe-core" / "axe.min.js"
    if not script.is_file():
        missing("axe-core is not installed (npm ci --prefix js)")
    return script.read_text(encoding="utf-8")
