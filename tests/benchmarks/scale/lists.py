"""Processor time of a page that opens, scrolls and folds the layer list of a large network.

    python tests/benchmarks/scale/lists.py [--few 50] [--many 5000]

Each line is one component with few layers and with many. Scrolling goes far in each frame, so that every row in view is
new. A frame of a screen lasts 16.7 ms. The times are processor time of the page's main thread, so other programs on the
machine do not count.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
from needs import chromium
from page.fake_notebook import FakeNotebook
from page.model.test_layer_browser import FRAMES, OPENING, SCROLLING, TRAITS, large, open_large, to_layers
from page.model.test_layer_stages import network
from page.site import site
from playwright.sync_api import Browser, Page, sync_playwright

FOLDS = 10


class Cpu:
    """Processor time in ms of the page's main thread since this object was made."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._began = self._used()

    def _used(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    @property
    def milliseconds(self) -> float:
        return self._used() - self._began


def opening(browser: Browser, bundle: str, layers: list[dict[str, Any]]) -> float:
    """Return the ms to show a widget and its list."""
    notebook = FakeNotebook(browser, bundle=bundle, views=0, layers=[])
    chosen = TRAITS[bundle] if bundle == "objective_builder" else {"layer": layers[-1]["name"], "channel": 0}
    traits = {**notebook.page.evaluate("host.state"), **chosen, "layers": layers, "_frame_bytes": None}
    cpu = Cpu(notebook.page)
    notebook.page.evaluate(OPENING, [f"http://notebook.test/{bundle}.js", traits])
    taken = cpu.milliseconds
    notebook.close()
    return taken


def scrolling(browser: Browser, bundle: str, layers: list[dict[str, Any]]) -> float:
    """Return the ms for each frame of scrolling."""
    notebook = open_large(partial(FakeNotebook, browser), bundle, layers)
    name = to_layers(notebook, bundle)
    notebook.settle()
    cpu = Cpu(notebook.page)
    notebook.page.evaluate(SCROLLING, [name, FRAMES])
    taken = cpu.milliseconds / FRAMES
    notebook.close()
    return taken


def folding(browser: Browser, count: int) -> float:
    """Return the ms to fold or unfold a stage."""
    notebook = FakeNotebook(browser, **network(10, count // 10), layer="conv10_block1_out")
    notebook.part("layers").evaluate("(list) => { list.scrollTop = 0; }")
    cpu = Cpu(notebook.page)
    for _ in range(FOLDS):
        notebook.part("layers").locator(".lucidw-stage").first.evaluate("(row) => row.click()")
    taken = cpu.milliseconds / FOLDS
    notebook.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=50)
    parser.add_argument("--many", type=int, default=5000)
    asked = parser.parse_args()
    counts = (asked.few, asked.many)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *site().arguments])
        print(f"{'ms of the page':<36}{asked.few:>8,}{asked.many:>8,} layers")
        for bundle in TRAITS:
            few, many = (opening(browser, bundle, large(count)) for count in counts)
            print(f"{bundle + ', open':<36}{few:>8.0f}{many:>8.0f}")
            few, many = (scrolling(browser, bundle, large(count)) for count in counts)
            print(f"{bundle + ', a frame of scrolling':<36}{few:>8.1f}{many:>8.1f}")
        few, many = (folding(browser, count) for count in counts)
        print(f"{'lucid_widget, fold a stage':<36}{few:>8.1f}{many:>8.1f}")
        browser.close()


if __name__ == "__main__":
    main()
