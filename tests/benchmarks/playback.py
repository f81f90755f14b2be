"""Frames that the player drops at 60 frames per second, from the time stamps of the browser's repaints.

    python tests/benchmarks/playback.py [--frames 60] [--size 256] [--seconds 5]

A headless browser repaints 60 times a second if the machine is fast enough. The benchmark counts late repaints (more
than one and a half periods after the previous one) and frames that the player skipped. For comparison, it measures the
same page with the player at rest: repaints that are late there too are due to the machine, not to the player.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from export.animations import textures
from needs import chromium
from playwright.sync_api import Page, sync_playwright

from lucid_widgets.export import save_animation

WATCH = """(milliseconds) => new Promise((done) => {
  const canvas = document.querySelector("canvas");
  const repaints = [];
  const look = (now) => {
    repaints.push([now, Number(canvas.dataset.frame), Number(canvas.dataset.draws)]);
    if (now - repaints[0][0] < milliseconds) requestAnimationFrame(look);
    else done(repaints);
  };
  requestAnimationFrame(look);
})"""


def watched(page: Page, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the times between repaints in milliseconds, and the number of frames that the player advanced in each."""
    repaints = np.array(page.evaluate(WATCH, 1000 * seconds))
    return np.diff(repaints[:, 0]), np.diff(repaints[:, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder, "player.html")
        save_animation(textures(asked.frames, asked.size, asked.size), path, fps=60)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 800, "height": 900})
        page.goto(path.as_uri())
        page.wait_for_selector("canvas[data-frame]")
        print(f"{asked.frames} frames of {asked.size} px, {path.stat().st_size / 1e6:.1f} MB of HTML, at 60 a second")
        print(f"{'':<14}{'repaints':>10}{'median ms':>11}{'late':>7}{'drawn':>8}{'skipped':>9}")
        for name in ("playing", "cross-fading", "at rest"):
            if name == "cross-fading":
                page.locator("[data-lucidw=crossfade]").click()
            if name == "at rest":
                page.locator("[data-lucidw=play]").click()
            page.wait_for_timeout(500)
            between, moved = watched(page, asked.seconds)
            moved = moved % asked.frames
            late = int((between > 25).sum())
            skipped = int(np.maximum(moved - 1, 0).sum())
            drawn = int((moved > 0).sum())
            print(f"{name:<14}{len(between):>10}{np.median(between):>11.2f}{late:>7}{drawn:>8}{skipped:>9}")
        browser.close()


if __name__ == "__main__":
    main()
