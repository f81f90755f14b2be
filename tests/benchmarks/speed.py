"""How fast, and what does watching cost? One run, on this machine.

    python tests/benchmarks/speed.py [--layer mixed4a_pre_relu] [--steps 300]

Prints the time to the first picture (cold, and with the structure compiled), steps a second headless, and then, in
turns, headless and streaming to a page that takes every frame: CPU time of the process a step, and their ratio. The
page is a thread that answers at once, as a browser on another machine would. What a browser costs on the same cores
is not in these figures. Needs `inception_v1_bvlc.pb` in LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from lucid_widgets.widgets.lucid_widget import LucidWidget

from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.optvis.render import iter_vis

PAIRS = 5


def first_picture(model: Any, objective: str) -> tuple[float, float]:
    """Seconds to the initial image, and to the first optimized one."""
    began = time.perf_counter()
    frames = iter_vis(model, objective, steps=1)
    next(frames)
    initial = time.perf_counter() - began
    next(frames)
    return initial, time.perf_counter() - began


def headless(model: Any, objective: str, steps: int) -> tuple[float, float]:
    """CPU seconds and wall seconds a step, without widgets."""
    frames = iter_vis(model, objective, steps=steps)
    next(frames)
    return _a_step(lambda: [None for _ in frames], steps)


class Page(threading.Thread):
    """Takes frames as fast as they come: each one is answered by the wish for the next."""

    def __init__(self, widget: LucidWidget) -> None:
        super().__init__(daemon=True)
        self.widget = widget
        self.came = threading.Event()
        self.newest = 0
        self.frames = 0
        self.over = False
        # What would go to the page; the rest of the way (Jupyter's sockets) is the same for any widget.
        self.send = widget.send
        widget.send = self.receive

    def receive(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.send(content, buffers)
        if content.get("type") == "frame":
            self.newest = content["id"]
            self.frames += 1
            self.came.set()

    def run(self) -> None:
        while not self.over:
            self.widget._handle_custom_msg({"type": "want", "client": "page", "seen": self.newest}, [])
            self.came.wait(1)
            self.came.clear()


def streaming(model: Any, objective: str, steps: int) -> tuple[float, float, int]:
    """CPU seconds and wall seconds a step while a page takes the frames, and how many it got."""
    widget = LucidWidget(model, objective, steps=steps)
    page = Page(widget)
    page.start()

    def work() -> None:
        widget.run()
        widget.wait()

    cpu, wall = _a_step(work, steps)
    page.over = True
    page.came.set()
    page.join()
    widget.close()
    return cpu, wall, page.frames


def _a_step(work: Any, steps: int) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) / steps, (time.perf_counter() - wall) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--layer", default="mixed4a_pre_relu")
    parser.add_argument("--channel", type=int, default=476)
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    objective = f"{arguments.layer}:{arguments.channel}"
    beside = Path(__file__).parents[2].parent / "shared" / "models"
    folder = Path(os.environ.get("LUCID_WIDGETS_MODEL_DIR", beside))

    began = time.perf_counter()
    model = InceptionV1(path=folder / "inception_v1_bvlc.pb")
    model.get_layer(arguments.layer)
    print(f"{objective}, 128 px, batch 1\n\nmodel read: {time.perf_counter() - began:.2f} s")
    for label in ("cold", "compiled before"):
        initial, first = first_picture(model, objective)
        print(f"first picture, {label}: initial image after {initial:.2f} s, first step after {first:.2f} s")

    headless(model, objective, 30)  # warms caches that the first of the pair would pay for
    rows = []
    for _ in range(PAIRS):
        alone_cpu, alone_wall = headless(model, objective, arguments.steps)
        cpu, wall, frames = streaming(model, objective, arguments.steps)
        rows.append((alone_cpu, cpu, cpu / alone_cpu, alone_wall, wall, wall / alone_wall, frames))
    middle = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"\nmedians of {PAIRS} pairs in turns, {arguments.steps} steps each:\n")
    print("| | headless | streaming | ratio |\n|---|---|---|---|")
    print(f"| CPU ms a step | {middle[0] * 1e3:.1f} | {middle[1] * 1e3:.1f} | {middle[2]:.3f} |")
    print(f"| wall ms a step | {middle[3] * 1e3:.1f} | {middle[4] * 1e3:.1f} | {middle[5]:.3f} |")
    print(f"| steps a second | {1 / middle[3]:.1f} | {1 / middle[4]:.1f} | |")
    print(f"\nframes taken by the page: {middle[6]:.0f} a run")


if __name__ == "__main__":
    main()
