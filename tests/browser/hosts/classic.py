"""The classic notebook of Jupyter, until version 6."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser.hosts.cells import write_notebook
from playwright.sync_api import Page


class ClassicNotebook:
    """A notebook that is open in the classic notebook."""

    def __init__(self, page: Page, address: str, folder: Path, cells: list[str]) -> None:
        self.page, self.file = page, folder / "classic.ipynb"
        write_notebook(self.file, cells)
        page.goto(f"{address}/notebooks/{self.file.name}")
        # The extension of ipywidgets is loaded after the notebook. Widgets of an earlier cell would never be shown.
        page.wait_for_function(
            """() => {
                const kernel = window.Jupyter?.notebook?.kernel;
                return kernel?.is_connected() && kernel.widget_manager;
            }"""
        )

    def run(self, cell: int) -> None:
        self.page.evaluate("cell => Jupyter.notebook.execute_cells([cell])", cell)

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """Outputs of a cell, in the format of the notebook file."""
        found = self.page.evaluate("cell => Jupyter.notebook.get_cell(cell).output_area.toJSON()", cell)
        return list(found)

    def run_and_wait(self, cell: int) -> None:
        """Run a cell that prints something at its end."""
        self.run(cell)
        self.page.wait_for_function("cell => Jupyter.notebook.get_cell(cell).output_area.outputs.length", arg=cell)
        failed = [output for output in self.outputs(cell) if output["output_type"] == "error"]
        assert not failed, "\n".join(failed[0]["traceback"])

    def save(self) -> None:
        self.page.evaluate("() => Jupyter.notebook.save_notebook()")
