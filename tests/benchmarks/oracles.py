"""Two independent classifiers, trained on the same kind of images as EmojiNet with other architectures and seeds.

    python tests/benchmarks/oracles.py [--folder oracle-training]

This command trains both (about half an hour on two cores, resumable) and writes `tests/data/oracle_<name>.npz`. The
classifiers judge which class an image shows, so they should not share EmojiNet's mistakes. They have no Inception
blocks, use maximum pooling and other activations, and train on each batch only once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.evaluation import score
from lucid_widgets.modelzoo.emojinet.training.loop import fit
from lucid_widgets.modelzoo.emojinet.training.recipe import HELD_OUT, Stage, TrainingRecipe
from lucid_widgets.modelzoo.emojinet.weights import fold, read_weights, write_weights

DATA = Path(__file__).parents[1] / "data"
SIZE = 64


def build_residual(normalize: bool = False) -> Any:
    """Build a network of residual blocks, each with two 3 x 3 convolutions."""
    layers = _Layers(normalize)
    x = keras.layers.ReLU()(layers.convolve(layers.scaled, 24, 5, "stem", strides=2))
    x = keras.layers.MaxPooling2D(3, 2, "same")(x)
    for index, (channels, strides) in enumerate([(48, 1), (96, 2), (144, 2)]):
        name = f"block{index}"
        inner = keras.layers.ReLU()(layers.convolve(x, channels, 3, f"{name}_first", strides))
        inner = layers.convolve(inner, channels, 3, f"{name}_second")
        x = keras.layers.ReLU()(keras.layers.Add()([inner, layers.convolve(x, channels, 1, f"{name}_skip", strides)]))
    return layers.classifier(x, "residual")


def build_plain(normalize: bool = False) -> Any:
    """Build a chain of 3 x 3 convolutions with ELU activations."""
    layers = _Layers(normalize)
    x = keras.layers.ELU()(layers.convolve(layers.scaled, 20, 3, "conv0", strides=2))
    for index, channels in enumerate([40, 80, 128, 176]):
        x = keras.layers.ELU()(layers.convolve(x, channels, 3, f"conv{index + 1}"))
        x = keras.layers.MaxPooling2D(2)(x) if index < 3 else x
    return layers.classifier(x, "plain")


# Builder, seed and number of training batches of each.
ORACLES: dict[str, tuple[Callable[..., Any], int, int]] = {
    "residual": (build_residual, 101, 2000),
    "plain": (build_plain, 202, 1500),
}


class _Layers:
    """Layers of both networks, with the names that `fold` expects."""

    def __init__(self, normalize: bool) -> None:
        self._normalize = normalize
        self.image = keras.Input((None, None, 3))
        self.scaled = keras.layers.Rescaling(2, -1)(self.image)

    def convolve(self, x: Any, channels: int, size: int, name: str, strides: int = 1) -> Any:
        if not self._normalize:
            return keras.layers.Conv2D(channels, size, strides, padding="same", name=name)(x)
        bare = keras.layers.Conv2D(channels, size, strides, padding="same", use_bias=False, name=f"{name}_conv")
        return keras.layers.BatchNormalization(momentum=0.97, name=name)(bare(x))

    def classifier(self, x: Any, name: str) -> Any:
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(self.image, keras.layers.Dense(len(LABELS), name="logits")(x), name=name)


def load_oracles() -> list[Any]:
    """Return both classifiers, with the weights in `tests/data`."""
    judges = []
    for name, (build, _, _) in ORACLES.items():
        judge = build()
        read_weights(judge, DATA / f"oracle_{name}.npz")
        judges.append(judge)
    return judges


@cache
def emojinet_logits() -> Any:
    """Return EmojiNet from images to logits, like the two classifiers."""
    network = EmojiNet().keras_model
    return keras.Model(network.input, network.get_layer("logits").output)


def ranks(judges: list[Any], images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the number of classes that each classifier scores higher than the label.

    Args:
        judges: The classifiers, from `load_oracles`.
        images: floats `[n, height, width, 3]` in [0, 1]; averaged down to the classifiers' size.
        labels: `[n]`.

    Returns:
        int `[judges, n]`: 0 where the label has the highest score.
    """
    small = tf.image.resize(images, (SIZE, SIZE), "area")
    answers = []
    for judge in judges:
        logits = np.asarray(judge(small, training=False))
        answers.append((logits > logits[np.arange(len(labels)), labels][:, None]).sum(1))
    return np.stack(answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("oracle-training"))
    options = parser.parse_args()
    for name, (build, seed, batches) in ORACLES.items():
        recipe = TrainingRecipe(seed=seed, stages=(Stage(SIZE, batches, 0.45, 0.0, 96),), smoothing=0.05)
        keras.utils.set_random_seed(seed)
        trained = build(normalize=True)
        run = fit(trained, recipe, options.folder / name)
        judge, file = build(), DATA / f"oracle_{name}.npz"
        fold(trained, judge)
        write_weights(judge, file)
        read_weights(judge, file)
        scores = score(judge, seed + HELD_OUT, SIZE, images=8000)
        print(
            f"{name}: {judge.count_params():,} parameters, {file.stat().st_size / 1e6:.2f} MB, "
            f"{run.seconds / 60:.0f} min, accuracy {scores.top1:.4f} top-1, {scores.top5:.4f} top-5"
        )


if __name__ == "__main__":
    main()
