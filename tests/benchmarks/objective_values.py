"""Our objective values compared with those of Lucid 0.3.10 on the same network.

    python tests/benchmarks/objective_values.py [--seeds 2] [--first 0] [--rows 0 11] [--loop]

Lucid's figures are means of the printed objective over the last 32 steps, with its defaults, on TensorFlow 2.21 in
graph mode. Ours are computed in the same way, with Lucid's chain of transforms. "±" is the standard error of our mean
over the seeds, relative to the mean. `--loop` also runs the loop of the original (`original.py`), with the same number
of seeds, for the rows that maximize a single channel. Needs `inception_v1_bvlc.pb` in LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from needs import models_folder
from original import Original

from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.transform import standard_transforms

TAIL = 32
BAR = 0.95
BETWEEN = objectives.channel_interpolate("mixed4a_pre_relu", 476, "mixed4a_pre_relu", 460)
ALIGNED = objectives.alignment("mixed3b", 5) + objectives.alignment("mixed4a", 5)


def partly_shared() -> Any:
    """The six images of the interpolation notebook: independent parts plus shared images of lower resolutions."""
    shape = (6, 128, 128, 3)
    shared = [
        param.lowres_tensor(shape, (count, 128 // coarser, 128 // coarser, 3))
        for count, coarser in [(1, 2), (1, 4), (1, 8), (2, 8), (1, 16), (2, 16)]
    ]
    return param.to_valid_rgb(param.fft_image(shape) + sum(shared), decorrelate=True)


@dataclass(frozen=True)
class Row:
    objective: Any
    lucid: float
    steps: int = 256
    note: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


ROWS = [
    Row("mixed3a:175", 356.2),
    Row("mixed3b:196", 147.4),
    Row("mixed4a:25", 807.7),
    Row("mixed4b:502", 511.2),
    Row("mixed4c:67", 358.7),
    Row("mixed4d:211", 417.4),
    Row("mixed4e:615", 258.8),
    Row("mixed5a:348", 190.0),
    Row("mixed4a_pre_relu:476", 903.4, steps=512),
    Row("mixed4a_pre_relu:476", 1425.5, note="no transforms", settings={"transforms": []}),
    Row(
        "mixed4a_pre_relu:2",
        459.9,
        note="pixels",
        settings={"param_f": partial(param.image, 128, fft=False, decorrelate=False)},
    ),
    Row(BETWEEN, 4058.9, settings={"param_f": partial(param.image, 128, batch=6)}),
    Row(BETWEEN, 4053.3, note="partly shared", settings={"param_f": partly_shared}),
    Row(BETWEEN + 0.1 * ALIGNED, 3838.7, note="partly shared", settings={"param_f": partly_shared}),
]


def measure(model: Any, row: Row, seed: int) -> tuple[float, float]:
    """Return the mean objective of the last steps, and seconds per step after compilation."""
    values: list[float] = []
    began, warm = 0.0, 0
    settings = {"transforms": standard_transforms, **row.settings}
    for frame in iter_vis(model, row.objective, steps=row.steps, seed=seed, **settings):
        values.extend(frame.objectives)
        if frame.step and not began:
            began, warm = time.perf_counter(), frame.step
    return float(np.mean(values[-TAIL:])), (time.perf_counter() - began) / (row.steps - warm)


def measure_loop(model: Any, row: Row, seed: int) -> float:
    """Return the mean that the original loop reaches."""
    layer, channel = row.objective.split(":")
    original = Original(model, layer, int(channel), 128, 1, seed)
    values = original.curve(row.steps)
    original.close()
    return float(np.mean(values[-TAIL:]))


def with_spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1) / len(values) ** 0.5 / np.mean(values):.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=2, help="runs per row (default: 2)")
    parser.add_argument("--first", type=int, default=0, help="first seed (default: 0)")
    parser.add_argument("--rows", type=int, nargs="*", help="rows to measure, counted from 0 (default: all)")
    parser.add_argument("--loop", action="store_true", help="also run the original loop")
    asked = parser.parse_args()
    seeds, rows = range(asked.first, asked.first + asked.seeds), [ROWS[at] for at in asked.rows] if asked.rows else ROWS
    model = InceptionV1(path=models_folder() / "inception_v1_bvlc.pb")
    print("| objective | steps | Lucid | its loop here | ours | ratio | ms per step |\n|---|---|---|---|---|---|---|")
    missed = 0
    for row in rows:
        ours, times = zip(*(measure(model, row, seed) for seed in seeds), strict=True)
        ratio = np.mean(ours) / row.lucid
        plain = asked.loop and isinstance(row.objective, str) and not row.settings
        loop = with_spread([measure_loop(model, row, seed) for seed in seeds]) if plain else ""
        missed += ratio < BAR
        name = f"`{row.objective}`{f', {row.note}' if row.note else ''}"
        print(
            f"| {name} | {row.steps} | {row.lucid:.1f} | {loop} | {with_spread(ours)} | {ratio:.3f} "
            f"| {np.mean(times) * 1e3:.0f} |",
            flush=True,
        )
    print(f"\n{len(rows) - missed} of {len(rows)} rows reach {BAR} of Lucid's figure (mean over {len(seeds)} seeds).")


if __name__ == "__main__":
    main()
