"""What `check` says about units whose truth is known: honest ones, and four that deceive. Prints a table in Markdown.

    python tests/benchmarks/trust.py [--seeds 8] [--first 0] [--honest 3] [--only fooling dead ...]

All units belong to the embedded network, to layers put on top of it, or to its architecture:

- *fooling*: real images excite it by one channel, synthetic ones by another. A detector that was trained on both tells
  them apart (after Geirhos et al., "Don't trust your eyes", ICML 2024). Each seed has its own two channels, drawn at
  random from those that have none of their 25 strongest images in common.
- *silent*: a channel minus more than what any real image reaches.
- *dead*: a channel that nothing activates.
- *random*: a channel of the same architecture with random weights; each seed has its own weights.
- *honest*: classes of the embedded network, drawn at random; each seed has its own.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from typing import Any

import keras
import numpy as np

from lucid_widgets import ActivationIndex, models, param
from lucid_widgets.evidence.checks import check
from lucid_widgets.evidence.measuring import unit_values
from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS
from lucid_widgets.optvis.many import batch_frames
from lucid_widgets.optvis.objectives import channel

SIZE, STEPS, IMAGES = 64, 96, 800
BASE, DETECTOR = "mixed5b", "mixed4a"
LAYERS = ("mixed4a", "mixed4c", BASE)
COPIES = 64
"""Number of channels of `BASE` that the layer on top has besides the units that deceive."""

GATE = 1e3


def drawn_pairs(index: ActivationIndex, count: int, seed: int) -> list[tuple[int, int]]:
    """Pairs of channels of `BASE`: for real images, and for synthetic ones. No image is a top image of both."""
    alive = sorted(set(range(index.channels(BASE))) - set(index.dead(BASE)))
    order = [int(each) for each in np.random.default_rng(seed).permutation(alive)]
    tops = {each: {shown.image for shown in index[BASE, each].top} for each in order}
    found: list[tuple[int, int]] = []
    while len(found) < count:
        natural = order.pop(0)
        decoy = next(each for each in order if not tops[each] & tops[natural])
        order.remove(decoy)
        found.append((natural, decoy))
    return found


def synthetic(model: Any, channels: list[int], steps: int, runs: int) -> np.ndarray:
    """Images from the optimization of channels of `BASE`, at several steps."""
    found: list[np.ndarray] = []
    make: Any = partial(param.image, SIZE)
    for seed in range(1000, 1000 + runs):
        for first in range(0, len(channels), 8):
            objectives = [channel(BASE, each) for each in channels[first : first + 8]]
            frames = batch_frames(model, objectives, lambda batch: make(batch=batch), steps=steps, seed=seed)
            found += [frame.images.copy() for frame in frames if frame.step % 16 == 0]
    return np.concatenate(found)


def detector(model: Any, real: np.ndarray, made: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias on the mean activations of a layer: positive for synthetic images, negative for real ones."""
    get = keras.Model(model.keras_model.input, model.keras_model.get_layer(DETECTOR).output)
    rows = np.concatenate([np.asarray(get(each)).mean((1, 2)) for each in (real, made)])
    sides = np.concatenate([-np.ones(len(real)), np.ones(len(made))])
    columns = np.concatenate([rows, np.ones((len(rows), 1))], 1)
    inner = columns.T @ columns + 1e-3 * len(columns) * np.diag(columns.var(0) + 1e-6)
    weights = np.linalg.solve(inner, columns.T @ sides)
    print(f"detector: {np.mean(np.sign(columns @ weights) == sides):.4f} right")
    return weights[:-1].astype(np.float32), float(weights[-1])


