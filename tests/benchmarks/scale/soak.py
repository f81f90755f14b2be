"""An hour of use in one notebook: does anything grow, hang or fail?

    nice -n 19 python tests/benchmarks/scale/soak.py [--minutes 60] [--seed 0] [--verbose]

A real JupyterLab in a real Chromium. Rounds follow each other until the time is over. Each makes all widgets again by
running their cells again, and then, in a random order: runs, pauses, resumes, steps, stops, edits of settings, a kept
run restored, exports from the page and from Python, a grid, a channel opened from the grid, a player, an interrupt, and
every tenth round a reload of the page. About every 30 seconds, between two actions, a line is printed: memory, threads
and open files of the kernel, memory of the server, what the page holds, and how many widgets and connections there are
in the kernel.

The verdict compares the second quarter of the time with the last one, because the first fills caches: the medians of
what the kernel and the server hold, and the lowest of what the page holds, because that depends on the menus that are
open, and because Chromium may keep the page before a reload until the next one. Elements of views that were removed
have to be gone, which shows a leak in a view even though a reload would end it. And it lists every error: in a cell, in
a widget, on the page's console, in the kernel's log. The exit status is 1 if something has grown or is kept, or if
there is an error.

JupyterLab keeps nodes and listeners whenever a kernel was busy, and until its page is reloaded the state of each widget
that was closed, whatever its library. So only elements of our views are counted, and the code of all widgets that were
made is left out of the page's memory. A page that is reloaded leaves its subshell in the kernel, whose thread and files
are left out. IPython keeps every output, and with it a closed widget of 140 kB: of the 1,000 that it means to keep, it
never drops the names in `user_ns_hidden`. Here it keeps 100, which it has before the comparison begins. Before the
kernel's memory is measured, the C library returns what is free: half a gigabyte after 40 minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))
from browser import lab, servers
from browser.lab import Notebook, Widget, serve
from needs import chromium
from playwright.sync_api import Locator, Page, sync_playwright
from scale.page_memory import PageMemory

SAMPLE_SECONDS = 30.0
FILES_OF_A_SUBSHELL = 8
PATIENCE = 600.0
"""Seconds after which an action counts as hanging. The lowest priority on a busy machine is slow."""

for module, name in ((lab, "CELL_SECONDS"), (lab, "STARTUP_SECONDS"), (servers, "STARTUP_SECONDS")):
    setattr(module, name, int(PATIENCE))

MAY_GROW = {
    "kernel MB": 0.08,
    "page MB": 0.25,
    "elements": 0.15,
    "threads": 0.05,
    "files": 0.05,
    "widgets": 0.1,
    "comms": 0.1,
    "server MB": 0.25,
}
"""Share by which the last quarter may exceed the second quarter."""

LOWEST = ("page MB", "elements")
"""Figures whose lowest value is compared. Of all others it is the median."""

# Not `gc.get_objects()` to count widgets: while TensorFlow fills a tuple, another reference to the tuple is an error.
SETUP = """import ctypes, gc, io, json, os, tempfile, threading, weakref
import ipywidgets
from lucid_widgets import FeatureGrid, LucidWidget, ObjectiveBuilder, models
from lucid_widgets.widgets._core.base import LucidBase
OUTPUTS = 100
model = models.EmojiNet()
folder = tempfile.mkdtemp()
code_bytes = []
made = weakref.WeakSet()
def note(widget):
    code_bytes.append(sum(len(getattr(widget, name, "")) for name in ("_esm", "_css")))
    if isinstance(widget, LucidBase):
        made.add(widget)
ipywidgets.Widget.on_widget_constructed(note)
print(os.getpid())"""
PANEL = 'panel = LucidWidget(model, "mixed4a:1", steps=48, image_size=48)\npanel'
SECOND = 'second = LucidWidget(model, "mixed3a:2", steps=100_000, image_size=48, batch=2)\nsecond.run()\nsecond'
GRID = """grid = FeatureGrid(model, "mixed3a", channels=range(8), image_size=32, steps=8, batch=4, cache=False)
grid"""
PLAYER = "player = panel.timelapse()\nplayer"
BUILDER = 'builder = ObjectiveBuilder(model, "mixed4a:3")\nbuilder'
EXPORTS = """for suffix in ("png", "npy"):
    panel.save(f"{folder}/image.{suffix}")
