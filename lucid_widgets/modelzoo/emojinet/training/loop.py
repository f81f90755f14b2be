"""`fit`, which trains a Keras classifier on `Scenes`, and resumes from any checkpoint to the same weights.

Each batch is used twice: unchanged, and displaced along the gradient of the first use, which increases the loss. The
second use takes half of the computation, and makes visualizations of the network recognizable: a network that is robust
to small changes of its input has gradients that people can interpret (Tsipras et al. 2019, "Robustness May Be at Odds
with Accuracy"). The gradient is available from the first use, as in Shafahi et al. 2019, "Adversarial Training for
Free!".
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.recipe import TrainingRecipe
from lucid_widgets.modelzoo.emojinet.training.scenes import Scenes

__all__ = ["TrainingResult", "fit"]


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """Result of `fit`.

    Attributes:
        losses: Loss of every batch of this call.
        seconds: Seconds that all batches took, including those before an interruption.
    """

    losses: list[float]
    seconds: float


class _Trainer(tf.Module):
    """A network, its optimizer, and the number of batches done."""

    def __init__(self, model: Any, recipe: TrainingRecipe) -> None:
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
        """Return a function that trains on the next batch, and returns loss and accuracy on the undisplaced batch."""
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
    recipe: TrainingRecipe,
    folder: str | os.PathLike[str],
    report: Callable[[str], None] = print,
    sprites: np.ndarray | None = None,
    every: int = 50,
) -> TrainingResult:
    """Train a network, starting from the newest checkpoint in the folder if there is one.

    Args:
        model: A Keras model with a layer `logits` over `classes.LABELS`. Its weights are changed.
        recipe: How to train it.
        folder: Folder of checkpoints, which must not be shared with another model or recipe.
        report: Called with each line of progress.
        sprites: As for `Scenes`.
        every: Number of batches per line. Every fourth line, and the last one, come with a checkpoint.
    """
    trainer = _Trainer(model, recipe)
    checkpoint = tf.train.Checkpoint(
        model=trainer.model, optimizer=_Saved(trainer.optimizer.variables), done=trainer.done
    )
    manager = tf.train.CheckpointManager(checkpoint, str(Path(folder)), max_to_keep=2)
    if manager.latest_checkpoint:
        checkpoint.restore(manager.latest_checkpoint).assert_existing_objects_matched()
        report(f"Resuming after {int(trainer.done)} of {recipe.batches} batches.")
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
                    f"accuracy {np.mean(hits[-every:]):.3f}  {pace:.2f} s per batch"
                )
            if done % (4 * every) == 0 or done == end:
                manager.save(done)
                clock.save()
    return TrainingResult(losses, clock.seconds)


class _Clock:
    """The training time so far, kept next to the checkpoints."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds = float(json.loads(path.read_text("utf-8"))) if path.exists() else 0.0
        self._last = time.monotonic()

    def save(self) -> None:
        now = time.monotonic()
        self.seconds, self._last = self.seconds + now - self._last, now
        self._path.write_text(json.dumps(round(self.seconds, 1)), "utf-8")


class _Saved(tf.Module):
    """Makes Keras variables visible to TensorFlow's checkpoints."""

    def __init__(self, variables: list[Any]) -> None:
        super().__init__()
        self.values = [variable.value for variable in variables]
