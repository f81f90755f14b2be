"""The training loop: any Keras classifier on `Scenes`, resumable at every checkpoint to the same weights.

Each batch is used twice: as it is, and moved along the gradient that the first use gave, away from its label. It
costs one batch of two, and is why the pictures look like something: a network that small shifts cannot fool has
gradients that a person can read (Tsipras et al. 2019, "Robustness May Be at Odds with Accuracy"; the second use of a
gradient at hand is from Shafahi et al. 2019, "Adversarial Training for Free!").
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes

__all__ = ["HELD_OUT", "Recipe", "Run", "Scores", "Stage", "fit", "score"]

HELD_OUT = 1_000_003
"""Added to a recipe's seed to make the images nobody trained on."""


class Stage(NamedTuple):
    """A part of a training.

    Attributes:
        size: The side of the images, in pixels.
        batches: How many.
        smallest: How small an emoji may be, in sides of the image.
        displacement: How far at most a batch is moved for its second use: the L2 norm at 64 pixels of values in
            [0, 1]; in proportion to the side at other sizes. With 0 there is no second use.
        variants: Of each texture. With few of them the network learns those by heart.
    """

    size: int
    batches: int
    smallest: float
    displacement: float
    variants: int


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a network is trained. Everything that its weights depend on, beside the code.

    Attributes:
        seed: Of the initial weights and of all images.
        stages: One after the other. First small images, which are cheap; then large subjects in larger ones, so that
            features grow to the size of what is rendered, and harder displacement, so that they become clean.
        batch: Images in a batch.
        learning_rate: AdamW's, at its highest; it rises over the first `warm_up` batches and falls as a cosine to 0.
        warm_up: Batches.
        weight_decay: AdamW's, for kernels only.
        smoothing: Of the labels.
    """

    seed: int = 0
    stages: tuple[Stage, ...] = (
        Stage(64, 1200, 0.45, 2.0, 16),
        Stage(80, 400, 0.6, 3.0, 16),
        Stage(80, 300, 0.6, 3.0, 96),
        Stage(96, 400, 0.6, 3.0, 96),
    )
    batch: int = 64
    learning_rate: float = 3e-3
    warm_up: int = 60
    weight_decay: float = 0.05
    smoothing: float = 0.1

    @property
    def batches(self) -> int:
        return sum(stage.batches for stage in self.stages)


@dataclasses.dataclass(frozen=True)
class Run:
    """What came of a training.

    Attributes:
        losses: The loss of every batch trained on in this call.
        seconds: How long all batches took, those before an interruption included.
    """

    losses: list[float]
    seconds: float


class _Trainer(tf.Module):
    """One network, its optimizer, and how far they are."""

    def __init__(self, model: Any, recipe: Recipe) -> None:
        super().__init__()
        self.model = keras.Model(model.input, model.get_layer("logits").output)
        self.recipe = recipe
        self.done = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.optimizer = keras.optimizers.AdamW(
            recipe.learning_rate, weight_decay=recipe.weight_decay, global_clipnorm=5.0
        )
        self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.optimizer.build(self.model.trainable_weights)

    def compiled(self, scenes: Scenes, displacement: float) -> Callable[[], tuple[tf.Tensor, tf.Tensor]]:
        """A function that trains on the next batch and returns the loss and the accuracy on it as it was drawn."""
        recipe = self.recipe
        farthest = displacement * scenes.size / 64

        @tf.function(autograph=False)
        def train() -> tuple[tf.Tensor, tf.Tensor]:
            images, labels = scenes.batch(tf.cast(self.done, tf.int32), recipe.batch)
            self.optimizer.learning_rate.assign(self._rate())
            loss, logits, slope = self._update(images, labels)
            if farthest:
                seed = tf.stack([tf.cast(self.done, tf.int32), recipe.seed + 1])
                length = tf.random.stateless_uniform((recipe.batch, 1, 1, 1), seed, 0, farthest)
                norm = tf.sqrt(tf.reduce_sum(slope**2, [1, 2, 3], keepdims=True)) + 1e-12
                self._update(tf.clip_by_value(images + length * slope / norm, 0, 1), labels)
            self.done.assign_add(1)
            return loss, tf.reduce_mean(tf.cast(tf.argmax(logits, -1, tf.int32) == labels, tf.float32))

        return train

    def _update(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        smoothing, classes = self.recipe.smoothing, len(LABELS)
        target = tf.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = self.model(images, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(target, logits))
        weights = self.model.trainable_weights
        *gradients, slope = tape.gradient(loss, [*weights, images])
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss, logits, slope

    def _rate(self) -> tf.Tensor:
        done, recipe = tf.cast(self.done, tf.float32), self.recipe
        rising = tf.minimum(1.0, (done + 1) / recipe.warm_up)
        return recipe.learning_rate * rising * 0.5 * (1 + tf.cos(math.pi * done / recipe.batches))


def fit(
    model: Any,
    recipe: Recipe,
    folder: str | os.PathLike[str],
    report: Callable[[str], None] = print,
    sprites: np.ndarray | None = None,
    every: int = 50,
) -> Run:
    """Trains a network, from the newest checkpoint in the folder if there is one.

    Args:
        model: A Keras model with a layer `logits` over `classes.LABELS`; it is trained in place.
        recipe: How.
        folder: Where checkpoints are kept, for this model and recipe alone.
        report: Given a line of progress now and then.
        sprites: As for `Scenes`.
        every: Batches between lines. A checkpoint is written at every fourth of them, and at the end.

    Returns:
        What came of it.
    """
    trainer = _Trainer(model, recipe)
    checkpoint = tf.train.Checkpoint(
        model=trainer.model, optimizer=_Saved(trainer.optimizer.variables), done=trainer.done
    )
    manager = tf.train.CheckpointManager(checkpoint, str(Path(folder)), max_to_keep=2)
    if manager.latest_checkpoint:
        checkpoint.restore(manager.latest_checkpoint).assert_existing_objects_matched()
        report(f"Going on after {int(trainer.done)} of {recipe.batches} batches.")
    clock = _Clock(Path(folder) / "seconds.json")
    losses: list[float] = []
    hits: list[float] = []
    end = 0
    for stage in recipe.stages:
        end += stage.batches
        if int(trainer.done) >= end:
            continue
        scenes = Scenes(recipe.seed, stage.size, stage.smallest, stage.variants, sprites)
        train = trainer.compiled(scenes, stage.displacement)
        started, first = time.monotonic(), int(trainer.done)
        while (done := int(trainer.done)) < end:
            loss, hit = train()
            losses.append(float(loss))
            hits.append(float(hit))
            done += 1
            if done % every == 0 or done == end:
                pace = (time.monotonic() - started) / (done - first)
                report(
                    f"{done:5d}/{recipe.batches}  {stage.size} px  loss {np.mean(losses[-every:]):.3f}  "
                    f"accuracy {np.mean(hits[-every:]):.3f}  {pace:.2f} s a batch"
                )
            if done % (4 * every) == 0 or done == end:
                manager.save(done)
                clock.save()
    return Run(losses, clock.seconds)


class _Clock:
    """The seconds spent so far, kept beside the checkpoints."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds = float(json.loads(path.read_text("utf-8"))) if path.exists() else 0.0
        self._last = time.monotonic()

    def save(self) -> None:
        now = time.monotonic()
        self.seconds, self._last = self.seconds + now - self._last, now
        self._path.write_text(json.dumps(round(self.seconds, 1)), "utf-8")


