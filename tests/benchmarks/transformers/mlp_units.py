"""Maximize MLP units of the DINOv2 in the folder of networks, next to the photographs that activate them most.

    python tests/benchmarks/transformers/mlp_units.py [--steps 128] [--units 3] [--layers ...] [--variants ...]

The units are drawn at random with a fixed seed. The figures are mean activations over the patches of untransformed
images: of the image before the first step, of the image after the last one, of the average photograph and of the best
one. A GELU is negative where a unit is off, so the rise is given in terms of the absolute start. It should be at least
four, which is five times the start for positive values.

The variants are the default settings for models with a token grid; the same with the true slope of the GELU, which
turns units off; and "affine". Each row of the pictures is a unit: made with each of the variants, the last one first,
and photographs.

With 128 steps, all 12 units rose enough by default (from 4.9 to 44.9 times, with a final value of at least 0.286), and
10 with the true slope: `block2_mlp_gelu:977` and `block11_mlp_gelu:970` ended at -0.002, turned off. By default, each
unit ended above the best of 396 photographs. The pictures resemble photographs in blocks 2 (vertical stripes, the
grooves of a wall) and 5 (waves and the sea, scales and the skin of a snake).
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image

sys.path.insert(0, str(Path(__file__).parents[2]))
from needs import models_folder

from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.default_image import COSINE_RATE, transforms_for
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.many import batch_frames

LAYERS = ("block2_mlp_gelu", "block5_mlp_gelu", "block8_mlp_gelu", "block11_mlp_gelu")
VARIANTS = ("default", "true slope", "affine")
TOP = 4  # photographs of each unit
LEAST_RISE = 4
SIDE = 224


def photographs() -> np.ndarray:
    """Return the photographs in the folder of networks, uint8 `[count, 224, 224, 3]`."""
    folder = models_folder() / "photos"
    sets = [ImageSet.of(folder / f"photos_{name}.zip") for name in ("objects", "scenes")]
    return np.stack([each.image(index, (SIDE, SIDE)) for each in sets for index in range(len(each))])


def means_of(network: Any, images: Any, layer: int) -> np.ndarray:
    """Return the mean of each unit over the patches, `[images, units]`, for images in [0, 1]."""
    prepared = keras.applications.imagenet_utils.preprocess_input(255 * np.asarray(images, np.float32), mode="torch")
    return np.concatenate(
        [np.asarray(network(prepared[at : at + 16])[layer])[:, 1:].mean(1) for at in range(0, len(images), 16)]
    )


def _image(size: int, batch: int) -> Any:
    return param.image(size, batch=batch)


def measure(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    loaded = keras.models.load_model(models_folder() / "dinov2_small_focus.keras")
    model = from_keras(loaded, preprocess="torch")
    network = keras.Model(loaded.input, [loaded.get_layer(layer).output for layer in options.layers])
    photos = photographs() / np.float32(255)
    rises: dict[str, list[float]] = {name: [] for name in options.variants}
    usual = {"transforms": transforms_for(model), "optimizer": Adam(COSINE_RATE, decay_steps=options.steps)}
    variants: dict[str, dict[str, Any]] = {
        "default": usual,
        "true slope": {**usual, "relu_gradient_override": False},
        "affine": {"transforms": "affine"},
    }
    random = np.random.default_rng(0)
    for number, layer in enumerate(options.layers):
        natural = means_of(network, photos, number)
        units = np.sort(random.choice(natural.shape[1], options.units, replace=False))
        rows: list[Any] = [np.concatenate(photos[np.argsort(-natural[:, unit])[:TOP]], 1) for unit in units]
        for name in options.variants:
            settings = variants[name]
            makers = [objectives.channel(layer, int(unit)) for unit in units]
            frames = batch_frames(model, makers, partial(_image, SIDE), steps=options.steps, **settings)
            first = next(frames).images
            for frame in frames:
                last = frame.images
            own = np.arange(len(units)), units
            before, after = (means_of(network, images, number)[own] for images in (first, last))
            best = natural[:, units].max(0)
            for unit, start, end, top in zip(units, before, after, best, strict=True):
                middle = natural[:, unit].mean()
                rises[name].append((end - start) / abs(start))
                print(
                    f"{layer}:{unit:4}  {name}  {start:.3f} -> {end:.3f}, "
                    f"a rise of {rises[name][-1]:.1f} times; "
                    f"photographs {middle:.3f} on average, {top:.3f} the best",
                    flush=True,
                )
            rows = [np.concatenate([image, row], 1) for image, row in zip(last, rows, strict=True)]
        sheet = np.round(255 * np.clip(np.concatenate(rows, 0), 0, 1)).astype(np.uint8)
        PIL.Image.fromarray(sheet).save(options.out / f"{layer}.png")
    for name, found in rises.items():
        print(f"{name}: {sum(rise >= LEAST_RISE for rise in found)} of {len(found)} units rise enough")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--units", type=int, default=3, help="number of units of each layer")
    parser.add_argument("--layers", nargs="+", default=list(LAYERS))
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=Path("transformers"), help="folder for the pictures")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
