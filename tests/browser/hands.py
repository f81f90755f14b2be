"""A user of JupyterLab, with a mouse and a keyboard, whose clicks, keys and seconds are counted."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser.lab import Notebook, Widget
from playwright.sync_api import Download, Locator

# A folder for screenshots of each path, to look at.
SCREENSHOTS = os.environ.get("LUCID_WIDGETS_SCREENSHOTS")

# Seconds for anything that renders, on a busy machine.
PATIENCE = 300


@dataclass
class Hands:
    """One person at one notebook. `clicks`, `keys` and `seconds` are what this person needed so far."""

    name: str
    notebook: Notebook
    clicks: int = 0
    keys: int = 0
    files: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @property
    def page(self) -> Any:
        return self.notebook.page

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def tab_to(self, part: str, most: int = 40) -> None:
        """Press Tab until the control with this `data-lucidw` has the focus."""
        for _ in range(most):
            if self.focused() == part:
                return
            self.press("Tab")
        raise AssertionError(f"{part!r} cannot be reached; the focus is on {self.focused()!r}")

    def run_cell(self, cell: int = 0) -> None:
        """Select a cell and press Shift+Enter. Only the key counts: people select a cell by reading it."""
        # JupyterLab may still move the focus, after a change of its layout or its theme.
        self.page.wait_for_function(
            """(cell) => {
                const { content } = window.jupyterapp.shell.currentWidget;
                if (content.activeCellIndex === cell && content.node.contains(document.activeElement)) return true;
                content.activeCellIndex = cell;
                content.mode = "command";
                content.node.focus();
                return false;
            }""",
            arg=cell,
        )
        self._began = time.monotonic()
        self.press("Shift+Enter")

    def widget(self) -> Widget:
        widget = self.notebook.widget()
        widget.root.wait_for(timeout=PATIENCE * 1000)
        return widget

    def mark(self, what: str) -> None:
        """Note what this took since the cell was run."""
        self.marks[what] = f"{time.monotonic() - self._began:.1f} s, {self.clicks} clicks, {self.keys} keys"
        self.look(what)

    def sees_image(self, widget: Widget) -> None:
        """Wait for the first image that differs from noise."""
        widget.wait_for(lambda: widget.step > 0 and widget.canvas.is_visible(), seconds=PATIENCE)
        self.mark("first image")

    def receives(self, action: Any) -> Path:
        """Do something that downloads a file, and return its path."""
        with self.page.expect_download(timeout=PATIENCE * 1000) as waiting:
            action()
        download: Download = waiting.value
        self.files.append(download.suggested_filename)
        return Path(download.path())

    def look(self, what: str) -> None:
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SCREENSHOTS}/{self.name} {what}.png".replace(" ", "_"))

    def focused(self) -> str:
        """Name of the control that has the keyboard focus."""
        return str(
            self.page.evaluate(
                """() => {
                    const it = document.activeElement;
                    return it?.closest(".lucidw")
                        ? it.dataset.lucidw || it.getAttribute("aria-label") || it.className
                        : "";
                }"""
            )
        )

    def report(self) -> str:
        return "\n".join(f"{self.name:30}{what:16}{figures}" for what, figures in self.marks.items())


__all__ = ["PATIENCE", "SCREENSHOTS", "Hands"]