class _Saved(tf.Module):
    """Keras variables where TensorFlow's checkpoints find them."""

    def __init__(self, variables: list[Any]) -> None:
        super().__init__()
        self.values = [variable.value for variable in variables]


@dataclasses.dataclass(frozen=True)
class Scores:
    """How a network does on images nobody trained on.

    Attributes:
        top1: The part it names rightly.
        top5: The part whose label is among its first five.
        confusions: int `[classes, classes]`: counts, true class by named class.
    """

    top1: float
    top5: float
    confusions: np.ndarray


def score(model: Any, seed: int, size: int = 96, images: int = 3200, sprites: np.ndarray | None = None) -> Scores:
    """Tries a network on freshly made images.

    Args:
        model: A Keras model with a layer `logits`.
        seed: Of the images; `HELD_OUT` more than the recipe's for those nobody trained on.
        size: Their side, in pixels.
        images: How many; rounded up to whole batches of 160.
        sprites: As for `Scenes`.

    Returns:
        The scores.
    """
    scenes = Scenes(seed, size, sprites=sprites)
    logits_of = keras.Model(model.input, model.get_layer("logits").output)

    @tf.function(autograph=False)
    def answer(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures, labels = scenes.batch(step, 160)
        return labels, tf.math.top_k(logits_of(pictures, training=False), 5).indices

    answers = [answer(tf.constant(step)) for step in range(-(-images // 160))]
    labels, named = (np.concatenate(part) for part in zip(*answers, strict=True))
    confusions = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusions, (labels, named[:, 0]), 1)
    right = named == labels[:, None]
    return Scores(float(right[:, 0].mean()), float(right.any(1).mean()), confusions)
