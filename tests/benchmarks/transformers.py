"""Test how well visualizations of transformers work with the default recipe for models with a token grid.

    python tests/benchmarks/transformers.py [--steps 256] [--classes 160] [--out OUT] [--only classes mlp first]

`classes` maximizes the logit of every class of EmojiViT. EmojiViT and EmojiNet, which never saw it, then classify the
untransformed images. At least 80 % must be recognized by EmojiViT and 50 % by EmojiNet.

`mlp` maximizes units of MLPs of the DINOv2 in the folder that `LUCID_WIDGETS_MODEL_DIR` names, and prints the mean
activation over patches, at the start and at the end, on the untransformed image; it should grow to five times its
start. The pictures come next to the photographs that activate the unit most, for the default recipe and for "affine".

`first` measures the time from a loaded network to the first step, each time in a new process, next to that of a
`tf.function` without this package.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from needs import models_folder
from recovery import contact_sheet, render

from lucid_widgets import images as real_images
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.vision_models import EmojiNet, EmojiViT, from_keras
from lucid_widgets.optvis import objectives, param
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.many import batch_frames

DINO = "dinov2_small_focus.keras"
LAYERS = ("block2_mlp_gelu", "block5_mlp_gelu", "block8_mlp_gelu", "block11_mlp_gelu")
UNITS = 4  # of each layer
TOP = 4  # photographs of each unit
SIDE = 224


def recipe(steps: int) -> dict[str, Any]:
    return {"transforms": "tokens", "optimizer": Adam(decay_steps=steps)}


def places(model: Any, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return how many classes a network scores higher than the one that each image was made for."""
    network = keras.Model(model.keras_model.input, model.keras_model.get_layer("logits").output)
    logits = np.asarray(network(images))
    return (logits > logits[np.arange(len(classes)), classes][:, None]).sum(1)


def measure_classes(options: argparse.Namespace) -> None:
    classes = np.linspace(0, len(LABELS) - 1, options.classes).round().astype(int)
    model, oracle = EmojiViT(), EmojiNet()
    variants = {"recipe for tokens": recipe(options.steps), '"affine"': {"transforms": "affine"}}
    for name, settings in variants.items():
        started = time.monotonic()
        images = render(model, param.image, classes.tolist(), model.image_shape[0], options.steps, **settings)
        found = np.stack([places(judge, images, classes) for judge in (model, oracle)])
        file = options.out / f"classes-{name.strip(chr(34)).replace(' ', '-')}.png"
        contact_sheet(images, classes.tolist(), found).save(file)
        print(
            f"{name:18}  EmojiViT {np.mean(found[0] == 0):.3f}  EmojiNet {np.mean(found[1] == 0):.3f} top-1, "
            f"{np.mean(found[1] < 5):.3f} top-5  {(time.monotonic() - started) / 60:.1f} min  {file}",
            flush=True,
        )


def photographs() -> np.ndarray:
    """Return the photographs in the folder of networks, uint8 `[count, 224, 224, 3]`."""
    folder = models_folder() / "photos"
    sets = [real_images.ImageSet.of(folder / f"photos_{name}.zip") for name in ("objects", "scenes")]
    return np.stack([each.image(index, (SIDE, SIDE)) for each in sets for index in range(len(each))])


def means_of(network: Any, images: Any, layer: int) -> np.ndarray:
    """Return the mean of each unit over the patches, `[images, units]`, for images in [0, 1]."""
    prepared = keras.applications.imagenet_utils.preprocess_input(255 * np.asarray(images, np.float32), mode="torch")
    return np.concatenate(
        [np.asarray(network(prepared[at : at + 16])[layer])[:, 1:].mean(1) for at in range(0, len(images), 16)]
    )


