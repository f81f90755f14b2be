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
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from fidelity.gray import METHODS
from optvis.param.known_optima import FREQUENCIES, ORIENTATIONS, gabor_errors, gabor_images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--only", nargs="+", choices=list(METHODS), default=list(METHODS))
    options = parser.parse_args()
    units = range(len(FREQUENCIES) * len(ORIENTATIONS))
    print("| | degrees: median | worst | octaves: median | worst |\n|---|---|---|---|---|")
    for name in options.only:
        make, settings = METHODS[name]
        made = gabor_images(units, make, options.size, options.steps, **settings())
        errors = np.array([gabor_errors(image, unit) for image, unit in zip(made, units, strict=True)])
        degrees, octaves = np.median(errors, 0)
        worst_degrees, worst_octaves = errors.max(0)
        print(f"| {name} | {degrees:.1f} | {worst_degrees:.1f} | {octaves:.2f} | {worst_octaves:.2f} |", flush=True)


if __name__ == "__main__":
    main()
