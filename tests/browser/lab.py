"""A real JupyterLab with a notebook, operated through its page: cells, buttons and pixels."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from browser.servers import STARTUP_SECONDS, jupyter
from playwright.sync_api import Locator, Page

Value = TypeVar("Value")
OpenNotebook = Callable[..., "Notebook"]

CELL_SECONDS = 120

# Console messages of JupyterLab itself on a fresh machine.
LAB_NOISE = ("favicon", "Failed to load resource", "has been deprecated", "/api/me", "ResizeObserver loop")
# JupyterLab prints the second one if a restart of the kernel loses its request for a subshell.
NOT_OURS = (*LAB_NOISE, "Canceled future for create_subshell_request")


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run JupyterLab in `folder` and yield its address."""
    with jupyter(folder, sys.executable, "lab") as address:
        yield address


_HAS_KERNEL = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.content?.widgets && panel.sessionContext?.isReady && panel.sessionContext.session?.kernel;
}"""
_DRAWN = """() => window.jupyterapp.shell.currentWidget.content.widgets.every(
    (cell) => !cell.node.isConnected || !cell.isPlaceholder?.())"""
# An output whose view was removed is hidden, and says that it is loading.
_SHOWN = """[...document.querySelectorAll('.jp-OutputArea-output')]
    .filter((each) => each.checkVisibility()).map((each) => each.textContent)"""


def load(page: Page, url: str) -> bool:
    """Load a notebook whose widgets are in its kernel. Return whether JupyterLab found one only in the second attempt.

    Its widget manager (jupyterlab-widgets 3.0.17) looks for a widget during two seconds, and then says that there is
    none if all widgets have been restored by now, which may have happened since it looked for the last time. That page
    never shows the widget; the next one does. A widget that the kernel does not have is missing on both.
    """
    return not _all_found(page, url) and _all_found(page, url)


def _all_found(page: Page, url: str) -> bool:
    page.goto(url)
    page.wait_for_function(_HAS_KERNEL, timeout=STARTUP_SECONDS * 1000)
    page.wait_for_function(_DRAWN)  # cells follow each other
    page.wait_for_function(f"() => !{_SHOWN}.includes('Loading widget...')")
    return not page.evaluate(f"() => {_SHOWN}.includes('Error displaying widget: model not found')")


class Notebook:
    """A notebook that is open in JupyterLab.

    Args:
        page: A browser page, empty or with a JupyterLab in which no notebook is open.
        address: Where JupyterLab listens.
        folder: The folder that it serves.
        cells: The notebook's code cells.
        kernel: Name of its kernel. Default: "python3", which starts as it does for a user.
        tree: Where the application shows notebooks; default: JupyterLab's place for them, in a workspace.
    """

    _count = 0

    def __init__(
        self, page: Page, address: str, folder: Path, cells: list[str], kernel: str = "python3", tree: str = ""
    ) -> None:
        Notebook._count += 1
        self.page = page
        self.address = address
        self.path = f"notebook_{Notebook._count}.ipynb"
        self.url = f"{address}/{tree or f'lab/workspaces/test{Notebook._count}/tree'}/{self.path}"
        self.problems: list[str] = []
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": kernel, "display_name": "Python 3", "language": "python"}
        nbformat.write(book, folder / self.path)
        self._listeners = {
            "console": lambda message: self._heard(message.text) if message.type == "error" else None,
            "pageerror": lambda error: self._heard(str(error)),
            "dialog": lambda dialog: dialog.accept(),
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)  # type: ignore[call-overload]
        if page.evaluate("() => Boolean(window.jupyterapp)"):
            page.evaluate(
                "async (path) => { await window.jupyterapp.commands.execute('docmanager:open', { path }); }", self.path
            )
            page.wait_for_function(_HAS_KERNEL, timeout=STARTUP_SECONDS * 1000)
        else:
            self.open()

    def _heard(self, text: str) -> None:
        if not any(known in text for known in NOT_OURS):
            self.problems.append(text)

    def close(self) -> None:
        """Shut down the kernel and close the notebook, but not the page."""
        self.page.evaluate(
            """async () => {
                const panel = window.jupyterapp?.shell.currentWidget;
                await panel?.sessionContext?.shutdown();
                panel?.dispose();
            }"""
        )
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)

    def open(self) -> None:
        """Load the page, or load it again, and wait for the notebook's kernel."""
        heard = len(self.problems)
        if load(self.page, self.url):
            self.problems[heard:] = [each for each in self.problems[heard:] if "widget model not found" not in each]

    def run(self, cell: int, *, wait: bool = True) -> list[dict[str, Any]]:
        """Run a cell as Shift+Enter does and return its outputs. Without `wait`, return an empty list immediately."""
        self.page.evaluate(
            """async (cell) => {
                const panel = window.jupyterapp.shell.currentWidget;
                panel.content.activeCellIndex = cell;
                window.ran = false;
                window.jupyterapp.commands.execute("notebook:run-cell").finally(() => (window.ran = true));
            }""",
            cell,
        )
        if not wait:
            return []
        self.page.wait_for_function("() => window.ran", timeout=CELL_SECONDS * 1000)
        outputs = self.outputs(cell)
        failed = [output for output in outputs if output["output_type"] == "error"]
        assert not failed, "\n".join(failed[0]["traceback"])
        return outputs

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """Outputs of a cell, in the format of the notebook file."""
        found = self.page.evaluate(
            """(cell) => JSON.stringify(
                window.jupyterapp.shell.currentWidget.content.widgets[cell].model.outputs.toJSON())""",
            cell,
        )
        return list(json.loads(found))

    def text(self, cell: int) -> str:
        """Text that a cell printed."""
        return "".join("".join(o["text"]) for o in self.outputs(cell) if o.get("name") == "stdout")

    def run_until(self, cell: int, what: Callable[[str], object], seconds: float = 60) -> None:
        """Run a cell repeatedly until `what(text)` is true."""
        deadline = time.monotonic() + seconds
        self.run(cell)
        while not what(self.text(cell)):
            assert time.monotonic() < deadline, f"not within {seconds} s; the cell printed {self.text(cell)!r}"
            self.page.wait_for_timeout(100)
            self.run(cell)

    def save(self) -> None:
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")

    def restart_kernel(self) -> None:
        self.page.evaluate(
            "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
        )

    def restart_through_server(self) -> None:
        """Restart the kernel without telling the page, which goes on believing that it is the same kernel."""
        kernel = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
        token = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}["_xsrf"]
        kernels = f"{self.address}/api/kernels/{kernel}"
        restart = self.page.request.post(f"{kernels}/restart", headers={"X-XSRFToken": token}, timeout=120_000)
        assert restart.ok, restart.status_text
        # The server lists the new kernel as idle once it answers.
        deadline = time.monotonic() + CELL_SECONDS
        while self.page.request.get(kernels).json()["execution_state"] != "idle":
            assert time.monotonic() < deadline, "the new kernel is not idle"
            self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(2000)  # what a kernel says before the server is connected again is lost

    def interrupt_kernel(self) -> None:
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until it is loaded and its splash screen is gone.

        A splash screen that is shown again before it has faded is removed twice, and JupyterLab prints an error.
        """
        self.page.evaluate(
            "async (theme) => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }", name
        )
        self.page.wait_for_function(
            """(name) => document.body.dataset.jpThemeName === name && !document.querySelector("#jupyterlab-splash")""",
            arg=name,
        )

    def widget(self, index: int = 0) -> Widget:
        return Widget(self.page, self.page.locator(".lucidw[data-status]").nth(index))


class Widget:
    """One view of a widget."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.canvas = self.part("canvas")

    def part(self, name: str) -> Locator:
        """The element with this `data-lucidw`. "run", "pause" and "resume" mean the primary button in that state."""
        return self.root.locator(f'[data-lucidw="{name}"], [data-lucidw="primary"][data-command="{name}"]')

    @property
    def status(self) -> str:
        return str(self.root.get_attribute("data-status"))

    @property
    def step(self) -> int:
        """Step of the image on the canvas."""
        return int(self.canvas.get_attribute("data-step") or 0)

    @property
    def frames(self) -> int:
        """Number of images drawn on the canvas."""
        return int(self.canvas.get_attribute("data-frames") or 0)

    @property
    def lossless(self) -> bool:
        """Whether the image on the canvas is lossless, as the last one of a run is."""
        return self.canvas.get_attribute("data-lossless") == "true"

    def wait_for(self, what: Callable[[], Value], seconds: float = 60) -> Value:
        """Wait until `what()` is true."""
        deadline = time.monotonic() + seconds
        while not (value := what()):
            if time.monotonic() > deadline:
                # The widget may be gone, and explorers have no canvas.
                seen = [each.evaluate("(e) => ({ ...e.dataset })") for each in (*self.root.all(), *self.canvas.all())]
                raise AssertionError(f"not within {seconds} s; the page shows {seen}")
            self.page.wait_for_timeout(30)
        return value

    def wait_for_rest(self, *statuses: str, seconds: float = 60) -> None:
        """Wait until the run has one of these statuses, and the canvas shows its last image, which is lossless."""
        self.wait_for(lambda: self.status in statuses and self.lossless, seconds)

    def wait_for_status(self, *statuses: str, seconds: float = 60) -> None:
        self.wait_for(lambda: self.status in statuses, seconds)

    def press(self, name: str) -> None:
        self.part(name).click()

    def pixels(self) -> bytes:
        """Pixels of the canvas, RGBA."""
        values = self.canvas.evaluate("c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)")
        return bytes(values)

    def watch(self) -> None:
        """Start to record which different images the canvas shows at each repaint."""
        self.canvas.evaluate(
            """canvas => {
                const seen = (canvas.seen = { pictures: new Set(), ended: false });
                const look = () => {
                    if (!canvas.isConnected || seen.ended) return;
                    if (canvas.width) {
                        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                        let hash = 0;
                        for (let i = 0; i < data.length; i += 1) hash = (Math.imul(hash, 31) + data[i]) | 0;
                        seen.pictures.add(hash);
                    }
                    requestAnimationFrame(look);
                };
                look();
            }"""
        )

    def watch_no_more(self) -> None:
        """End `watch`: reading pixels at every repaint leaves a loaded machine no time for a click."""
        self.canvas.evaluate("canvas => (canvas.seen.ended = true)")

    def different_pictures(self) -> int:
        return int(self.canvas.evaluate("canvas => canvas.seen.pictures.size"))
