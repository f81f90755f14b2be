"""`TrainingRecipe`: everything that determines a training run, except the code."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

__all__ = ["HELD_OUT", "Stage", "TrainingRecipe"]

HELD_OUT = 1_000_003
"""Added to a recipe's seed to get images for the evaluation that training does not use."""


class Stage(NamedTuple):
    """A stage of training.

    Attributes:
        size: Side of the images, in pixels.
        batches: Number of batches.
        smallest: Smallest size of an emoji, as a fraction of the image's side.
        displacement: Largest displacement of a batch for its second use: an L2 norm, for images of 64 pixels with
            values in [0, 1]. At other sizes it is scaled in proportion to the side. With 0 there is no second use.
        variants: Number of variants of each texture. If there are few, the network memorizes them.
    """

    size: int
    batches: int
    smallest: float
    displacement: float
    variants: int


@dataclasses.dataclass(frozen=True)
class TrainingRecipe:
    """How to train a network.

    Attributes:
        seed: Seed of the initial weights and of all images.
        stages: The stages of training, in order. The first ones use small images, which are cheap. Later ones use
            larger images with large subjects, so that features reach the size of rendered images, and larger
            displacements, which make the features cleaner.
        batch: Number of images in a batch.
        learning_rate: Highest learning rate of AdamW. It rises over the first `warm_up` batches, and then falls to 0
            along a cosine.
        warm_up: Number of batches.
        weight_decay: Weight decay of AdamW, which applies to kernels only.
        smoothing: Label smoothing.
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
        """Number of batches in all stages."""
        return sum(stage.batches for stage in self.stages)
