"""The widgets on one page of a host, whatever shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from browser.lab import Widget
from playwright.sync_api import FrameLocator, Locator, Page, Route

LOCAL = ("http://127.0.0.1", "http://localhost", "ws://127.0.0.1", "data:", "blob:", "file:", "about:")

# What only this widget has.
WORKBENCH = '[data-lucidw="expression"]'
PLAYER = '[data-lucidw="fps"]'
GRID = ".lucidw-feature-grid"


def _nothing() -> None:
    """In hosts where there is nothing to do."""


class View:
    """A page, what it complains about, and what it asks of other machines.

    Attributes:
        frame: Where outputs are shown.
        run: Runs a cell, in hosts that have cells.
        save: Saves the notebook to `file`.
        reload: Loads the page again.
        restart: Restarts the kernel through the server, without telling the page.
        patience: Seconds to wait for what a loaded machine does late.
    """

    PATIENCE = 120
    PATIENCE_FOR_BROKEN = 30

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame: Page | FrameLocator = page
        self.run: Callable[[int], object] = lambda cell: None
        self.save: Callable[[], object] = _nothing
        self.reload: Callable[[], object] = _nothing
        self.restart: Callable[[], object] = _nothing
        self.file = Path()
        self.patience = self.PATIENCE
        self.problems: list[str] = []
        self.outside: set[str] = set()
        self._instead: dict[str, Path] = {}
        self._ran: set[int] = set()
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.route(re.compile("^https?://"), self._route)

    def serve_instead(self, files: dict[str, Path]) -> None:
        """Answer requests to addresses that match these patterns with files of installed packages."""
        self._instead |= files

    def _route(self, route: Route) -> None:
        address = route.request.url
        if address.startswith(LOCAL):
            route.continue_()
            return
        self.outside.add(address)
        for pattern, file in self._instead.items():
            if re.search(pattern, address):
                headers = {"access-control-allow-origin": "*"}
                route.fulfill(body=file.read_bytes(), content_type="text/javascript", headers=headers)
                return
        route.abort()

    def _root(self, part: str) -> Locator:
        return self.frame.locator(f".lucidw:has({part})").first

    def widget(self, part: str, cell: int) -> Widget:
        """The widget that has this part. Runs its cell, in hosts that have cells, but only once."""
        root = self._root(part)
        if cell not in self._ran:
            self._ran.add(cell)
            self.run(cell)
        root.wait_for(timeout=120_000)
        root.scroll_into_view_if_needed()
        return Widget(self.page, root)

    def workbench(self) -> Widget:
        return self.widget(WORKBENCH, 0)

    def player(self) -> Widget:
        return self.widget(PLAYER, 1)

    def grid(self) -> Widget:
        return self.widget(GRID, 2)
