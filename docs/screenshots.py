"""Take the screenshots of widgets in the documentation: `python docs/screenshots.py [folder] [--theme dark]`.

Each widget runs in a real JupyterLab with the embedded network, so the images need a browser and take a few minutes.
The environment variable `CHROMIUM` may name the browser's executable.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.lab import Notebook, serve  # noqa: E402 (the tests are not installed)

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# Wide enough for a workbench with both sides, and more pixels than CSS pixels for sharp text.
VIEWPORT = ViewportSize(width=1500, height=1400)
SCALE = 1.5
TIMEOUT_MS = 300_000

CELLS = {
    "workbench": (
        "import lucid_widgets\nw = lucid_widgets.LucidWidget(objective='mixed4a:56', image_size=160, steps=256)\nw"
    ),
    "made-of": (
        "import lucid_widgets\n"
        "w = lucid_widgets.LucidWidget(objective='mixed3b:7', image_size=96, steps=64, show_inputs=True)\nw"
    ),
    "feature-grid": (
        "import lucid_widgets\n"
        "w = lucid_widgets.FeatureGrid(layer='mixed4a', channels=range(48))\n"
        "w.run()\nw"  # without `run`, the grid pauses and asks if the images take more than a minute
    ),
    "atlas": (
        "import lucid_widgets\n"
        "from lucid_widgets import models, render_atlas\n"
        "a = render_atlas('EmojiNet', 'mixed5a', models.emoji_images(), 'screenshot_atlas', layout='tsne')\n"
        "w = lucid_widgets.AtlasMap(a)\nw"
    ),
    "explorer": ("import lucid_widgets\nw = lucid_widgets.ImageExplorer(classes=['panda', 'fox'], view='class')\nw"),
    "builder": (
        "import lucid_widgets\n"
        "w = lucid_widgets.ObjectiveBuilder(batch=4)\n"
        'w.expression = \'channel("mixed4a", 56) - 0.5 * channel("mixed3b", 0) - 0.001 * total_variation()\'\nw'
    ),
}


PARTS = {"made-of": '[data-lucidw="group-inputs"]'}
"""What to show of a widget, where it is not all."""


def prepare(name: str, root: Locator) -> None:
    """Bring a widget to the state to show."""
    if name == "workbench":
        root.locator('[data-command="run"]').click()
        root.page.locator('.lucidw[data-status="done"]').wait_for(timeout=TIMEOUT_MS)
    if name == "made-of":
        root.locator('[data-lucidw="inputs-excites"] .lucidw-inputs-row').first.wait_for(timeout=TIMEOUT_MS)
        # All inputs have an image, which some more seconds finish.
        root.page.wait_for_function(
            "[...document.querySelectorAll('.lucidw-inputs-image')].length"
            " && [...document.querySelectorAll('.lucidw-inputs-image')].every((e) => e.style.backgroundImage)",
            timeout=TIMEOUT_MS,
        )
        root.page.wait_for_timeout(15_000)
    if name == "feature-grid":
        root.page.locator('.lucidw[data-status="done"]').wait_for(timeout=TIMEOUT_MS)
    if name == "explorer":
        root.locator('[data-lucidw="faithfulness"]').wait_for(timeout=TIMEOUT_MS)
        root.page.locator('.lucidw[data-status="done"]').wait_for(timeout=TIMEOUT_MS)
    if name == "atlas":
        root.locator("canvas[data-drawn]:not([data-drawn='0'])").wait_for(timeout=TIMEOUT_MS)
        root.locator('[data-lucidw="map"]').click(position={"x": 300, "y": 300})
        root.locator('[data-lucidw="cell-images"] li').first.wait_for(timeout=TIMEOUT_MS)
    if name == "builder":
        root.locator('[data-lucidw="open"]').first.click()
    root.page.mouse.move(0, 0)  # no button looks hovered
    root.page.wait_for_timeout(1000)


def take(browser: Browser, address: str, folder: Path, name: str, theme: str) -> Image.Image:
    """Screenshot of one widget."""
    context = browser.new_context(viewport=VIEWPORT, device_scale_factor=SCALE, reduced_motion="reduce")
    notebook = Notebook(context.new_page(), address, folder, [CELLS[name]])
    try:
        notebook.theme(THEMES[theme])
        notebook.run(0)
        root = notebook.page.locator(".lucidw").first
        root.wait_for(timeout=TIMEOUT_MS)
        prepare(name, root)
        shown = root.locator(PARTS[name]) if name in PARTS else root
        shown.scroll_into_view_if_needed()
        return Image.open(io.BytesIO(shown.screenshot()))
    finally:
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--theme", choices=sorted(THEMES), default="light")
    parser.add_argument("--only", choices=sorted(CELLS), nargs="+", default=list(CELLS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home, serve(Path(home)) as address:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for name in options.only:
            image = take(browser, address, Path(home), name, options.theme)
            image.convert("RGB").save(options.folder / f"{name}.webp", quality=82, method=6)
            print(f"{name}.webp: {image.width} x {image.height}")
        browser.close()


if __name__ == "__main__":
    main()
