"""Train EmojiNet: `python -m lucid_widgets.modelzoo.emojinet.training`.

The command resumes from the last checkpoint in its folder, and at the end writes `weights.npz` and `MODEL_CARD.md`
there. Training takes a little more than an hour on two cores, and needs the font Noto Color Emoji.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import keras

from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.card import model_card
from lucid_widgets.modelzoo.emojinet.training.evaluation import score
from lucid_widgets.modelzoo.emojinet.training.loop import fit
from lucid_widgets.modelzoo.emojinet.training.recipe import HELD_OUT, TrainingRecipe
from lucid_widgets.modelzoo.emojinet.weights import fold, read_weights, write_weights

__all__ = ["main"]

_DROPOUT = 0.1


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and evaluate the network, and write the weights and the model card.

    Args:
        arguments: Arguments of the command line; default: those of the process.
    """
    parser = argparse.ArgumentParser(description="Train EmojiNet, starting from the last checkpoint if there is one.")
    parser.add_argument(
        "--folder", type=Path, default=Path("emojinet-training"), help="folder of checkpoints and results"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the initial weights and of all images")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)

    recipe = TrainingRecipe(seed=options.seed)
    keras.utils.set_random_seed(recipe.seed)
    trained = build(len(LABELS), normalize=True, dropout=_DROPOUT)
    result = fit(trained, recipe, options.folder)

    weights = options.folder / "weights.npz"
    network = build(len(LABELS))
    fold(trained, network)
    write_weights(network, weights)
    read_weights(network, weights)  # evaluates the rounded weights that were written
    scores = score(network, recipe.seed + HELD_OUT, images=16_000)
    card = options.folder / "MODEL_CARD.md"
    card.write_text(model_card(recipe, scores, result.seconds, weights, network.count_params()), "utf-8")
    print(f"Accuracy {scores.top1:.4f} top-1, {scores.top5:.4f} top-5. Wrote {weights} and {card}.")


if __name__ == "__main__":
    main()
