"""Test parameterizations on Gabor filters: do their images have the orientation and the frequency of their unit?

    python tests/benchmarks/fidelity/gabor.py [--size 64] [--steps 64] [--only pixels ...]

Each of 24 units has one of eight orientations and one of three frequencies. It is the sum of two squared filters that
are a quarter of a wave apart, so it does not matter where the stripes are. No transforms; the learning rates are those
that the documentation recommends. The output is a table in Markdown: the median and the worst error of orientation and
frequency over all units.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from optvis.param.known_optima import FREQUENCIES, ORIENTATIONS, gabor_errors, gabor_images

from lucid_widgets.optvis import param

PARAMETERIZATIONS: dict[str, tuple[Callable[[int], Any], Callable[[], Any]]] = {
    "Fourier (the default)": (param.image, lambda: keras.optimizers.Adam(0.05)),
    "pixels": (lambda size: param.image(size, fft=False, decorrelate=False), lambda: keras.optimizers.Adam(0.05)),
    "direct ascent": (param.direct_ascent, lambda: keras.optimizers.Adam(0.002)),
    "MaCo": (param.maco, lambda: keras.optimizers.Nadam(0.2)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--only", nargs="+", choices=list(PARAMETERIZATIONS), default=list(PARAMETERIZATIONS))
    options = parser.parse_args()
    units = range(len(FREQUENCIES) * len(ORIENTATIONS))
    print("| | degrees: median | worst | octaves: median | worst |\n|---|---|---|---|---|")
    for name in options.only:
        make, optimizer = PARAMETERIZATIONS[name]
        made = gabor_images(units, make, options.size, options.steps, optimizer=optimizer())
        errors = np.array([gabor_errors(image, unit) for image, unit in zip(made, units, strict=True)])
        degrees, octaves = np.median(errors, 0)
        worst_degrees, worst_octaves = errors.max(0)
        print(f"| {name} | {degrees:.1f} | {worst_degrees:.1f} | {octaves:.2f} | {worst_octaves:.2f} |", flush=True)


if __name__ == "__main__":
    main()
