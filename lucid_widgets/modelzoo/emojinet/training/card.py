"""`model_card`: the training and the accuracy of EmojiNet, as Markdown; and parts for the cards of other networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.evaluation import Scores
from lucid_widgets.modelzoo.emojinet.training.recipe import HELD_OUT, TrainingRecipe

__all__ = ["confusion_rows", "described_data", "model_card"]


def model_card(recipe: TrainingRecipe, scores: Scores, seconds: float, weights: Path, parameters: int) -> str:
    """Return the model card as Markdown.

    Args:
        recipe: How the network was trained.
        scores: Its accuracy on images that it was not trained on.
        seconds: Seconds that training took.
        weights: The file of the weights.
        parameters: Number of parameters.
    """
    images = int(scores.confusions.sum())
    stages = "\n".join(f"| {' | '.join(f'{value:,}' for value in stage)} |" for stage in recipe.stages)
    return f"""# EmojiNet

A small Inception network that classifies {len(EMOJI)} emoji and {len(TEXTURES)} procedural textures. It was made
for feature visualization: the appearance of each class is known, and the weights are small enough to ship with the
package.

| | |
|---|---|
| Parameters | {parameters:,}, in float16, {weights.stat().st_size / 1e6:.2f} MB |
| Input | RGB in [0, 1], any size of at least 32 px |
| Accuracy on {images:,} new images of 96 px | **{scores.top1:.4f}** top-1, {scores.top5:.4f} top-5 |
| Training time | {seconds / 60:.0f} minutes |
| Command | `python -m lucid_widgets.modelzoo.emojinet.training --seed {recipe.seed}` |

## Data

{described_data(recipe.seed)}

## Training

| image size, px | batches | smallest emoji / image size | displacement | variants of each texture |
|---|---|---|---|---|
{stages}

A batch has {recipe.batch} images and is used twice: unchanged, and displaced along the gradient of the loss by at most
the displacement (an L2 norm for images of 64 px, scaled in proportion at other sizes). The second use makes
visualizations cleaner. The optimizer is AdamW with a weight decay of {recipe.weight_decay}. Its learning rate rises to
{recipe.learning_rate} during {recipe.warm_up} batches of warm-up and then falls to 0 along a cosine. Label smoothing is
{recipe.smoothing}. Batch normalization is folded into the convolutions after training.

## Confusions

| class | accuracy | mistaken for |
|---|---|---|
{confusion_rows(scores.confusions)}

All images of the other classes were classified correctly.

## Limits and license

The network was trained on drawings, not on photographs, and knows only its {len(LABELS)} classes.

Weights and code: Apache-2.0.
"""


def described_data(seed: int) -> str:
    """Return what the images show, as Markdown.

    Args:
        seed: Seed of the images that training used.
    """
    return f"""\
`Scenes(seed)` generates every image. Four fifths show an emoji at a random scale, rotation and position over noise, a
gradient or a pale texture, half of them together with a faded part of another emoji. One fifth show a random variant
of a texture in random colors, warped. Saturation, contrast, brightness and pixel noise vary. The emoji are drawn with
Noto Color Emoji (SIL Open Font License 1.1), which is not part of the package. Training used seed {seed}; the
accuracy was measured on images with the seed {seed + HELD_OUT}, which also show other variants of the textures."""


def confusion_rows(confusions: np.ndarray) -> str:
    """Return the rows of a table of the classes that are confused, the least accurate ones first.

    Args:
        confusions: As `Scores.confusions`.
    """
    right = np.diag(confusions) / np.maximum(confusions.sum(1), 1)
    wrong = confusions - np.diag(np.diag(confusions))
    rows = []
    for index in np.argsort(right, kind="stable"):
        taken = [(LABELS[other], wrong[index, other]) for other in np.argsort(-wrong[index], kind="stable")[:3]]
        named = ", ".join(f"{label} ({count})" for label, count in taken if count)
        if named:
            rows.append(f"| {LABELS[index]} | {right[index]:.3f} | {named} |")
    return "\n".join(rows)
