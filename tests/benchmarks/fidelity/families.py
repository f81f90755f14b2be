"""Test which recipe shows classes best in each family of convolutional networks.

    python tests/benchmarks/fidelity/families.py [--batches 250] [--steps 128] [--folder planted]

Two small networks learn the twelve emoji of `planted.py`: *ReLU*, an Inception network, and *modern*, whose residual
blocks have depthwise convolutions, swish and batch normalization. Each recipe of `recovery.py` maximizes all classes of
both, and the judge of `planted.py` classifies the images. The output is a table in Markdown with the share of images
that the judge assigns to their class, the share that stayed gray, and the seconds for one batch of 32 images.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from planted import CLASSES, NETWORKS, SIZE, Trained, network, sheet
from recovery import BATCH, VARIANTS, render

from lucid_widgets.modelzoo.vision_models import from_keras

RECIPES = ("default", "falling rate", "wide", "direct ascent", "maco")
GRAY = 0.02
"""Standard deviation below which an image is called gray."""


def modern(normalize: bool = True) -> Any:
    """Build residual blocks as in MobileNet V2 and EfficientNet."""
    layers = keras.layers

    def convolve(x: Any, channels: int, size: int, strides: int = 1) -> Any:
        return layers.BatchNormalization(momentum=0.97)(
            layers.Conv2D(channels, size, strides, padding="same", use_bias=False)(x)
        )

    image = keras.Input((None, None, 3))
    x = layers.Activation("swish")(convolve(layers.Rescaling(2, -1)(image), 24, 5, 2))
    for channels, strides in ((32, 1), (48, 2), (48, 1), (80, 2), (80, 1)):
        inner = layers.Activation("swish")(convolve(x, 3 * x.shape[-1], 1))
        inner = layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(inner)
        inner = layers.Activation("swish")(layers.BatchNormalization(momentum=0.97)(inner))
        inner = convolve(inner, channels, 1)
        x = layers.Add()([x, inner]) if x.shape[-1] == channels and strides == 1 else inner
    x = layers.GlobalAveragePooling2D()(layers.Activation("swish")(convolve(x, 160, 1)))
    logits = layers.Dense(len(CLASSES), name="logits")(x)
    return keras.Model(image, layers.Softmax(name="probs")(logits))


FAMILIES = {"ReLU": "clean", "modern": "modern"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=250)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--folder", type=Path, default=Path("planted"))
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=RECIPES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    NETWORKS["modern"] = Trained(modern, 33, False, folded=False)
    classes = np.arange(BATCH) % len(CLASSES)
    judge = network("judge", options.batches, options.folder)
    print("| family | recipe | recovery | gray | seconds |\n|---|---|---|---|---|")
    for family, name in FAMILIES.items():
        trained = network(name, options.batches, options.folder)
        model = from_keras(trained, image_value_range=(0, 1), labels=CLASSES, name=family)
        for recipe in options.only:
            _, make, settings = VARIANTS[recipe]
            began = time.monotonic()
            images = render(model, make, list(classes), SIZE, options.steps, **settings(options.steps))
            seconds = time.monotonic() - began
            (options.folder / f"{family}-{recipe.replace(' ', '-')}.png").write_bytes(sheet(images))
            right = np.mean(np.asarray(judge(images, training=False)).argmax(-1) == classes)
            gray = np.mean(images.std((1, 2, 3)) < GRAY)
            print(f"| {family} | {recipe} | {right:.2f} | {gray:.2f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
