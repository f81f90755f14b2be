"""Train EmojiViT: `python -m lucid_widgets.modelzoo.emojivit.training`.

The command resumes from the last checkpoint in its folder, and at the end writes `weights.npz` and `MODEL_CARD.md`
there. Training takes less than 30 minutes of processor time, and needs the font Noto Color Emoji.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import keras

from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.evaluation import score
from lucid_widgets.modelzoo.emojinet.training.loop import fit
from lucid_widgets.modelzoo.emojinet.training.recipe import HELD_OUT, Stage, TrainingRecipe
from lucid_widgets.modelzoo.emojinet.weights import read_weights, write_weights
from lucid_widgets.modelzoo.emojivit.architecture import SIDE, build
from lucid_widgets.modelzoo.emojivit.card import model_card

__all__ = ["RECIPES", "main"]

RECIPES = (
    # Displaced batches come late: they take as long as another batch, and a network that recognizes nothing yet has no
    # features to make cleaner.
    TrainingRecipe(
        seed=0,
        stages=(
            Stage(SIDE, 800, 0.45, 0.0, 16),
            Stage(SIDE, 500, 0.5, 1.5, 96),
            Stage(SIDE, 150, 0.6, 2.0, 96),
        ),
        learning_rate=1.5e-3,
        warm_up=100,
    ),
    TrainingRecipe(seed=1, stages=(Stage(SIDE, 600, 0.55, 2.5, 96),), learning_rate=1e-3, warm_up=50),
)
"""How EmojiViT was trained: by the first recipe, then by the second one with a new optimizer and other images."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and evaluate the network, and write the weights and the model card.

    Args:
        arguments: Arguments of the command line; default: those of the process.
    """
    parser = argparse.ArgumentParser(description="Train EmojiViT, starting from the last checkpoint if there is one.")
    parser.add_argument(
        "--folder", type=Path, default=Path("emojivit-training"), help="folder of checkpoints and results"
    )
    options = parser.parse_args(arguments)

    keras.utils.set_random_seed(RECIPES[0].seed)
    network = build(len(LABELS))
    seconds = 0.0
    for number, recipe in enumerate(RECIPES, 1):
        folder = options.folder / f"recipe{number}"
        folder.mkdir(parents=True, exist_ok=True)
        started = time.process_time()
        try:
            fit(network, recipe, folder)
        finally:
            seconds += _processor_time(folder / "processor.json", time.process_time() - started)

    weights = options.folder / "weights.npz"
    write_weights(network, weights)
    read_weights(network, weights)  # evaluates the rounded weights that were written
    scores = score(network, HELD_OUT, SIDE, images=16_000)
    card = options.folder / "MODEL_CARD.md"
    card.write_text(model_card(RECIPES, scores, seconds, weights, network.count_params()), "utf-8")
    print(f"Accuracy {scores.top1:.4f} top-1, {scores.top5:.4f} top-5. Wrote {weights} and {card}.")


def _processor_time(file: Path, seconds: float) -> float:
    """Return the processor time of a recipe in seconds, with that before an interruption, and keep it in a file."""
    before = float(json.loads(file.read_text("utf-8"))) if file.exists() else 0.0
    file.write_text(json.dumps(round(before + seconds, 1)), "utf-8")
    return before + seconds


if __name__ == "__main__":
    main()
