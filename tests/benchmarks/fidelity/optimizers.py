"""Compare every parameterization with every optimizer: do other networks recognize the classes of a network?

    python tests/benchmarks/fidelity/optimizers.py [--network EmojiNet] [--size 64] [--steps 128] [--classes 16]
                                                   [--only pixels ...] [--optimizers Adam ...]

Each cell of the table is the best top-1 accuracy of the judges among a few learning rates, and that rate. Rates differ
by parameterization, since the numbers that they change differ, and by optimizer: SGD follows the size of the gradients,
which the others normalize. Transforms are those that `LucidWidget` begins with.

The networks know the same classes. EmojiNet has Inception blocks with ReLUs; "residual" and "plain" are the oracles of
`tests/data`, with residual blocks and with ELUs; EmojiViT is a transformer, whose images have 64 pixels. The judges
are the three convolutional networks, without the one that is visualized.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from oracles import ORACLES, emojinet_logits, load_oracles, ranks
from recovery import render, smooth

from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import param
from lucid_widgets.optvis.default_image import transforms_for
from lucid_widgets.optvis.engine.optimizers import Adam

PARAMETERIZATIONS: dict[str, tuple[Callable[..., Any], float]] = {
    # With the learning rate that the documentation recommends for Adam.
    "Fourier": (param.image, 0.05),
    "Fourier, smooth": (smooth, 0.05),
    "pixels": (partial(param.image, fft=False), 0.05),
    "direct ascent": (param.direct_ascent, 0.002),
    "MaCo": (param.maco, 0.2),
    "CPPN": (param.cppn, 0.005),
}

OPTIMIZERS: dict[str, Callable[[float, int], Any]] = {
    # From the learning rate and the number of steps.
    "Adam": lambda rate, _: keras.optimizers.Adam(rate),
    "Adam, falling": lambda rate, steps: Adam(rate, decay_steps=steps),
    "Nadam": lambda rate, _: keras.optimizers.Nadam(rate),
    "RMSprop": lambda rate, _: keras.optimizers.RMSprop(rate),
    "SGD, momentum .9": lambda rate, _: keras.optimizers.SGD(rate, momentum=0.9),
}

FACTORS = {"SGD, momentum .9": (0.1, 1.0, 10.0, 100.0)}
"""Factors of the recommended rate that are tried."""

OTHER_FACTORS = (0.25, 1.0, 4.0)


def network_and_judges(name: str) -> tuple[Any, list[Any]]:
    """Return the network to visualize, and the others, which judge its images."""
    oracles = dict(zip(ORACLES, load_oracles(), strict=True))
    judges = {"EmojiNet": emojinet_logits(), **oracles}
    others = [judge for judge_name, judge in judges.items() if judge_name != name]
    if name in oracles:
        return from_keras(oracles[name], image_value_range=(0, 1), labels=LABELS, name=name), others
    return EmojiViT() if name == "EmojiViT" else EmojiNet(), others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=["EmojiNet", *ORACLES, "EmojiViT"], default="EmojiNet")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--classes", type=int, default=16, help="number of classes, evenly spaced")
    parser.add_argument("--only", nargs="+", choices=list(PARAMETERIZATIONS), default=list(PARAMETERIZATIONS))
    parser.add_argument("--optimizers", nargs="+", choices=list(OPTIMIZERS), default=list(OPTIMIZERS))
    options = parser.parse_args()
    size = EmojiViT.usual_size if options.network == "EmojiViT" else options.size
    classes = [int(index) for index in np.linspace(0, len(LABELS) - 1, options.classes).round()]
    model, judges = network_and_judges(options.network)
    print(f"{options.network}, {len(classes)} classes, {size} px, {options.steps} steps: best top-1, and its rate\n")
    print(f"| | {' | '.join(options.optimizers)} |\n|---|{'---|' * len(options.optimizers)}")
    for name in options.only:
        make, usual = PARAMETERIZATIONS[name]
        cells = []
        for optimizer in options.optimizers:
            found = {}
            for factor in FACTORS.get(optimizer, OTHER_FACTORS):
                rate = usual * factor
                images = render(
                    model,
                    make,
                    classes,
                    size,
                    options.steps,
                    batch=len(classes),
                    optimizer=OPTIMIZERS[optimizer](rate, options.steps),
                    transforms=transforms_for(model),
                )
                found[rate] = float((ranks(judges, images, np.array(classes)) == 0).mean())
                print(f"  {name}, {optimizer}, {rate:g}: {found[rate]:.3f}", file=sys.stderr, flush=True)
            best = max(found, key=lambda rate: found[rate])
            cells.append(f"{found[best]:.2f} ({best:g})".replace("0.", "."))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
