"""The model card: what a network was made of, how, and how good it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.loop import HELD_OUT, Recipe, Scores

__all__ = ["model_card"]


def model_card(recipe: Recipe, scores: Scores, seconds: float, weights: Path, parameters: int) -> str:
    """The card as Markdown.

    Args:
        recipe: How the network was trained.
        scores: How it does on images nobody trained on.
        seconds: How long training took.
        weights: The file of the weights.
        parameters: How many numbers it holds.
    """
    images = int(scores.confusions.sum())
    stages = "\n".join(f"| {' | '.join(f'{value:,}' for value in stage)} |" for stage in recipe.stages)
    return f"""# EmojiNet

A small Inception that names {len(EMOJI)} emoji and {len(TEXTURES)} procedural textures. It is made for feature
visualization: the right answers are known, and it is small enough to travel with the package.

| | |
|---|---|
| Parameters | {parameters:,}, in float16, {weights.stat().st_size / 1e6:.2f} MB |
| Input | RGB in [0, 1], any size from 32 px on |
| Accuracy on {images:,} fresh images of 96 px | **{scores.top1:.4f}** top-1, {scores.top5:.4f} top-5 |
| Training time | {seconds / 60:.0f} minutes |
| Command | `python -m lucid_widgets.modelzoo.emojinet.training --seed {recipe.seed}` |

## Data

`Scenes(seed)` makes every image anew: an emoji at random scale, rotation and place over noise, a gradient or a pale
texture, half of them beside a faded piece of another one; or a texture with random variant, colours and warp. Then
saturation, contrast, brightness and pixel noise vary. The emoji are drawn with Noto Color Emoji (SIL Open Font License
1.1), which is not part of the package. Training used the seed {recipe.seed}; the accuracy is of images with the seed
{recipe.seed + HELD_OUT}, whose textures are other variants too.

## Recipe

| image size, px | batches | smallest emoji, in sides | displacement | variants of each texture |
|---|---|---|---|---|
{stages}

{recipe.batch} images a batch, each batch used twice: as it is, and moved along its gradient by up to the displacement
(L2 norm at 64 px, in proportion at other sizes), which is what makes the pictures clean. AdamW, learning rate
{recipe.learning_rate} after {recipe.warm_up} batches of warm-up, falling as a cosine to 0, weight decay
{recipe.weight_decay}; labels smoothed by {recipe.smoothing}; batch normalization, folded into the convolutions
afterwards.

## What it confuses

| class | right | taken for |
|---|---|---|
{_confusions(scores.confusions)}

Classes that are not listed were always right.

## Limits and licence

It knows drawings, not photographs, and nothing outside its {len(LABELS)} classes. Weights and code: Apache-2.0.
"""


def _confusions(confusions: np.ndarray) -> str:
    right = np.diag(confusions) / np.maximum(confusions.sum(1), 1)
    wrong = confusions - np.diag(np.diag(confusions))
    rows = []
    for index in np.argsort(right, kind="stable"):
        taken = [(LABELS[other], wrong[index, other]) for other in np.argsort(-wrong[index], kind="stable")[:3]]
        named = ", ".join(f"{label} ({count})" for label, count in taken if count)
        if named:
            rows.append(f"| {LABELS[index]} | {right[index]:.3f} | {named} |")
    return "\n".join(rows)
