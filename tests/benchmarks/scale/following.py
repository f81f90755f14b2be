"""How soon real images follow the unit in a real JupyterLab: milliseconds from a click on "next" to the new tiles.

    python tests/benchmarks/scale/following.py [--clicks 60] [--widget panel|workbench]

EmojiNet with its own image set. The time ends in the animation frame after the tiles of the new channel are in the
page. Each click waits until the tiles of the previous one have been there for a moment.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from browser.lab import Notebook, serve
from needs import chromium
from playwright.sync_api import sync_playwright

CELLS = {
    "panel": """from lucid_widgets import ActivationIndex, EvidencePanel, models
index = ActivationIndex.build(models.EmojiNet(), models.emoji_images(800), ["mixed4a"], path=False, verbose=False)
panel = EvidencePanel(index, "mixed4a:0")
panel""",
    "workbench": """from lucid_widgets import LucidWidget, models
panel = LucidWidget(models.EmojiNet(), "mixed4a:0", images=models.emoji_images(800))
panel""",
}

FOLLOW = """() => new Promise((done) => {
  const list = document.querySelector("[data-lucidw=real-images]");
  const clicked = performance.now();
  const observer = new MutationObserver(() => {
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - clicked)));
  });
  observer.observe(list, { childList: true });
  document.querySelector("[data-lucidw=channel-more]").click();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=60)
    parser.add_argument("--widget", choices=list(CELLS), default="panel")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, serve(Path(folder)) as address:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1600})
        notebook = Notebook(page, address, Path(folder), [CELLS[asked.widget]], "python3")
        notebook.run(0)
        if asked.widget == "workbench":
            page.locator("[data-lucidw=group-evidence] > summary").click()
        page.locator("[data-lucidw=real-images] button").first.wait_for(timeout=300_000)
        taken = []
        for _ in range(asked.clicks):
            page.wait_for_timeout(150)
            taken.append(page.evaluate(FOLLOW))
        browser.close()
    taken.sort()
    print(
        f"{asked.widget}, {asked.clicks} channels: median {statistics.median(taken):.0f} ms, "
        f"95 % within {taken[int(0.95 * len(taken))]:.0f} ms, longest {taken[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
