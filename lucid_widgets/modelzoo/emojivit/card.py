"""`model_card`: the training and the accuracy of EmojiViT, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lucid_widgets.modelzoo.emojinet.classes import EMOJI, LABELS, TEXTURES
from lucid_widgets.modelzoo.emojinet.training.card import confusion_rows, described_data
from lucid_widgets.modelzoo.emojinet.training.evaluation import Scores
from lucid_widgets.modelzoo.emojinet.training.recipe import TrainingRecipe
from lucid_widgets.modelzoo.emojivit.architecture import SIDE

__all__ = ["model_card"]


def model_card(
    recipes: Sequence[TrainingRecipe], scores: Scores, seconds: float, weights: Path, parameters: int
) -> str:
    """Return the model card as Markdown.

    Args:
        recipes: How the network was trained, one after the other.
        scores: Its accuracy on images that it was not trained on.
        seconds: Processor time of training in seconds.
        weights: The file of the weights.
        parameters: Number of parameters.
    """
    images = int(scores.confusions.sum())
    right, shown, count = np.diag(scores.confusions), scores.confusions.sum(1), len(EMOJI)
    of_emoji = right[:count].sum() / max(int(shown[:count].sum()), 1)
    of_textures = right[count:].sum() / max(int(shown[count:].sum()), 1)
    first, second = recipes
    stages = "\n".join(
        f"| {' | '.join(f'{value:,}' for value in stage)} |" for each in recipes for stage in each.stages
    )
    return f"""# EmojiViT

A small Vision Transformer that classifies {len(EMOJI)} emoji and {len(TEXTURES)} procedural textures. It was trained
on the same images as EmojiNet, so that tokens and attention can be visualized without a download.

| | |
|---|---|
| Parameters | {parameters:,}, in float16, {weights.stat().st_size / 1e6:.2f} MB |
| Architecture | 6 blocks, tokens of 128 channels, 4 heads, MLPs of 512 channels; patches of 8 px and a class token |
| Input | RGB in [0, 1], {SIDE} x {SIDE} px only |
| Accuracy on {images:,} new images of {SIDE} px | **{scores.top1:.4f}** top-1, {scores.top5:.4f} top-5 |
| Top-1 of the emoji alone, of the textures alone | {of_emoji:.4f}, {of_textures:.4f} |
| Training time | {seconds / 60:.0f} minutes of processor time |
| Command | `python -m lucid_widgets.modelzoo.emojivit.training` |

## Data

{described_data(first.seed)}
The last stage used seed {second.seed}.

## Training

| image size, px | batches | smallest emoji / image size | displacement | variants of each texture |
|---|---|---|---|---|
{stages}

A batch has {first.batch} images. Where the displacement is not 0, it is used twice: unchanged, and displaced along the
gradient of the loss by at most the displacement (an L2 norm). The second use makes visualizations cleaner. The
optimizer is AdamW with a weight decay of {first.weight_decay}. Its learning rate rises to {first.learning_rate} during
{first.warm_up} batches of warm-up and then falls to 0 along a cosine; in the last stage it does so again, up to
{second.learning_rate}. Label smoothing is {first.smoothing}.

## Confusions

| class | accuracy | mistaken for |
|---|---|---|
{confusion_rows(scores.confusions)}

All images of the other classes were classified correctly.

## Limits and license

The network was trained on drawings, not on photographs, and knows only its {len(LABELS)} classes. It was trained
for a third of EmojiNet's time: it recognizes the emoji, but confuses most textures. Its position embedding was learned
for 8 x 8 patches and is not interpolated to other sizes.

Weights and code: Apache-2.0.
"""
