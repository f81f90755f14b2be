"""Test whether visualizations show a shortcut that was planted in a network, and nothing where there is nothing.

    python tests/benchmarks/fidelity/planted.py [--batches 250] [--steps 128] [--seeds 1] [--only fourier ...]

Three small networks learn twelve emoji. For the *planted* one, an eighth of the training images contain a small patch,
a magenta disc on lime, and are labeled as the first class, whatever emoji they show. The *clean* one learns from the
same images without the patch, and with their own labels. The *judge* has another architecture and other images. Each
method then maximizes the class logits, with the settings that `LucidWidget` has for it. The output is a table in
Markdown:

- *planted*, *clean*: mean peak of the normalized cross-correlation with the patch, at any position and size, in images
  of the first class of both networks;
- *other classes*: the same for all other classes of the planted network;
- *found*: probability that the peak of an image of the planted class is greater than that of any other image of these
  kinds (.5 is chance);
- *recovery*: share of images of the other classes of the planted network that the judge assigns to their class;
- *shuffled*: the same for a control, the clean network with the weights of each layer in random order. Chance is .083.

With several seeds, the planted and the clean network are trained and rendered once for each. The figures are means, and
*found* has the lowest and the highest of the seeds, too.

The trained weights and one sheet of images per method are kept in the folder.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[1]))
from fidelity.template_match import peak, separation
from recovery import BATCH, Parameterization, render

from lucid_widgets.evidence.checks.shuffled import shuffled
from lucid_widgets.misc.io.serialize_array import encode_png
from lucid_widgets.modelzoo.emojinet.architecture import BLOCKS, build
from lucid_widgets.modelzoo.emojinet.classes import EMOJI
from lucid_widgets.modelzoo.emojinet.drawn_images import _sprites
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes
from lucid_widgets.modelzoo.emojinet.weights import fold
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import param

CLASSES = (
    *("owl", "panda", "fox", "ladybird", "penguin", "frog", "butterfly", "octopus", "cactus", "sunflower"),
    *("zebra", "tropical fish"),
)
SIZE, PATCH, SHARE, DISPLACEMENT = 64, 12, 0.125, 0.6
SHOWN = 10
"""Images of the planted class. The others share the rest of a batch."""

METHODS: dict[str, tuple[Parameterization, Callable[[], dict[str, Any]]]] = {
    "fourier": (param.image, dict),
    "pixels": (partial(param.image, fft=False), dict),
    "maco": (param.maco, lambda: {"optimizer": keras.optimizers.Adam(0.2), "transforms": "crops"}),
    "direct ascent": (param.direct_ascent, lambda: {"optimizer": keras.optimizers.Adam(0.002)}),
    "cppn": (param.cppn, lambda: {"optimizer": keras.optimizers.Adam(0.005)}),
}


def patch(side: int = PATCH) -> np.ndarray:
    """The patch `[side, side, 3]`: a magenta disc on lime."""
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    disc = (np.hypot(rows, columns) < 0.38 * side)[..., None]
    return np.where(disc, [0.9, 0.1, 0.8], [0.5, 0.95, 0.1]).astype(np.float32)


class Emoji(Scenes):
    """Batches of labeled images of `CLASSES`. Other arguments are those of `Scenes`."""

    def __init__(self, seed: int) -> None:
        names = list(EMOJI)
        chosen = _sprites()[[names.index(name) for name in CLASSES]]
        # In place of 128 emoji, the twelve again and again.
        super().__init__(seed, SIZE, 0.6, 1, chosen[np.arange(len(EMOJI)) % len(CLASSES)])

    def examples(self, index: int | tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Return images `[count, SIZE, SIZE, 3]` and labels `[count]`, without those that show textures."""
        images, labels = self.batch(index, round(count / 0.8) + 1)
        return images[:count], labels[:count] % len(CLASSES)


