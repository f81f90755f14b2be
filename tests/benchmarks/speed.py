"""Speed of a run in a notebook, without a page and with a page that watches it, on this machine.

    python tests/benchmarks/speed.py [--network EmojiNet] [--objective mixed4a:152] [--steps 256] [--pairs 3]

The first measurement is a cold start: in a fresh kernel, one cell imports the package and runs `LucidWidget()`, until
its image is on the page. Then two cases alternate in one kernel: the steps alone, and the same steps in a `LucidWidget`
that a real JupyterLab in a real Chromium shows. The output is the CPU time of the kernel's process per step (the cost
of streaming), the wall time (the browser uses the same cores), and the time from a click to the first images. Needs
Chromium; `--network InceptionV1` needs `inception_v1_bvlc.pb` in LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser.lab import Notebook, serve
from needs import chromium, models_folder

SETUP = """
import json, time
began = time.perf_counter()
from lucid_widgets import LucidWidget, iter_vis, models
imported = time.perf_counter() - began
model = models.{network}({path})
model.layers
loaded = time.perf_counter() - began - imported
began = time.perf_counter()
first = []
for frame in iter_vis(model, {objective!r}, steps=1):
    first.append(time.perf_counter() - began)
print(json.dumps(dict(imported=imported, loaded=loaded, initial=first[0], first=first[1])))
"""
FIRST_MINUTE = "from lucid_widgets import LucidWidget\nw = LucidWidget()\nw.run()\nw"
ALONE = """
frames = iter_vis(model, {objective!r}, steps={steps})
next(frames)
cpu, wall = time.process_time(), time.perf_counter()
for frame in frames:
    pass
print(json.dumps(((time.process_time() - cpu) / {steps}, (time.perf_counter() - wall) / {steps})))
"""
SHOW = "w = LucidWidget(model, {objective!r}, steps={steps})\nw"
RUN = "cpu, wall = time.process_time(), time.perf_counter()\nw.run()"
READ = "print(json.dumps(((time.process_time() - cpu) / {steps}, (time.perf_counter() - wall) / {steps})))"


def first_minute(notebook: Notebook) -> tuple[float, float]:
    """Return the seconds from running the cell until the page shows the initial image, and until the first step."""
    began = time.perf_counter()
    notebook.run(0)
    widget = notebook.widget()
    widget.wait_for(lambda: widget.frames >= 1)
    initial = time.perf_counter() - began
    widget.wait_for(lambda: widget.step >= 1)
    return initial, time.perf_counter() - began


def measure(notebook: Notebook, pairs: int) -> tuple[dict[str, float], list[tuple[Any, Any, int]], tuple[float, float]]:
    """Return the seconds of the setup; CPU and wall seconds and images drawn for each pair; and seconds of a click."""
    notebook.run(0)
    setup = json.loads(notebook.text(0))
    rows = []
    for _ in range(pairs):
        notebook.run(1)
        notebook.run(2)
        widget = notebook.widget()
        widget.wait_for_status("idle")
        notebook.run(3)
        widget.wait_for_status("done", seconds=300)
        notebook.run(4)
        rows.append((json.loads(notebook.text(1)), json.loads(notebook.text(4)), widget.frames))
    # The program is compiled by now, so a click only starts the run.
    notebook.run(2)
    widget = notebook.widget()
    widget.wait_for_status("idle")
    began = time.perf_counter()
    widget.press("run")
    widget.wait_for(lambda: widget.frames >= 1)
    initial = time.perf_counter() - began
    widget.wait_for(lambda: widget.step >= 1)
    return setup, rows, (initial, time.perf_counter() - began)


def report(setup: dict[str, float], rows: list[tuple[Any, Any, int]], click: tuple[float, float]) -> None:
    print(f"import {setup['imported']:.1f} s (TensorFlow included), model read and listed {setup['loaded']:.2f} s")
    print(f"cold, no widget: initial image after {setup['initial']:.2f} s, first step after {setup['first']:.2f} s")
    print(f"compiled, from the click to the canvas: initial image {click[0]:.2f} s, first step {click[1]:.2f} s\n")
    print("| median per step | alone | watched | ratio |\n|---|---|---|---|")
    for index, name in enumerate(("CPU ms of the kernel", "wall ms")):
        alone = statistics.median(row[0][index] for row in rows)
        watched = statistics.median(row[1][index] for row in rows)
        ratio = statistics.median(row[1][index] / row[0][index] for row in rows)
        print(f"| {name} | {alone * 1e3:.1f} | {watched * 1e3:.1f} | {ratio:.3f} |")
    rate = statistics.median(1 / row[0][1] for row in rows)
    watched_rate = statistics.median(1 / row[1][1] for row in rows)
    print(f"| steps per second | {rate:.1f} | {watched_rate:.1f} | {watched_rate / rate:.3f} |")
    print(f"\nimages drawn per run: {statistics.median(row[2] for row in rows):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--network", choices=["EmojiNet", "InceptionV1"], default="EmojiNet")
    parser.add_argument("--objective", help="objective as text (default: the first look of the network)")
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=3)
    arguments = parser.parse_args()
    lucids = arguments.network == "InceptionV1"
    path = f"path={str(models_folder() / 'inception_v1_bvlc.pb')!r}" if lucids else ""
    objective = arguments.objective or ("mixed4a_pre_relu:476" if lucids else "mixed4a:152")
    values = {"objective": objective, "steps": arguments.steps}
    cells = [cell.strip().format(**values) if "{" in cell else cell for cell in (ALONE, SHOW, RUN, READ)]
    setup = SETUP.strip().replace("{network}", arguments.network).replace("{path}", path)
    setup = setup.replace("{objective!r}", repr(objective))
    print(f"{arguments.network}, {objective}, 128 px, {arguments.steps} steps, {arguments.pairs} pairs\n")
    with tempfile.TemporaryDirectory() as scratch, serve(Path(scratch)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1800})
        initial, first = first_minute(Notebook(page, address, Path(scratch), [FIRST_MINUTE]))
        print(f"cold, LucidWidget() in a cell, from its import to the page: {initial:.1f} s, first step {first:.1f} s")
        page = browser.new_page(viewport={"width": 1200, "height": 1800})
        report(*measure(Notebook(page, address, Path(scratch), [setup, *cells]), arguments.pairs))
        browser.close()


if __name__ == "__main__":
    main()
