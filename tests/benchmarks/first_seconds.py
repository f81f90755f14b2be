"""The first seconds of a run and of a grid, next to Lucid's own loop. Every figure comes from a fresh process.

    python tests/benchmarks/first_seconds.py [--runs 5] [--steps 512] [--grids] [--only mixed4a:476:128:1 ...]

A process imports TensorFlow and loads the network, and then the clock starts. Contenders take turns, and the median of
the runs counts. The columns: seconds to the first image after an update; milliseconds per step up to step 64 and from
there on; the longest time without a new image, in seconds; seconds in all; then another channel and another layer of
the same network, from the call to the first image. Lucid's loop (`original.py`) shows an image after every step.
`--grids` measures grids of 24 cells in their place: seconds until every cell has an image, until every cell has made
16 steps, and until all 64 are made. InceptionV1 needs its file in LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
import tensorflow as tf
from needs import models_folder
from original import Original

from lucid_widgets.modelzoo.vision_models import EmojiNet, InceptionV1
from lucid_widgets.optvis import param
from lucid_widgets.optvis.default_image import batch_images
from lucid_widgets.optvis.many import default_batch, even_batch
from lucid_widgets.optvis.objectives import channel
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.unit_frames import UnitFrames

BOUNDARY = 64
CELLS = 24
CASES = ("mixed4a:476:128:1", "mixed4a:476:128:6", "mixed5b:10:224:1", "mixed5b:10:224:6")
OTHER_LAYER = "mixed3b"


def load(network: str) -> Any:
    model = EmojiNet() if network == "EmojiNet" else InceptionV1(models_folder() / "inception_v1_bvlc.pb")
    list(model.layers)
    tf.zeros([]).numpy()
    return model


def ours(model: Any, layer: str, unit: int, size: int, batch: int, steps: int) -> Iterator[int]:
    """Make a run, and yield the step of each frame."""
    make = partial(param.image, size, batch=batch)
    for frame in iter_vis(model, channel(layer, unit), make, steps=steps, seed=0):
        yield frame.step


def lucid(model: Any, layer: str, unit: int, size: int, batch: int, steps: int) -> Iterator[int]:
    original = Original(model, layer, unit, size, batch)
    yield 0
    for step in range(1, steps + 1):
        original.advance(1)
        original.session.run(original.image)
        yield step


def timed(contender: str, case: str, steps: int) -> dict[str, float]:
    layer, unit, size, batch = case.split(":")
    model = load("InceptionV1")
    call = partial({"ours": ours, "lucid": lucid}[contender], model)
    began = time.perf_counter()
    seen = [(step, time.perf_counter() - began) for step in call(layer, int(unit), int(size), int(batch), steps)]
    first = next(at for step, at in seen if step > 0)
    middle_step, middle = next((step, at) for step, at in seen if step >= min(BOUNDARY, steps))
    result = {
        "first": first,
        "early": 1000 * (middle - first) / max(1, middle_step - 1),
        "late": 1000 * (seen[-1][1] - middle) / max(1, steps - middle_step),
        "stall": max(after - before for (_, before), (_, after) in pairwise(seen) if before >= first),
        "total": seen[-1][1],
    }
    if contender == "ours":
        for name, other in (("channel", (layer, int(unit) + 1)), ("layer", (OTHER_LAYER, 3))):
            began = time.perf_counter()
            next(step for step in ours(model, *other, int(size), int(batch), 1) if step)
            result[name] = time.perf_counter() - began
    return result


class Screen:
    """A board of cells that somebody sees, and when each got its first image, its 16th step and its last."""

    def __init__(self) -> None:
        self._waiting = list(range(CELLS))
        self._began = time.perf_counter()
        self.steps: dict[int, int] = {}
        self.at: dict[str, dict[int, float]] = {"image": {}, "16 steps": {}, "finished": {}}

    def take(self, most: int, *, shown: bool = False) -> Sequence[int]:
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return taken

    def shows(self, units: Sequence[int]) -> bool:
        return True

    def note(self, what: str, units: Sequence[int]) -> None:
        for unit in units:
            self.at[what].setdefault(unit, time.perf_counter() - self._began)

    def show(self, units: Sequence[int], images: Any) -> None:
        self.last = units

    def made(self, units: Sequence[int], images: Any, values: Sequence[float]) -> None:
        self.note("finished", units)

    def failed(self, unit: int, message: str) -> None:
        raise RuntimeError(message)


def grid(network: str) -> dict[str, float]:
    model, size = load(network), 96
    batch = even_batch(CELLS, default_batch(model, channel("mixed4a", 0), batch_images(model, size)))
    screen = Screen()

    def objective(unit: int, image: int | None) -> Any:
        return channel("mixed4a", unit, batch=image)

    made = dict.fromkeys(range(CELLS), 0)
    before = 0
    for frame in UnitFrames(model, objective, screen, batch=batch, image_size=size, steps=64):
        for unit in screen.last:
            made[unit] += (frame.step - before) // len(screen.last)
        before = frame.step
        screen.note("image", [unit for unit in screen.last if made[unit] > 0])
        screen.note("16 steps", [unit for unit in screen.last if made[unit] >= 16])
    return {what: max(times.values()) for what, times in screen.at.items()}


def in_a_process(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=512)
    parser.add_argument("--only", nargs="+", default=list(CASES), help="layer:channel:size:batch")
    parser.add_argument("--grids", action="store_true", help="measure grids in place of runs")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        contender, case = options.alone
        print(json.dumps(grid(case) if contender == "grid" else timed(contender, case, options.steps)))
    elif options.grids:
        print("| 24 cells, 96 px, 64 steps | every cell has an image (s) | has made 16 steps (s) | finished (s) |")
        print("|---|---|---|---|")
        for network in ("EmojiNet", "InceptionV1"):
            times = medians([in_a_process("--alone", "grid", network) for _ in range(options.runs)])
            print(f"| {network} | " + " | ".join(f"{seconds:.1f}" for seconds in times.values()) + " |", flush=True)
    else:
        columns = ("first", "early", "late", "stall", "total", "channel", "layer")
        print(f"InceptionV1, {options.steps} steps, median of {options.runs}\n")
        print(f"| channel:px:batch | | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
        for case in options.only:
            runs: dict[str, list[dict[str, float]]] = {"lucid": [], "ours": []}
            for _ in range(options.runs):
                for contender, kept in runs.items():
                    kept.append(in_a_process("--alone", contender, case, "--steps", str(options.steps)))
            found = {contender: medians(kept) for contender, kept in runs.items()}
            found["ratio"] = {name: found["ours"][name] / value for name, value in found["lucid"].items()}
            for contender, figures in found.items():
                cells = [f"{figures[name]:.2f}" if name in figures else "" for name in columns]
                print(f"| {case} | {contender} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