for suffix in ("gif", "webp", "html", "png"):
    panel.timelapse().save(f"{folder}/run.{suffix}")"""
LOOK = """for number in list(Out)[:-OUTPUTS]:
    del Out[number], globals()[f"_{number}"], get_ipython().user_ns_hidden[f"_{number}"]
gc.collect()
ctypes.CDLL(None).malloc_trim(0)
present = [globals()[name] for name in ("panel", "second", "grid") if name in globals()]
print(json.dumps({"widgets": sum(not each._closed for each in made),
    "comms": len(ipywidgets.widgets.widget._instances),
    "code": sum(code_bytes) / 1e6,
    "subshells": sum(each.name.startswith("subshell-") for each in threading.enumerate()),
    "states": [each.status for each in present],
    "errors": [each.error["message"] for each in present if each.error]}))"""
EDIT = "pass"
CELLS = [SETUP, PANEL, SECOND, GRID, PLAYER, BUILDER, EXPORTS, LOOK, EDIT]
SETUP_AT, PANEL_AT, SECOND_AT, GRID_AT, PLAYER_AT, BUILDER_AT, EXPORTS_AT, LOOK_AT, EDIT_AT = range(len(CELLS))

# The server sends to a page that is just being reloaded.
OF_RELOADS = ("StreamClosedError", "WebSocketClosedError")

_ERROR = re.compile(r"^\S*(?:Error|Exception)\b.*$", re.MULTILINE)

EDITS = [
    *(f'panel.layer = "mixed4a"; panel.channel = {channel}' for channel in (0, 5, 9)),
    *(f"panel.image_size = {size}" for size in (32, 48)),
    *(f"panel.learning_rate = {rate}" for rate in (0.02, 0.05)),
    *(f"panel.seed = {seed}" for seed in range(4)),
    *(f'panel.layer = "{layer}"' for layer in ("mixed3a", "mixed4a")),
    'panel.objective = "mixed4a:2"',
    'panel.objective = channel("mixed4a", 1) - 0.5 * channel("mixed4a", 4)',
    'panel.use_preset("class", label="panda")',
    "panel.undo()",
    "panel.redo()",
    "panel.reset()",
    'builder.objective = "mixed4a:7"',
    "exec(panel.code)",
    "panel.restore(panel.runs[-1]['id']) if panel.runs else None",
]


class Soak:
    """A notebook in which everything is used again and again."""

    def __init__(self, page: Page, address: str, folder: Path, seed: int, *, verbose: bool) -> None:
        self.page = page
        self.random = random.Random(seed)
        self.verbose = verbose
        self.log = folder / ".home" / "server.log"
        self.notebook = Notebook(page, address, folder, CELLS, "python3")
        self.notebook.run(SETUP_AT)
        self.kernel = psutil.Process(int(self.notebook.text(SETUP_AT)))
        self.memory = PageMemory(page)
        self.began = time.monotonic()
        self.sampled = float("-inf")
        self.samples: list[dict[str, float]] = []
        self.errors: list[str] = []
        self.code_before = 0.0
        self.done: Counter[str] = Counter()

    def look(self) -> dict[str, Any]:
        """What the kernel holds."""
        self.notebook.run(LOOK_AT)
        found: dict[str, Any] = json.loads(self.notebook.text(LOOK_AT))
        return found

    def widget(self, cell: int) -> Widget:
        """The first widget that this cell shows."""
        return Widget(self.page, self._cell(cell).locator(".lucidw").first)

    def _cell(self, cell: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    # Actions.

    def make(self, cell: int) -> Widget:
        """Run the cell of a widget again, while the earlier widget may be running."""
        self.notebook.run(cell)
        widget = self.widget(cell)
        widget.wait_for(lambda: widget.root.count() == 1, PATIENCE)
        return widget

    def start(self, widget: Widget) -> None:
        """Press Run, Resume or nothing, whatever lets the widget run, and wait until its image moves."""
        moving = ("queued", "compiling", "running")
        with_image = ("done", "paused", "stopped")
        # The last image of the run before may still come, and is none of the new run.
        widget.wait_for(lambda: widget.status not in with_image or widget.lossless, PATIENCE)
        if (before := widget.status) not in moving:
            frames = widget.frames
            widget.part("run").or_(widget.part("resume")).first.click()
            widget.wait_for(
                lambda: widget.status != before or widget.frames != frames, PATIENCE
            )  # it may be done again
        step = widget.step
        widget.wait_for(lambda: widget.status not in moving or widget.step not in (0, step), PATIENCE)

    def new_panel(self) -> None:
        self.start(self.make(PANEL_AT))

    def pause_and_resume(self) -> None:
        second = self.make(SECOND_AT)
        self.start(second)
        for _ in range(3):
            second.press("pause")
            second.wait_for_rest("paused", seconds=PATIENCE)
            self.start(second)

    def step_and_stop(self) -> None:
        second = self.widget(SECOND_AT)
        self.start(second)
        second.press("pause")
        second.wait_for_rest("paused", seconds=PATIENCE)
        step = second.step
        second.press("step")
        second.wait_for(lambda: second.step > step and second.status == "paused", PATIENCE)
        second.press("stop")
        second.wait_for_status("stopped", seconds=PATIENCE)

    def edits(self) -> None:
        for edit in self.random.sample(EDITS, 4):
            self.set_cell(EDIT_AT, f"from lucid_widgets.optvis.objectives import *\n{edit}")
            self.notebook.run(EDIT_AT)
        self.start(self.widget(PANEL_AT))

    def set_cell(self, cell: int, text: str) -> None:
        self.page.evaluate(
            """([cell, text]) => window.jupyterapp.shell.currentWidget.content.widgets[cell]
                .model.sharedModel.setSource(text)""",
            [cell, text],
        )

    def grid(self) -> None:
        grid = self.make(GRID_AT)
        grid.wait_for_status("done", seconds=PATIENCE)
        grid.root.locator('[data-unit="3"]').click()
        opened = Widget(self.page, self._cell(GRID_AT).locator(".lucidw:has([data-lucidw=expression])").last)
        opened.wait_for(lambda: opened.step > 0, PATIENCE)
        grid.press("close-opened")

    def exports(self) -> None:
        panel = self.widget(PANEL_AT)
        panel.wait_for(lambda: panel.status in ("done", "paused", "stopped", "idle"), PATIENCE)
        if panel.step == 0:
            self.start(panel)
            panel.wait_for_status("done", seconds=PATIENCE)
        self.notebook.run(EXPORTS_AT)
        self.make(PLAYER_AT)
        for format, start in (("image", b"\x89PNG"), ("gif", b"GIF8")):
            if not panel.part("export-menu").is_visible():
                panel.press("export")
            panel.part("export-menu").locator(f'.lucidw-export-row:has([value="{format}"])').click()
            with self.page.expect_download() as waiting:
                panel.press("export-save")
            assert Path(waiting.value.path()).read_bytes().startswith(start)
            waiting.value.delete()

    def builder(self) -> None:
        self.make(BUILDER_AT)

    def interrupt(self) -> None:
        second = self.make(SECOND_AT)
        self.start(second)
        self.notebook.interrupt_kernel()
        second.wait_for_status("stopped", seconds=PATIENCE)

    def reload(self) -> None:
        self.notebook.save()
        self.code_before = self.look()["code"]
        self.notebook.open()
        shown = [self._cell(cell).locator(".jp-OutputArea").inner_text() for cell in range(len(CELLS))]
        lost = [cell for cell, text in enumerate(shown) if "model not found" in text]
        assert not lost, f"cells {lost} show no widget"
        panel = self.widget(PANEL_AT)
        panel.wait_for(lambda: panel.root.count() == 1, PATIENCE)

    # Rounds.

    def round(self, number: int) -> None:
        actions = [self.pause_and_resume, self.step_and_stop, self.edits, self.grid, self.exports, self.builder]
        actions += [self.edits, self.interrupt]
        self.random.shuffle(actions)
        if number == 0:
            for cell in (SECOND_AT, GRID_AT, BUILDER_AT):
                self.attempt(lambda cell=cell: self.make(cell) and None, f"first {cell}")  # type: ignore[misc]
        for action in (self.new_panel, *actions, *([self.reload] if number % 10 == 9 else [])):
            self.attempt(action, action.__name__)

    def attempt(self, action: Callable[[], object], name: str) -> None:
        """Do something. What goes wrong is noted, and the soak goes on."""
        began = time.monotonic()
        if self.verbose:
            print(f"{name} ...", end=" ", flush=True)
        try:
            action()
            self.done[name] += 1
            if self.verbose:
                print(f"{time.monotonic() - began:.1f} s", flush=True)
        except Exception:
            self.fail(f"{name}: {traceback.format_exc(limit=-3)}")
        for problem in self.notebook.problems:
            self.fail(f"console during {name}: {problem}")
        self.notebook.problems.clear()
        if time.monotonic() - self.sampled >= SAMPLE_SECONDS:
            try:
                self.sample()
            except Exception:
                self.fail(f"sample: {traceback.format_exc(limit=-3)}")

    def fail(self, what: str) -> None:
        print(f"ERROR after {(time.monotonic() - self.began) / 60:.1f} min, {what}", flush=True)
        self.errors.append(what)

    def sample(self) -> None:
        self.sampled = time.monotonic()
        look = self.look()
        self.errors += [f"widget: {error}" for error in look["errors"]]
        metrics = self.memory.look()
        metrics["page MB"] -= look["code"] - self.code_before
        server = self.kernel.parent()
        assert server is not None
        sample = {
            "minutes": (self.sampled - self.began) / 60,
            "kernel MB": self.kernel.memory_info().rss / 1e6,
            "server MB": server.memory_info().rss / 1e6,
            "threads": self.kernel.num_threads() - look["subshells"],
            "files": self.kernel.num_fds() - FILES_OF_A_SUBSHELL * look["subshells"],
            "widgets": look["widgets"],
            "comms": look["comms"],
            **metrics,
        }
        self.samples.append(sample)
        print(", ".join(f"{name} {value:.1f}" for name, value in sample.items()), *look["states"], flush=True)

    def verdict(self) -> bool:
        """Print what was done and what grew. Return whether all is well."""
        print("done:", ", ".join(f"{count} {name}" for name, count in sorted(self.done.items())))
        end = self.samples[-1]["minutes"]
        grown = False
        for name, allowed in MAY_GROW.items():
            early = [each[name] for each in self.samples if 0.25 * end <= each["minutes"] < 0.5 * end]
            late = [each[name] for each in self.samples if 0.75 * end <= each["minutes"]]
            if not early or not late:
                continue
            summary = min if name in LOWEST else statistics.median
            before, after = summary(early), summary(late)
            too_much = after > before * (1 + allowed)
            grown |= too_much
            print(f"{name}: {before:.0f} -> {after:.0f}{' GROWN' if too_much else ''}")
        removed = [each["removed"] for each in self.samples]
        kept = statistics.median(removed)
        print(f"removed elements: {kept:.0f}{' KEPT' if kept else ''}, at most {max(removed):.0f}")
        logged = Counter(_ERROR.findall(self.log.read_text(errors="replace")))
        ours = {line: count for line, count in logged.items() if not any(each in line for each in OF_RELOADS)}
        self.errors += [f"log: {line} ({count} times)" for line, count in ours.items()]
        print(f"{len(self.errors)} errors")
        for error, count in Counter(self.errors).most_common(20):
            print(f"  {count} x {error}")
        return not (grown or kept or self.errors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="print how long each action took")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # ends the server and its kernel, too
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, serve(Path(folder)) as address:
        browser = playwright.chromium.launch(executable_path=chromium("chromium-headless-shell"), args=["--no-sandbox"])
        # All cells are in view: JupyterLab takes cells that are out of view from the page.
        page = browser.new_page(viewport={"width": 1400, "height": 6000}, device_scale_factor=0.3)
        page.set_default_timeout(1000 * PATIENCE)
        soak = Soak(page, address, Path(folder), asked.seed, verbose=asked.verbose)
        number = 0
        while time.monotonic() - soak.began < 60 * asked.minutes:
            soak.round(number)
            number += 1
        print(f"{number} rounds in {(time.monotonic() - soak.began) / 60:.0f} minutes")
        good = soak.verdict()
        browser.close()
    sys.exit(not good)


if __name__ == "__main__":
    main()
