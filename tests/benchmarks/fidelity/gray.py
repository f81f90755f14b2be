"""Count the images that stay gray: random units of trained networks, old and modern, for each parameterization.

    python tests/benchmarks/fidelity/gray.py [--units 16] [--steps 32]

For each network, units of three layers are drawn at random: a third, two thirds and nine tenths of the way through the
network. An image counts as gray if, after the last step, it excites its unit hardly more than the image at the start
does: by less than a twentieth, or not at all if the unit was silent. The settings are those of `LucidWidget`, and
transformers get the transforms that are their default. The networks need their files in LUCID_WIDGETS_MODEL_DIR.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from needs import models_folder

from lucid_widgets.errors import GradientWarning
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.vision_models import InceptionV1, as_model
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.default_image import default_size
from lucid_widgets.optvis.render import iter_vis

SHARES = (1 / 3, 2 / 3, 0.9)
RISES = 0.05


def from_file(name: str) -> Any:
    return as_model(str(models_folder() / name))


NETWORKS: dict[str, Callable[[], Any]] = {
    "EmojiNet: ReLU": EmojiNet,
    "InceptionV1: ReLU": lambda: InceptionV1(models_folder() / "inception_v1_bvlc.pb"),
    "SqueezeNet: ReLU": partial(from_file, "squeezenet_v1_1.keras"),
    "ResNet-56: residual blocks": partial(from_file, "cifar10_resnet56.keras"),
    "EfficientNet-Lite0: depthwise, ReLU6": partial(from_file, "efficientnet_lite0.keras"),
    "EmojiViT: transformer, GELU": EmojiViT,
    "DINOv2 small: transformer, GELU": partial(from_file, "dinov2_small_focus.keras"),
}

METHODS: dict[str, tuple[Callable[..., Any], Callable[[], dict[str, Any]]]] = {
    "Fourier (the default)": (param.image, lambda: {}),
    "pixels": (partial(param.image, fft=False, decorrelate=False), lambda: {}),
    "direct ascent": (param.direct_ascent, lambda: {"optimizer": keras.optimizers.Adam(0.002)}),
    "MaCo": (param.maco, lambda: {"optimizer": keras.optimizers.Nadam(0.2)}),
}


def responses(model: Any, layer: str, units: list[int], images: Any) -> np.ndarray:
    """Return the mean activation of each unit for its own image."""
    found = np.asarray(model.get_activations(layer, images))
    means = found.reshape(len(found), -1, found.shape[-1]).mean(1)
    return means[np.arange(len(units)), units]


def gray(model: Any, layer: str, units: list[int], method: str, steps: int) -> int:
    """Return how many of the units have an image that stays gray."""
    make, settings = METHODS[method]
    objective = objectives.Objective.sum(
        objectives.channel(layer, unit, batch=place) for place, unit in enumerate(units)
    )
    image = partial(make, default_size(model, objective), batch=len(units))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GradientWarning)  # which says that an image stays gray
        frames = list(iter_vis(model, objective, image, steps=steps, every=steps, **settings()))
    before, after = (responses(model, layer, units, frame.images) for frame in (frames[0], frames[-1]))
    return int((after - before <= RISES * np.abs(before)).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=16, help="number of units in each layer")
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--only", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    options = parser.parse_args()
    print(f"gray images of {options.units * len(SHARES)} after {options.steps} steps\n")
    print(f"| network | {' | '.join(METHODS)} |\n|---|{'---|' * len(METHODS)}", flush=True)
    for name in options.only:
        began = time.monotonic()
        model = NETWORKS[name]()
        browsable = [each for each in model.browsable_layers if (each.channels or 0) >= options.units]
        layers = [browsable[round(share * (len(browsable) - 1))] for share in SHARES]
        chosen = {
            layer.name: np.random.default_rng(0).choice(layer.channels, options.units, replace=False).tolist()
            for layer in layers
        }
        counts = [
            sum(gray(model, layer, units, method, options.steps) for layer, units in chosen.items())
            for method in METHODS
        ]
        print(f"| {name} | {' | '.join(map(str, counts))} |", flush=True)
        print(f"  {', '.join(chosen)}; {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
