"""Test how many classes of EmojiViT can be recognized in images that maximize their logit.

    python tests/benchmarks/transformers/class_units.py [--steps 256] [--classes 160] [--out transformers]

EmojiViT itself and EmojiNet, which never saw it, classify the untransformed images: those of the default settings of
`LucidWidget` for a model with a token grid, and those of "affine", the default for all others. By the first, at least
80 % must be recognized by EmojiViT and 50 % by EmojiNet. In the contact sheets, the frame around an image is green if
both recognize the class, yellow if one does or both have it among their top five, and red for all others.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from recovery import contact_sheet, render

from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.vision_models import EmojiNet, EmojiViT
from lucid_widgets.optvis import param
from lucid_widgets.optvis.default_image import transforms_for
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.widgets._workbench.run_settings import OPTIMIZERS


def recipe(model: Any, steps: int) -> dict[str, Any]:
    return {"transforms": transforms_for(model), "optimizer": Adam(OPTIMIZERS["AdamCosine"], decay_steps=steps)}


def places(model: Any, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return how many classes a network scores higher than the one that each image was made for."""
    network = keras.Model(model.keras_model.input, model.keras_model.get_layer("logits").output)
    logits = np.asarray(network(images))
    return (logits > logits[np.arange(len(classes)), classes][:, None]).sum(1)


def measure(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    classes = np.linspace(0, len(LABELS) - 1, options.classes).round().astype(int)
    model, oracle = EmojiViT(), EmojiNet()
    size = model.image_shape[0]
    assert size is not None
    variants = {"recipe for tokens": recipe(model, options.steps), '"affine"': {"transforms": "affine"}}
    for name, settings in variants.items():
        started = time.monotonic()
        images = render(model, param.image, classes.tolist(), size, options.steps, **settings)
        found = np.stack([places(judge, images, classes) for judge in (model, oracle)])
        file = options.out / f"classes-{name.strip(chr(34)).replace(' ', '-')}.png"
        contact_sheet(images, classes.tolist(), found).save(file)
        print(
            f"{name:18}  EmojiViT {np.mean(found[0] == 0):.3f}  EmojiNet {np.mean(found[1] == 0):.3f} top-1, "
            f"{np.mean(found[1] < 5):.3f} top-5  {(time.monotonic() - started) / 60:.1f} min  {file}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--classes", type=int, default=len(LABELS), help="number of classes, evenly spaced")
    parser.add_argument("--out", type=Path, default=Path("transformers"), help="folder for the pictures")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
