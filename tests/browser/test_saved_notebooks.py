"""Saved notebooks, reopened without a kernel and without network access: images are shown and animations play."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from browser.lab import Notebook, OpenNotebook
from nbclient import NotebookClient
from needs import ROOT
from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"

CELLS = [
    """import numpy as np
from lucid_widgets import OptimizationCanvas, SpritePlayer
from lucid_widgets.frames import Frame""",
    """frames = np.zeros((12, 64, 64, 3), np.uint8)
frames[..., 0] = np.linspace(0, 250, 12).astype(np.uint8)[:, None, None]
frames[:, 20:40, 20:40, 1] = np.linspace(250, 0, 12).astype(np.uint8)[:, None, None, None][..., 0]
player = SpritePlayer(frames, fps=10, title="from black to red")
player""",
    """images = np.full((1, 32, 32, 3), (0.2, 0.8, 0.4), np.float32)
canvas = OptimizationCanvas([Frame(step, 1.0 * step, images) for step in range(4)])
canvas.run()
canvas""",
    "canvas.wait()\ncanvas.freeze()",
]


def made(path: Path, cells: list[str]) -> Path:
    """A notebook that a real kernel ran without a page, saved with the state of its widgets."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(book, timeout=120, kernel_name="python3").execute(cwd=str(ROOT))
    nbformat.write(book, path)
    return path


def stateless(path: Path, named: Path) -> Path:
    book = nbformat.read(path, as_version=4)
    del book.metadata["widgets"]
    nbformat.write(book, named)
    return named


@pytest.fixture(scope="module")
def with_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("with") / "saved_with_state.ipynb", CELLS)