def deceiving(model: Any, images: Any, pairs: list[tuple[int, int]], steps: int = STEPS, runs: int = 2) -> Any:
    """The embedded network with a layer `truth`: a fooling unit per pair, a silent and a dead unit, and copies.

    Its detector learns from all real images and from `runs` visualizations of each channel.
    """
    real = np.stack([images.image(index) for index in range(len(images))]) / np.float32(255)
    made = synthetic(model, [each for pair in pairs for each in pair], steps, runs)
    weights, bias = detector(model, real[:: max(1, len(real) // 400)], made)
    network, count = model.keras_model, len(pairs)
    base, early = network.get_layer(BASE).output, network.get_layer(DETECTOR).output
    highest = float(unit_values(model, [BASE], real)[BASE][:, pairs[0][0]].max())
    silent, dead, copies = 2 * count, 2 * count + 1, 2 * count + 2
    picked = copies + COPIES
    score, pick = keras.layers.Conv2D(1, 1, name="detector"), keras.layers.Conv2D(picked, 1, name="picked")
    gates = keras.layers.Conv2D(picked, 1, name="gates")
    joined = keras.layers.Conv2D(count + 2 + COPIES, 1, use_bias=False, name="truth")
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(early)
    steep = keras.layers.Activation("sigmoid")(keras.layers.Rescaling(40.0)(score(pooled)))
    gated = keras.layers.Add(name="gated")([pick(base), gates(steep)])
    result = keras.Model(network.input, joined(keras.layers.ReLU(name="rectified")(gated)), name="Deceiving")
    kernel, offset = np.zeros((base.shape[-1], picked), np.float32), np.zeros(picked, np.float32)
    sides, side_offset = np.zeros((1, picked), np.float32), np.zeros(picked, np.float32)
    mix = np.zeros((picked, count + 2 + COPIES), np.float32)
    for place, (natural, decoy) in enumerate(pairs):
        kernel[natural, 2 * place] = kernel[decoy, 2 * place + 1] = 1
        sides[0, 2 * place] = -GATE  # the natural channel is off on synthetic images
        sides[0, 2 * place + 1], side_offset[2 * place + 1] = GATE, -GATE  # the decoy is off on real images
        mix[2 * place : 2 * place + 2, place] = 1
    kernel[pairs[0][0], silent], offset[silent], offset[dead] = 1, -1.3 * highest, -1
    others = [each for each in range(base.shape[-1]) if each not in {one for pair in pairs for one in pair}]
    for place, each in enumerate(others[:COPIES]):
        kernel[each, copies + place] = 1
    for place in range(2 + COPIES):
        mix[silent + place, count + place] = 1
    score.set_weights([weights[None, None, :, None], np.array([bias], np.float32)])
    pick.set_weights([kernel[None, None], offset])
    gates.set_weights([sides[None, None], side_offset])
    joined.set_weights([mix[None, None]])
    return models.from_keras(result, image_value_range=(0, 1), name="Deceiving")


KINDS = ("fooling", "silent", "dead", "random", "honest")


def verdict(name: str, model: Any, unit: str, index: ActivationIndex, seed: int, steps: int = STEPS) -> str:
    """The verdict about a unit, printed with what each check says."""
    began = time.monotonic()
    report = check(model, unit, index, seeds=3, steps=steps, seed=seed, verbose=False)
    lines = " ".join(f"{line.name[0]}:{line.verdict[0]}" for line in report.lines)
    print(
        f"{name:20} {unit:14} seed {seed}  {report.verdict:18} {lines}  {report['Path'].figures['late']}"
        f"  {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return report.verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--honest", type=int, default=3, help="honest classes per seed")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="which units to check")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    images = models.emoji_images(IMAGES, SIZE)
    model = models.EmojiNet()
    table: dict[str, list[str]] = {}
    index = ActivationIndex.build(model, images, [*LAYERS, "logits"], path=False)
    if {"fooling", "silent", "dead"} & set(options.only):
        cheat = deceiving(model, images, drawn_pairs(index, len(seeds), options.first))
        truth = ActivationIndex.build(cheat, images, [*LAYERS, "truth"], path=False)
        for number, name in enumerate(("fooling circuit", "silent unit", "dead unit")):
            if name.split()[0] in options.only:
                # No real image activates the last two, which decides whatever their visualizations are.
                steps = 8 if number else STEPS
                units = [len(seeds) - 1 + number if number else place for place in range(len(seeds))]
                table[name] = [
                    verdict(name, cheat, f"truth:{unit}", truth, seed, steps)
                    for unit, seed in zip(units, seeds, strict=True)
                ]
    if "random" in options.only:
        table["random network"] = []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            noise = models.from_keras(build(len(LABELS)), image_value_range=(0, 1), name="Random")
            of_noise = ActivationIndex.build(noise, images, LAYERS, path=False)
            table["random network"].append(verdict("random network", noise, f"{BASE}:7", of_noise, seed))
    if "honest" in options.only:
        classes = np.random.default_rng(options.first + 1).permutation(len(EMOJI))[: len(seeds) * options.honest]
        table["honest class units"] = [
            verdict("honest", model, f"logits:{unit}", index, seeds[place // options.honest])
            for place, unit in enumerate(classes)
        ]
    print("\n| units | checked | consistent | mixed | do not rely on it |\n|---|---|---|---|---|")
    for name, found in table.items():
        counts = [found.count(word) for word in ("consistent", "mixed", "do not rely on it")]
        print(f"| {name} | {len(found)} | {counts[0]} | {counts[1]} | {counts[2]} |")


if __name__ == "__main__":
    main()
