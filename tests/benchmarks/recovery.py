"""Test how well visualizations show their classes: two other networks classify an image of every class of EmojiNet.

    python tests/benchmarks/recovery.py [--size 96] [--steps 256] [--out recovery] [--classes 160] [--only default ...]

The benchmark maximizes the logit of every class, and the oracles in `tests/data` classify the images. The first variant
has the library's defaults; others differ in parameterization, transforms, optimizer or objective. "Like a real image"
also needs a drawn image of each class: it subtracts `distribution_diff`; "like real images" does so with ten. There are
three controls: EmojiNet with the weights of each layer in random order, and its architecture with random weights,
which should both fail, and pixels without transforms, decorrelation or Fourier coefficients, which shows the effect of
those. The output is the top-1 and top-5 accuracy, the classes that were missed, and one contact sheet per variant. The
frame around an image is green if both oracles recognize the class, yellow if one does or both have it among their top
five, and red for all others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parent))
from oracles import load_oracles, ranks

from lucid_widgets.evidence.checks.shuffled import shuffled
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.drawn_images import emoji_images
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import objectives, param, transform
from lucid_widgets.optvis.engine.optimizers import Adam
from lucid_widgets.optvis.objectives.arguments import array
from lucid_widgets.optvis.render import iter_vis

BATCH = 32
COLUMNS = 16


def random_network() -> Any:
    keras.utils.set_random_seed(0)
    return from_keras(build(len(LABELS)), image_value_range=(0, 1), labels=LABELS, name="random weights")


def shuffled_network() -> Any:
    return shuffled(EmojiNet(), np.zeros((1, 64, 64, 3), np.uint8), 0)


Parameterization = Callable[..., Any]
WIDE = [transform.random_affine(12, 0.3, 15), transform.random_color(0.2, 0.3)]
MATCHED = ("input", "conv2d1", "mixed3b", "mixed4c", "mixed5b")


class Variant(NamedTuple):
    """What a variant does differently from the library's defaults.

    Attributes:
        network: Makes the network.
        image: Makes the parameterization.
        settings: Takes the number of steps, because some learning rates fall during the run. Returns other arguments of
            `iter_vis`.
        objective: Takes the classes of a batch and the size, and returns the objective. Default: the logits.
    """

    network: Callable[[], Any]
    image: Parameterization
    settings: Callable[[int], dict[str, Any]]
    objective: Callable[[list[int], int], Any] = lambda classes, size: logits(classes)


def logits(classes: list[int]) -> Any:
    """Return the sum of the logits of a class for each image."""
    return objectives.Objective.sum(
        objectives.channel("logits", index, batch=image) for image, index in enumerate(classes)
    )


class Drawn(NamedTuple):
    """Drawn images which neither EmojiNet nor the judges were trained on: about ten of each class.

    Attributes:
        rows: The images of each class, those first that EmojiNet recognizes best.
        sorted: The sorted activations of all images: `[images, positions, channels]` for each layer.
    """

    rows: list[np.ndarray]
    sorted: dict[str, np.ndarray]


@lru_cache(maxsize=1)
def drawn(size: int) -> Drawn:
    """Draw images of all classes, and look at them with EmojiNet."""
    images = emoji_images(10 * len(LABELS), size)
    assert images.labels is not None
    shown = np.stack([images.image(number) for number in range(len(images))]).astype(np.float32) / 255
    network = EmojiNet().keras_model
    outputs = {layer: network.get_layer(layer).output for layer in (*MATCHED, "logits") if layer != "input"}
    found = keras.Model(network.input, outputs).predict(shown, batch_size=64, verbose=0) | {"input": shown}
    chances = np.asarray(tf.nn.log_softmax(found.pop("logits")))
    of_class = [np.flatnonzero(np.array(images.labels) == label) for label in LABELS]
    rows = [places[np.argsort(-chances[places, index])] for index, places in enumerate(of_class)]
    flat = {layer: acts.reshape(len(shown), -1, acts.shape[-1]) for layer, acts in found.items()}
    return Drawn(rows, {layer: np.sort(acts, axis=1) for layer, acts in flat.items()})


@objectives.wrap_objective(require_format="NHWC", numbers={"values": array}, layer="layer")
def distances(layer: str, values: Any) -> Any:
    """Return the sum of `objectives.distribution_diff` over images that are compared with different real ones.

    Args:
        layer: Name of a layer.
        values: Sorted activations of the real images, `[batch, positions, channels]`.
    """

    def inner(T: Any) -> Any:
        acts = T(layer)
        ours = tf.sort(tf.transpose(tf.reshape(acts, [acts.shape[0], -1, acts.shape[-1]]), [0, 2, 1]))
        theirs = tf.transpose(values, [0, 2, 1])
        return tf.reduce_sum(tf.reduce_mean((ours - theirs) ** 2, [1, 2]) / tf.reduce_mean(theirs**2, [1, 2]))

    return inner


def like_real(classes: list[int], size: int, *, count: int, match: float, score: float = 1.0) -> Any:
    """Return the logits, and how similar the activations are to those of drawn images of the classes.

    Args:
        classes: The class of each image.
        size: Width and height in pixels.
        count: Number of drawn images of a class. As in `distribution_diff`, their sorted activations are averaged.
        match: Weight of the similarity.
        score: Weight of the logits.
    """
    real = drawn(size)
    values = {
        layer: np.stack([acts[real.rows[index][:count]].mean(0) for index in classes])
        for layer, acts in real.sorted.items()
    }
    matched = -match * objectives.Objective.sum(distances(layer, each) for layer, each in values.items())
    return score * logits(classes) + matched if score else matched


def smooth(size: int, batch: int) -> Any:
    """Like `param.image`, but fine patterns grow more slowly."""
    return param.to_valid_rgb(param.fft_image((batch, size, size, 3), decay_power=1.5), decorrelate=True)


def falling(steps: int) -> dict[str, Any]:
    return {"optimizer": Adam(0.05, decay_steps=steps)}


VARIANTS: dict[str, Variant] = {
    "default": Variant(EmojiNet, param.image, lambda _: {}),
    "falling rate": Variant(EmojiNet, param.image, falling),
    "wide": Variant(EmojiNet, param.image, lambda _: {"transforms": WIDE[:1]}),
    "tokens": Variant(EmojiNet, param.image, lambda steps: {**falling(steps), "transforms": "tokens"}),
    "direct ascent": Variant(
        EmojiNet, param.direct_ascent, lambda _: {"optimizer": keras.optimizers.Adam(0.002), "transforms": WIDE}
    ),
    "maco": Variant(EmojiNet, param.maco, lambda _: {"optimizer": keras.optimizers.Nadam(0.2), "transforms": WIDE[:1]}),
    "smooth": Variant(EmojiNet, smooth, falling),
    "like a real image": Variant(EmojiNet, smooth, falling, partial(like_real, count=1, match=30)),
    "like real images": Variant(EmojiNet, param.image, falling, partial(like_real, count=10, match=10)),
    "like real images only": Variant(EmojiNet, param.image, falling, partial(like_real, count=10, match=10, score=0)),
    "shuffled weights": Variant(shuffled_network, param.image, lambda _: {}),
    "random weights": Variant(random_network, param.image, lambda _: {}),
    "bare pixels": Variant(EmojiNet, partial(param.image, fft=False, decorrelate=False), lambda _: {"transforms": []}),
}


def render(
    model: Any,
    make_image: Parameterization,
    classes: list[int],
    size: int,
    steps: int,
    *,
    batch: int = BATCH,
    objective_of: Callable[[list[int], int], Any] = lambda classes, size: logits(classes),
    **settings: Any,
) -> Any:
    """Return one image for each class: `[len(classes), size, size, 3]`. `objective_of` is as in `Variant`."""
    parts = []
    for start in range(0, len(classes), batch):
        chunk = classes[start : start + batch]
        padded = chunk + chunk[:1] * (batch - len(chunk))  # equal batches share one compiled program
        objective = objective_of(padded, size)
        last = None
        for frame in iter_vis(model, objective, partial(make_image, size, batch=batch), steps=steps, **settings):
            last = frame
        assert last is not None
        parts.append(np.asarray(last.images)[: len(chunk)])
        print(f"  {start + len(chunk)} of {len(classes)}", file=sys.stderr, flush=True)
    return np.concatenate(parts)


def contact_sheet(images: np.ndarray, labels: list[int], found: np.ndarray) -> PIL.Image.Image:
    """Return a sheet of all images with their class names; `found` is the result of `ranks`."""
    size, line, frame = images.shape[1], 16, 3
    cell = (size + 2 * frame + 4, size + 2 * frame + 4 + line)
    rows = -(-len(images) // COLUMNS)
    sheet = PIL.Image.new("RGB", (COLUMNS * cell[0], rows * cell[1]), "white")
    pen, font = PIL.ImageDraw.Draw(sheet), PIL.ImageFont.load_default(12)
    pixels = np.round(255 * np.clip(images, 0, 1)).astype(np.uint8)
    for index, image in enumerate(pixels):
        x, y = (index % COLUMNS) * cell[0] + 2, (index // COLUMNS) * cell[1] + 2
        seen = found[:, index]
        color = "#2e7d32" if (seen == 0).all() else "#f9a825" if (seen == 0).any() or (seen < 5).all() else "#c62828"
        pen.rectangle([x, y, x + size + 2 * frame - 1, y + size + 2 * frame - 1], fill=color)
        sheet.paste(PIL.Image.fromarray(image), (x + frame, y + frame))
        pen.text((x + frame, y + size + 2 * frame), LABELS[labels[index]], "black", font)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--classes", type=int, default=len(LABELS), help="number of classes, evenly spaced")
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=Path("recovery"), help="folder for the contact sheets")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    classes = [int(index) for index in np.linspace(0, len(LABELS) - 1, options.classes).round()]
    judges = load_oracles()
    print(f"{len(classes)} classes, {options.size} px, {options.steps} steps; chance is {1 / len(LABELS):.3f} top-1")
    for name in options.only:
        each = VARIANTS[name]
        started = time.monotonic()
        images = render(
            each.network(),
            each.image,
            classes,
            options.size,
            options.steps,
            objective_of=each.objective,
            **each.settings(options.steps),
        )
        found = ranks(judges, images, np.array(classes))
        file = options.out / f"{name.replace(' ', '-')}.png"
        contact_sheet(images, classes, found).save(file)
        scores = "  ".join(f"{judge.name} {(seen == 0).mean():.3f}" for judge, seen in zip(judges, found, strict=True))
        print(
            f"{name:15}  top-1 {(found == 0).mean():.3f}  top-5 {(found < 5).mean():.3f}  ({scores})  "
            f"{(time.monotonic() - started) / 60:.1f} min  {file}"
        )
        missed = [
            f"{LABELS[index]} {tuple(int(rank) for rank in found[:, k])}"
            for k, index in enumerate(classes)
            if found[:, k].any()
        ]
        if name == "default":
            print(f"  not the top class of both oracles (ranks): {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
