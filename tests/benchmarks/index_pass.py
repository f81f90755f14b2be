"""What an index costs: a pass over images for all units of some layers, against a bare forward pass over them.

    python tests/benchmarks/index_pass.py [--images 64] [--rounds 5] [--batch 16] [--models FOLDER]
    python tests/benchmarks/index_pass.py --whole [--images 1000] [--rounds 3]

Both run in one process, in turns, batch by batch, so that a slower machine slows both. Prints medians and their ratio.
EmojiNet is always measured, InceptionV1 if the folder of networks has `inception_v1_bvlc.pb`.

With `--whole`, the turns are whole calls on JPEG files. Both read and decode all files on another thread, trace and
compile their function, and run it. `ActivationIndex.build` also compares network and images with earlier indexes, makes
small copies of the images that stand for a unit, and writes the index to the disk. A line below the table tells what a
call costs beyond the time that grows with the number of images: from two calls, one with half of the images.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from lucid_widgets import ActivationIndex, ImageSet, models
from lucid_widgets.evidence.passes.ahead import ahead
from lucid_widgets.evidence.passes.plan import KEEP, default_batch, default_layers, make_plan
from lucid_widgets.evidence.passes.reductions import Step, network_images, start
from lucid_widgets.evidence.statistics import Statistics

GROUPS = {
    "InceptionV1": ["mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b"],
    "EmojiNet": None,
}


def networks(folder: Path) -> dict[str, Any]:
    """The networks that can be measured here."""
    found: dict[str, Any] = {"EmojiNet": models.EmojiNet()}
    weights = folder / "inception_v1_bvlc.pb"
    if weights.is_file():
        found["InceptionV1"] = models.InceptionV1(weights)
    return found


def inputs(name: str, model: Any, count: int, given: int | None) -> tuple[int, int, ImageSet, np.ndarray, list[str]]:
    """Sides of the images, batch, image set, its pixels, and the layers."""
    side = model.image_shape[0] or 64
    batch = given or default_batch((side, side), count)
    count = max(1, count // batch) * batch
    pixels = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)
    data = ImageSet.from_array(pixels, [str(index % 10) for index in range(count)])
    return side, batch, data, pixels, GROUPS[name] or [each.name for each in default_layers(model)]


def predictor(model: Any, layer: str) -> Any:
    """A compiled function from uint8 images to the activations of the last layer."""

    @tf.function(autograph=False)
    def predict(images: tf.Tensor) -> tf.Tensor:
        return model.import_graph(network_images(images, 3))(layer)

    return predict


def measure_batches(name: str, model: Any, count: int, rounds: int, given: int | None) -> tuple[float, float, int]:
    """Milliseconds per image of the bare forward pass and of the pass for an index, and the number of units."""
    side, batch, data, pixels, layers = inputs(name, model, count, given)
    plan = make_plan(model, data, layers, reduction="max", neuron=None, image_size=side, keep=KEEP, batch=batch, seed=0)
    step, predict = Step(model, layers, plan.reduction, (side, side, 3)), predictor(model, layers[-1])
    empty = Statistics.empty(plan.units, plan.keep, len(plan.label_names), plan.sample)
    bare, indexed = [], []
    for turn in range(rounds + 1):
        state = start(empty)
        for first in range(0, len(pixels), batch):
            images = pixels[first : first + batch]
            indices = np.arange(first, first + batch, dtype=np.int32)
            began = time.perf_counter()
            predict(tf.constant(images)).numpy()
            middle = time.perf_counter()
            _, _, finite, state = step(images, indices, plan.label_numbers[indices], np.ones(batch, bool), state)
            bool(finite)
            if turn:  # the first round compiles
                bare.append(middle - began)
                indexed.append(time.perf_counter() - middle)
    return 1e3 * statistics.median(bare) / batch, 1e3 * statistics.median(indexed) / batch, plan.units


def written(folder: Path, pixels: np.ndarray) -> ImageSet:
    """The images as JPEG files, smoothed so that they take as long to decode as photographs."""
    for number, image in enumerate(pixels):
        coarse = Image.fromarray(image[::8, ::8]).resize(image.shape[1::-1], Image.Resampling.BICUBIC)
        coarse.save(folder / f"{number:06d}.jpg", quality=90)
    return ImageSet.from_folder(folder)


def measure_whole(name: str, model: Any, count: int, rounds: int, given: int | None) -> tuple[float, float, int]:
    """Milliseconds per image of forward passes and of `ActivationIndex.build` over files, and the number of units."""
    side, batch, _, pixels, layers = inputs(name, model, count, given)
    bare: dict[int, list[float]] = {}
    indexed: dict[int, list[float]] = {}
    units = 0
    for turn, part in ((turn, part) for turn in range(rounds + 1) for part in (len(pixels) // 2, len(pixels))):
        with tempfile.TemporaryDirectory() as images, tempfile.TemporaryDirectory() as folder:
            data = written(Path(images), pixels[:part])
            began = time.perf_counter()
            predict = predictor(model, layers[-1])
            for each in ahead(data.batches(batch, (side, side))):
                predict(tf.constant(each.images)).numpy()
            middle = time.perf_counter()
            index = ActivationIndex.build(model, data, layers, path=folder, image_size=side, batch=batch, verbose=False)
            if turn:  # the first round imports and loads
                bare.setdefault(part, []).append(middle - began)
                indexed.setdefault(part, []).append(time.perf_counter() - middle)
        units = sum(index.channels(layer) for layer in layers)
    half, whole = sorted(bare)
    times = {part: (statistics.median(bare[part]), statistics.median(indexed[part])) for part in (half, whole)}
    slopes = [(times[whole][each] - times[half][each]) / (whole - half) for each in (0, 1)]
    fixed = [times[whole][each] - whole * slopes[each] for each in (0, 1)]
    print(
        f"{name}: {fixed[0]:.1f} s and {fixed[1]:.1f} s whatever the number of images, "
        f"{1e3 * slopes[0]:.2f} ms and {1e3 * slopes[1]:.2f} ms per image, ratio {slopes[1] / slopes[0]:.2f}"
    )
    return 1e3 * times[whole][0] / whole, 1e3 * times[whole][1] / whole, units


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=None, help="default: 64, or 1,000 with --whole")
    parser.add_argument("--rounds", type=int, default=None, help="default: 5, or 3 with --whole")
    parser.add_argument("--whole", action="store_true", help="measure ActivationIndex.build")
    parser.add_argument("--batch", type=int, default=None)
    parser.add_argument("--models", type=Path, default=Path("models"))
    options = parser.parse_args()
    measure, images, rounds = (measure_whole, 1000, 3) if options.whole else (measure_batches, 64, 5)
    images, rounds = options.images or images, options.rounds or rounds
    print("| network | layers | units | predict | pass | ratio |\n|---|---|---|---|---|---|")
    for name, model in networks(options.models).items():
        bare, indexed, units = measure(name, model, images, rounds, options.batch)
        layers = len(GROUPS[name] or default_layers(model))
        print(f"| {name} | {layers} | {units} | {bare:.1f} ms | {indexed:.1f} ms | {indexed / bare:.2f} |", flush=True)


if __name__ == "__main__":
    main()