def measure_mlp(options: argparse.Namespace) -> None:
    loaded = keras.models.load_model(models_folder() / DINO)
    model = from_keras(loaded, preprocess="torch")
    network = keras.Model(loaded.input, [loaded.get_layer(layer).output for layer in LAYERS])
    photos = photographs() / np.float32(255)
    variants = {"tokens": recipe(options.steps), "affine": {"transforms": "affine"}}
    for number, layer in enumerate(LAYERS):
        natural = means_of(network, photos, number)
        # Units that some photographs excite much more than others.
        units = np.argsort(-(natural.max(0) - natural.mean(0)) / natural.std(0))[: 4 * UNITS : 4]
        rows: list[Any] = [np.concatenate(photos[np.argsort(-natural[:, unit])[:TOP]], 1) for unit in units]
        for name, settings in variants.items():
            makers = [objectives.channel(layer, int(unit)) for unit in units]
            frames = batch_frames(model, makers, partial(_image, SIDE), steps=options.steps, **settings)
            first = next(frames).images
            for frame in frames:
                last = frame.images
            before, after = (means_of(network, images, number)[np.arange(UNITS), units] for images in (first, last))
            best = natural[:, units].max(0)
            for unit, start, end, top in zip(units, before, after, best, strict=True):
                grown = f"{end / start:.1f} times" if start > 0 else "from below 0"
                print(
                    f"{layer}:{unit:4}  {name}  {start:.3f} -> {end:.3f}, {grown}; best photograph {top:.3f}",
                    flush=True,
                )
            rows = [np.concatenate([image, row], 1) for image, row in zip(last, rows, strict=True)]
        sheet = np.round(255 * np.clip(np.concatenate(rows, 0), 0, 1)).astype(np.uint8)
        PIL.Image.fromarray(sheet).save(options.out / f"{layer}.png")


def _image(size: int, batch: int) -> Any:
    return param.image(size, batch=batch)


FIRST_STEP = """
import sys, time
import keras, tensorflow as tf
from lucid_widgets import iter_vis, models
network = keras.models.load_model(sys.argv[2])
started, cpu = time.monotonic(), time.process_time()
if sys.argv[1] == "bare":
    layer = keras.Model(network.input, network.get_layer(sys.argv[3]).output)
    image = tf.Variable(tf.random.normal((1, 224, 224, 3), stddev=0.1))
    optimizer = keras.optimizers.Adam(0.05)
    optimizer.build([image])
    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(layer(tf.sigmoid(image))[:, 1:, 7])
        optimizer.apply(tape.gradient(loss, [image]), [image])
        return loss
    float(step())
else:
    model = models.from_keras(network, preprocess="torch")
    for frame in iter_vis(model, f"{sys.argv[3]}:7", image_size=224, steps=4):
        if frame.step:
            break
print(time.monotonic() - started, time.process_time() - cpu)
"""


def measure_first(options: argparse.Namespace) -> None:
    for layer in ("block5_mlp_gelu", "block11_mlp_gelu"):
        times: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
        for _ in range(options.repeats):
            for name, seen in times.items():
                command = [sys.executable, "-c", FIRST_STEP, name, str(models_folder() / DINO), layer]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                wall, cpu = (float(word) for word in done.stdout.split())
                seen.append((wall, cpu))
        (bare, bare_cpu), (ours, ours_cpu) = (np.median(seen, axis=0) for seen in times.values())
        print(
            f"{layer}: first step after {ours:.1f} s, bare TensorFlow {bare:.1f} s: {ours / bare:.2f} times; "
            f"processor time {ours_cpu:.1f} s and {bare_cpu:.1f} s",
            flush=True,
        )


PARTS = {"classes": measure_classes, "mlp": measure_mlp, "first": measure_first}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--classes", type=int, default=len(LABELS), help="number of classes, evenly spaced")
    parser.add_argument("--repeats", type=int, default=3, help="processes of each kind that measure the first step")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--out", type=Path, default=Path("transformers"), help="folder for the pictures")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for part in options.only:
        PARTS[part](options)


if __name__ == "__main__":
    main()
