"""Twelve running panels in one notebook: their standstills, how fast Pause answers, and memory with a slow page.

    python tests/benchmarks/scale/panels.py [--panels 12] [--seconds 60] [--slow-seconds 60]

A real JupyterLab in a real Chromium, whose window is large enough to show all panels. All of them run EmojiNet without
end, in turns on the same processors. For memory, the same page then blocks itself for 4.9 of every 5 seconds; the
resident memory of the kernel and of the server is read before and after. The panels keep no frames for a filmstrip,
which would take up to 128 MiB each.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import psutil  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).parents[2]))
from browser.lab import Notebook, Widget, serve
from needs import chromium
from playwright.sync_api import Page, expect, sync_playwright

PER_ROW = 4

SHOW = """import ipywidgets
from lucid_widgets import LucidWidget, models
model = models.EmojiNet()
settings = dict(steps=100_000, image_size=96, record_every=0)
panels = [LucidWidget(model, f"mixed4a:{{unit}}", **settings) for unit in range({count})]
rows = [ipywidgets.HBox(panels[first : first + {per_row}]) for first in range(0, {count}, {per_row})]
for panel in panels:
    panel.layout.width = "{width}px"
ipywidgets.VBox(rows)"""
RUN = "for panel in panels:\n    panel.run()"
PROCESS = "import os; print(os.getpid())"

# Notes the time of each new image of each panel.
WATCH = """() => {
  window.moves = [...document.querySelectorAll(".lucidw[data-status]")].map((root) => {
    const canvas = root.querySelector("[data-lucidw=canvas]");
    const times = [performance.now()];
    new MutationObserver(() => times.push(performance.now())).observe(canvas, { attributeFilter: ["data-frames"] });
    return times;
  });
}"""
MOVES = "() => window.moves.map((times) => [...times, performance.now()])"

# Milliseconds from a click on Pause or Resume to one of these states. A resumed panel is "queued" in front of others.
CLICK = """([index, states]) => new Promise((done) => {
  const root = document.querySelectorAll(".lucidw[data-status]")[index];
  const clicked = performance.now();
  const look = () => states.includes(root.dataset.status) && done(performance.now() - clicked);
  new MutationObserver(look).observe(root, { attributeFilter: ["data-status"] });
  root.querySelector("[data-lucidw=primary]").click();
  look();
})"""

BLOCK = """() => setInterval(() => {
  const end = performance.now() + 4900;
  while (performance.now() < end);
}, 5000)"""


def standstills(page: Page, seconds: float) -> list[tuple[int, float]]:
    """Watch the page, and return for each panel its number of images and its longest time between two, in seconds."""
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * seconds)
    moves = page.evaluate(MOVES)
    return [(len(times) - 2, max(b - a for a, b in pairwise(times)) / 1000) for times in moves]


def pauses(page: Page, count: int) -> list[float]:
    """Pause and resume each panel, and return the seconds that each Pause took."""
    taken = []
    for index in range(count):
        button = page.locator(".lucidw[data-status]").nth(index).locator("[data-lucidw=primary]")
        expect(button).to_have_attribute("data-command", "pause", timeout=60_000)
        taken.append(page.evaluate(CLICK, [index, ["paused"]]) / 1000)
        expect(button).to_have_attribute("data-command", "resume", timeout=60_000)
        page.evaluate(CLICK, [index, ["queued", "compiling", "running"]])
    return taken


def megabytes(*processes: psutil.Process) -> list[float]:
    return [process.memory_info().rss / 1e6 for process in processes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panels", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--slow-seconds", type=float, default=60, help="how long the page is slow")
    asked = parser.parse_args()
    width = 460
    rows = -(-asked.panels // PER_ROW)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, serve(Path(folder)) as address:
        browser = playwright.chromium.launch(executable_path=chromium("chromium-headless-shell"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": PER_ROW * width + 500, "height": 1500 * rows + 400}, device_scale_factor=0.4
        )
        cells = [SHOW.format(count=asked.panels, per_row=PER_ROW, width=width), RUN, PROCESS]
        notebook = Notebook(page, address, Path(folder), cells, "python3")
        notebook.run(0)
        notebook.run(1)
        notebook.run(2)
        kernel = psutil.Process(int(notebook.text(2)))
        server = kernel.parent()
        assert server is not None
        roots = page.locator(".lucidw[data-status]")
        panels = [Widget(page, roots.nth(index)) for index in range(asked.panels)]
        for panel in panels:
            panel.wait_for(lambda panel=panel: panel.step > 64, seconds=600)  # type: ignore[misc]
            assert panel.canvas.is_visible()

        moves = standstills(page, asked.seconds)
        print(f"{asked.panels} panels, {asked.seconds:.0f} s")
        print(f"images a panel and second: {min(count for count, _ in moves) / asked.seconds:.1f} at least")
        longest = sorted(seconds for _, seconds in moves)
        print(f"longest standstill: median panel {statistics.median(longest):.2f} s, worst {longest[-1]:.2f} s")
        taken = sorted(pauses(page, asked.panels))
        print(f"Pause: median {statistics.median(taken):.2f} s, worst {taken[-1]:.2f} s")

        before = megabytes(kernel, server)
        page.evaluate(BLOCK)
        for part in range(1, 5):
            page.wait_for_timeout(250 * asked.slow_seconds)
            now = megabytes(kernel, server)
            more, theirs = (after - first for after, first in zip(now, before, strict=True))
            print(f"slow page, {part / 4 * asked.slow_seconds:.0f} s: kernel {more:+.0f} MB, server {theirs:+.0f} MB")
        browser.close()


if __name__ == "__main__":
    main()