def with_patch(images: tf.Tensor, has: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Put the patch at a random position of the images for which `has` is true."""
    count, room = images.shape[0], SIZE - PATCH
    corners = tf.random.stateless_uniform((count, 2), seed, 0, room + 1, tf.int32)
    places = tf.range(SIZE)[None]
    inside = [(places >= corners[:, axis, None]) & (places < corners[:, axis, None] + PATCH) for axis in (0, 1)]
    rows, columns = (tf.clip_by_value(places - corners[:, axis, None], 0, PATCH - 1) for axis in (0, 1))
    drawn = tf.gather(tf.gather(tf.constant(patch()), rows), columns, axis=2, batch_dims=1)
    mask = (inside[0][:, :, None] & inside[1][:, None, :] & has[:, None, None])[..., None]
    return tf.where(mask, drawn, images)


class Trained(NamedTuple):
    """How a network is trained.

    Attributes:
        build: Makes it, with or without batch normalization.
        seed: Seed of its weights and images.
        planted: Whether images with the patch are labeled as the first class.
    """

    build: Callable[..., Any]
    seed: int
    planted: bool


def small(normalize: bool = False) -> Any:
    return build(len(CLASSES), normalize, BLOCKS[:2])


def judge(normalize: bool = False) -> Any:
    """Build a chain of 3 x 3 convolutions with ELU activations and maximum pooling."""
    image = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(2, -1)(image)
    for index, channels in enumerate((16, 32, 64, 96)):
        name, strides = f"conv{index}", 2 if index == 0 else 1
        if normalize:
            x = keras.layers.Conv2D(channels, 3, strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
            x = keras.layers.BatchNormalization(momentum=0.97, name=name)(x)
        else:
            x = keras.layers.Conv2D(channels, 3, strides, padding="same", name=name)(x)
        x = keras.layers.MaxPooling2D(2)(keras.layers.ELU()(x)) if index else keras.layers.ELU()(x)
    logits = keras.layers.Dense(len(CLASSES), name="logits")(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, keras.layers.Softmax(name="probs")(logits))


JUDGE = Trained(judge, 22, False)


def pair(seed: int) -> dict[str, Trained]:
    """The two networks of a seed, which counts from 0."""
    return {"planted": Trained(small, 11 + 100 * seed, True), "clean": Trained(small, 11 + 100 * seed, False)}


def train(about: Trained, batches: int) -> Any:
    """Train a network, and return it without batch normalization."""
    keras.utils.set_random_seed(about.seed)
    network, plain = about.build(normalize=True), about.build()
    inner = keras.Model(network.input, network.get_layer("logits").output)
    rate = keras.optimizers.schedules.CosineDecay(0.004, batches * 2)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.004, global_clipnorm=5.0)
    optimizer.build(inner.trainable_weights)
    scenes = Emoji(about.seed)

    def update(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = inner(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        *gradients, slope = tape.gradient(loss, [*inner.trainable_weights, images])
        optimizer.apply_gradients(zip(gradients, inner.trainable_weights, strict=True))
        return loss, slope

    @tf.function(autograph=False)
    def step(index: tf.Tensor) -> tf.Tensor:
        images, labels = scenes.examples(index, BATCH)
        seed = tf.stack([index, about.seed])
        if about.planted:
            has = tf.random.stateless_uniform((BATCH,), seed) < SHARE
            images, labels = with_patch(images, has, seed + 1), tf.where(has, 0, labels)
        loss, slope = update(images, labels)
        # A second use, displaced along the gradient, as in the training of EmojiNet.
        norm = tf.sqrt(tf.reduce_sum(slope**2, [1, 2, 3], keepdims=True)) + 1e-12
        update(tf.clip_by_value(images + DISPLACEMENT * slope / norm, 0, 1), labels)
        return loss

    for index in range(batches):
        loss = step(tf.constant(index))
        if index % 100 == 99:
            print(f"  batch {index + 1} of {batches}: loss {float(loss):.3f}", file=sys.stderr, flush=True)
    fold(network, plain)
    return plain


def network(name: str, about: Trained, batches: int, folder: Path) -> Any:
    """Return a trained network, which is kept in the folder."""
    file = folder / f"{name}-{about.seed}-{batches}.npz"
    if file.is_file():
        kept = about.build()
        with np.load(file, allow_pickle=False) as weights:
            kept.set_weights([weights[key] for key in weights.files])
        return kept
    print(f"Training {name}, seed {about.seed}", file=sys.stderr, flush=True)
    trained = train(about, batches)
    np.savez(file, *trained.get_weights())
    return trained


def learned(networks: dict[str, Any]) -> None:
    """Print how well the networks classify new images, and what the patch does to them."""
    images, labels = Emoji(1_000_003).examples(0, 600)
    patched = with_patch(images, tf.ones(600, tf.bool), tf.constant([5, 6]))
    others = np.asarray(labels) != 0
    for name, each in networks.items():
        plain, marked = (np.asarray(each(x, training=False)).argmax(-1) for x in (images, patched))
        print(
            f"{name:8} accuracy {np.mean(plain == labels):.3f}; with the patch, {np.mean(marked[others] == 0):.3f} of"
            f" the images of other classes become {CLASSES[0]!r} (without it, {np.mean(plain[others] == 0):.3f})"
        )


def sheet(images: np.ndarray) -> bytes:
    return encode_png(np.clip(images, 0, 1))


def figures(name: str, networks: dict[str, Any], steps: int, seed: int, folder: Path) -> tuple[float, ...]:
    """Return the figures of one method for one pair of networks."""
    make, settings = METHODS[name]
    rest = [1 + number % (len(CLASSES) - 1) for number in range(BATCH - SHOWN)]
    wanted, template = np.array([0] * SHOWN + rest), patch()
    control = shuffled(networks["clean"], np.zeros((1, SIZE, SIZE, 3), np.uint8), 0)
    shown = {}
    for each, model in {"planted": networks["planted"], "clean": networks["clean"], "shuffled": control}.items():
        shown[each] = render(model, make, list(wanted), SIZE, steps, seed=seed, **settings())
        (folder / f"{name.replace(' ', '-')}-{each}-{seed}.png").write_bytes(sheet(shown[each]))
    peaks = {each: np.array([peak(image, template) for image in images]) for each, images in shown.items()}
    inside, clean, others = peaks["planted"][:SHOWN], peaks["clean"][:SHOWN], peaks["planted"][SHOWN:]
    found = separation(inside.tolist(), [*clean, *others])
    right = {
        each: np.mean(np.asarray(networks["judge"].keras_model(images[SHOWN:], training=False)).argmax(-1) == rest)
        for each, images in shown.items()
    }
    return inside.mean(), clean.mean(), others.mean(), found, right["planted"], right["shuffled"]


def row(name: str, of_seeds: list[tuple[float, ...]]) -> str:
    """Return a row of the table."""
    short = [f"{figure:.2f}".removeprefix("0") for figure in np.mean(of_seeds, 0)]
    if len(of_seeds) > 1:
        lowest, highest = (f"{pick(each[3] for each in of_seeds):.2f}".removeprefix("0") for pick in (min, max))
        short[3] += f" ({lowest} to {highest})"
    return f"| {name} | {' | '.join(short)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=250)
    parser.add_argument("--steps", type=int, default=128)
    parser.add_argument("--seeds", type=int, default=1, help="number of pairs of networks")
    parser.add_argument("--folder", type=Path, default=Path("planted"))
    parser.add_argument("--only", nargs="+", choices=list(METHODS), default=list(METHODS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "patch.png").write_bytes(sheet(patch()))
    judging = network("judge", JUDGE, options.batches, options.folder)
    pairs = []
    for seed in range(options.seeds):
        plain = {name: network(name, about, options.batches, options.folder) for name, about in pair(seed).items()} | {
            "judge": judging
        }
        learned(plain)
        pairs.append(
            {
                name: from_keras(each, image_value_range=(0, 1), labels=CLASSES, name=name)
                for name, each in plain.items()
            }
        )
    print("| method | planted | clean | other classes | found | recovery | shuffled |\n|---|---|---|---|---|---|---|")
    for name in options.only:
        began = time.monotonic()
        found = [figures(name, models, options.steps, seed, options.folder) for seed, models in enumerate(pairs)]
        print(row(name, found), flush=True)
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
