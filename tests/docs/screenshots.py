"""Take the screenshots of the documentation in a real JupyterLab.

    PYTHONPATH=tests python tests/docs/screenshots.py [workbench feature-grid builder]

Needs Chromium. Run it after labels or styles have changed.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from browser.lab import Notebook, serve
from needs import ROOT, chromium
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

IMAGES = ROOT / "docs" / "images"
SCALE = 1.5
QUALITY = 80
PATIENCE = 600_000

WORKBENCH = [
    "from lucid_widgets import LucidWidget, models\nw = LucidWidget(image_size=128, steps=64)\nw",
    """
for expression, steps in [("mixed4a:38", 64), ("mixed4a:27", 64), ('class_logit("logits", "panda")', 256)]:
    w.expression, w.steps = expression, steps
    w.run()
    w.wait()
print(w.status)
""",
]
GRID = [
    "from lucid_widgets import FeatureGrid\ngrid = FeatureGrid(layer='mixed4a', channels=range(48), steps=64)\ngrid",
    "print(grid.wait())",
]
BUILDER = [
    """
from lucid_widgets import ObjectiveBuilder
ObjectiveBuilder(objective='class_logit("logits", "panda") + 0.5 * channel("mixed4a", 38) - 0.0005 * total_variation()')
""",
]


def workbench(notebook: Notebook) -> None:
    notebook.run(0)
    run_long(notebook, 1)


def feature_grid(notebook: Notebook) -> None:
    notebook.run(0)
    run_long(notebook, 1)
    cells = notebook.page.locator(".lucidw [role=gridcell]")
    if cells.count() > 27:
        cells.nth(27).hover()


def builder(notebook: Notebook) -> None:
    notebook.run(0)


SHOTS: dict[str, tuple[list[str], Callable[[Notebook], None], int]] = {
    "workbench": (WORKBENCH, workbench, 1400),
    "feature-grid": (GRID, feature_grid, 1200),
    "builder": (BUILDER, builder, 1000),
}


def run_long(notebook: Notebook, cell: int) -> None:
    """Run a cell that takes as long as an optimization."""
    notebook.run(cell, wait=False)
    notebook.page.wait_for_function("() => window.ran", timeout=PATIENCE)


def take(browser: Browser, address: str, folder: Path, name: str) -> None:
    cells, prepare, width = SHOTS[name]
    page = browser.new_page(viewport={"width": width, "height": 1600}, device_scale_factor=SCALE)
    notebook = Notebook(page, address, folder, cells)
    prepare(notebook)
    page.wait_for_timeout(3000)  # the last frame, without loss, arrives after the run has ended
    shot = page.locator(".lucidw").first.screenshot()
    target = IMAGES / f"{name}.webp"
    Image.open(io.BytesIO(shot)).convert("RGB").save(target, quality=QUALITY, method=6)
    print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")
    page.close()


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name in sys.argv[1:] or SHOTS:
            take(browser, address, Path(folder), name)
        browser.close()


if __name__ == "__main__":
    main()