@pytest.fixture(scope="module")
def without_state(with_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stateless(with_state, tmp_path_factory.mktemp("without") / "saved_without_state.ipynb")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frozen")
    return stateless(made(folder / "with.ipynb", [*CELLS[:2], "player.freeze()"]), folder / "saved_frozen.ipynb")


def outputs(path: Path) -> list[dict[str, str]]:
    book = nbformat.read(path, as_version=4)
    return [output["data"] for cell in book.cells for output in cell.outputs if output.get("data")]


def test_saved_notebook_contains_sheet_and_fallback(with_state: Path) -> None:
    player, canvas = outputs(with_state)
    assert set(player) == {WIDGET, "text/html", "image/png", "text/plain"}
    assert set(canvas) == {"image/png", "text/plain"}  # frozen
    states = nbformat.read(with_state, as_version=4).metadata["widgets"][STATE]["state"]
    (saved,) = (each for each in states.values() if "_sheets" in json.dumps(each.get("buffers", [])))
    assert [buffer["path"] for buffer in saved["buffers"]] == [["_sheets", 0]]
    # One sprite sheet next to the bundle, and not one image per frame.
    assert len(saved["buffers"][0]["data"]) < 10_000


class Reader:
    """JupyterLab with a reopened notebook: no network beyond JupyterLab itself, and no kernel that has widgets.

    The kernel that JupyterLab starts with a notebook is shut down once `what` is visible. (If the user selects
    "No Kernel" before that, JupyterLab's ipywidgets extension restores no widgets at all in trusted notebooks.)
    """

    def __init__(self, browser: Browser, address: str, folder: Path, path: Path, what: str, *, trusted: bool) -> None:
        name = f"{path.stem}_{'trusted' if trusted else 'untrusted'}"
        (folder / f"{name}.ipynb").write_bytes(path.read_bytes())
        if trusted:
            home = folder / ".home"
            environment = {**os.environ, "JUPYTER_DATA_DIR": str(home / "data"), "HOME": str(home)}
            command = [sys.executable, "-m", "jupyter", "trust", str(folder / f"{name}.ipynb")]
            subprocess.run(command, env=environment, check=True, capture_output=True, timeout=200)
        self.context: BrowserContext = browser.new_context(viewport={"width": 1200, "height": 1400})
        self.context.route(
            "**", lambda route: route.continue_() if route.request.url.startswith(address) else route.abort()
        )
        self.page: Page = self.context.new_page()
        self.page.goto(f"{address}/lab/workspaces/{name}/tree/{name}.ipynb")
        self.page.locator(what).wait_for(timeout=120_000)
        self.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")


Read = Callable[..., Reader]


@pytest.fixture
def read(browser: Browser, lab: tuple[str, Path]) -> Iterator[Read]:
    opened: list[Reader] = []

    def open_one(path: Path, what: str, *, trusted: bool) -> Reader:
        opened.append(Reader(browser, *lab, path, what, trusted=trusted))
        return opened[-1]

    yield open_one
    for reader in opened:
        reader.context.close()


def moves(page: Page, selector: str) -> bool:
    """Whether an element shows five different images within a minute, according to screenshots."""
    place = page.locator(selector).first
    place.scroll_into_view_if_needed()
    seen: set[bytes] = set()
    end = time.monotonic() + 60
    while len(seen) < 5 and time.monotonic() < end:
        seen.add(place.screenshot())
        page.wait_for_timeout(150)
    return len(seen) == 5


def test_player_plays_from_saved_state_without_kernel(read: Read, with_state: Path) -> None:
    reader = read(with_state, ".lucidw-sprite canvas[data-frame]", trusted=True)
    assert moves(reader.page, ".lucidw-sprite canvas")
    assert reader.page.locator(".lucidw-sprite").get_by_text("from black to red", exact=True).first.is_visible()
    reader.page.locator("[data-lucidw=play]").click()
    reader.page.locator("[data-lucidw=scrubber]").fill("3")
    assert reader.page.locator(".lucidw-sprite canvas").get_attribute("data-frame") == "3"
    reader.page.locator("[data-lucidw=export]").click()
    assert "no kernel is running" in reader.page.locator(".lucidw-export-why").inner_text()
    assert reader.page.locator("[data-lucidw=freeze]").is_hidden()  # Python freezes
    names = reader.page.locator(".lucidw-export-row strong").all_inner_texts()
    assert names == ["Current frame", "Sprite sheet"]
    assert reader.page.locator(".jp-OutputArea-output img").count() >= 1  # the frozen canvas


def test_fallback_plays_without_saved_state(read: Read, without_state: Path) -> None:
    image = 'img[alt="from black to red"]'
    reader = read(without_state, image, trusted=False)
    assert moves(reader.page, image)


@pytest.mark.parametrize("trusted", [True, False])
def test_frozen_player_still_plays(read: Read, frozen: Path, trusted: bool) -> None:
    """In trusted notebooks, JupyterLab shows "model not found" for widgets without saved state."""
    image = 'img[alt="from black to red"]'
    reader = read(frozen, image, trusted=trusted)
    assert moves(reader.page, image)


def converted(path: Path, to: str, folder: Path) -> str:
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", to, "--output-dir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return next(file for file in folder.iterdir() if file.suffix in (".html", ".md")).read_text()


def test_nbconvert_to_html_without_state(without_state: Path, tmp_path: Path, browser: Browser) -> None:
    converted(without_state, "html", tmp_path)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "saved_without_state.html").as_uri())
    assert moves(page, 'img[alt="from black to red"]')
    assert page.locator('img[src^="data:image/png"]').count() == 1
    context.close()


def test_nbconvert_to_markdown(with_state: Path, tmp_path: Path) -> None:
    text = converted(with_state, "markdown", tmp_path)
    pictures = sorted((tmp_path / "saved_with_state_files").glob("*.png"))
    # The player as an animated image, in HTML, and both as files.
    assert len(pictures) == 2
    assert '<img alt="from black to red"' in text
    assert "saved_with_state_2_0.png" in text
    assert "<SpritePlayer" not in text


def test_saved_notebook_still_plays_after_reopening(open_notebook: OpenNotebook) -> None:
    """Run, freeze on the page, save, shut down the kernel and reload, as a user would."""
    notebook: Notebook = open_notebook(CELLS[:2])
    notebook.run(0)
    notebook.run(1)
    notebook.page.locator(".lucidw-sprite canvas[data-frame]").wait_for()
    notebook.page.locator("[data-lucidw=export]").click()
    notebook.page.locator("[data-lucidw=freeze]").click()
    image = 'img[alt="from black to red"]'
    notebook.page.locator(image).wait_for()
    notebook.save()
    notebook.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    notebook.page.goto(notebook.url)  # with a new kernel, which has no player
    notebook.page.locator(image).wait_for(timeout=120_000)
    assert moves(notebook.page, image)
