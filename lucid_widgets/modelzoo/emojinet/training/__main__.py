"""Trains EmojiNet: `python -m lucid_widgets.modelzoo.emojinet.training`.

It goes on from its last checkpoint when it is started again in the same folder, and ends by writing `weights.npz` and
`MODEL_CARD.md` there. A bit more than an hour on two cores. It needs the font Noto Color Emoji.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import keras

from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training.card import model_card
from lucid_widgets.modelzoo.emojinet.training.loop import HELD_OUT, Recipe, fit, score
from lucid_widgets.modelzoo.emojinet.weights import fold, read_weights, write_weights

_DROPOUT = 0.1


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains, measures, and writes the weights and the model card.

    Args:
        arguments: Of the command line; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Trains EmojiNet, from its last checkpoint if there is one.")
    parser.add_argument("--folder", type=Path, default=Path("emojinet-training"), help="for checkpoints and results")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and of all images")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)

    recipe = Recipe(seed=options.seed)
    keras.utils.set_random_seed(recipe.seed)
    trained = build(len(LABELS), normalize=True, dropout=_DROPOUT)
    run = fit(trained, recipe, options.folder)

    weights = options.folder / "weights.npz"
    network = build(len(LABELS))
    fold(trained, network)
    write_weights(network, weights)
    read_weights(network, weights)  # what is measured is what was written, rounding and all
    scores = score(network, recipe.seed + HELD_OUT, images=16_000)
    card = options.folder / "MODEL_CARD.md"
    card.write_text(model_card(recipe, scores, run.seconds, weights, network.count_params()), "utf-8")
    print(f"Accuracy {scores.top1:.4f} top-1, {scores.top5:.4f} top-5. Wrote {weights} and {card}.")


if __name__ == "__main__":
    main()
