"""`EmojiNet` as a model of the zoo."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from pathlib import Path

from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.weights import read_weights
from lucid_widgets.modelzoo.keras.model import KerasModel
from lucid_widgets.modelzoo.vision_base import Layer

__all__ = ["EmojiNet", "embedded_model"]

_LISTED = re.compile(r"(conv2d\d|mixed\d[a-z])(_pre_relu)?|avgpool|logits|probs")
_WEIGHTS = Path(__file__).with_name("weights.npz")


class EmojiNet(KerasModel):
    """A small Inception that tells 128 emoji and 32 textures apart; it comes with the package.

    Its layers are `conv2d0`, `conv2d1`, `mixed3a`, `mixed3b`, `mixed4a`, `mixed4b`, `mixed4c`, `mixed5a` and `mixed5b`,
    each also as `<layer>_pre_relu`, then `avgpool`, `logits` and `probs`. What is within a block, such as
    `mixed4a_3x3_pre_relu`, is not listed, but can be looked into by name. It was trained on images of 64 to 96 pixels
    and takes any size from 32 on.

    Args:
        path: A file of weights that `python -m lucid_widgets.modelzoo.emojinet.training` wrote; those of the package by
            default.

    Raises:
        ModelError: The file's weights are not of this network.

    Example:
        >>> model = EmojiNet()
        >>> model.labels[5]
        'panda'
        >>> model.layers["mixed4a"].channels
        256
    """

    first_look = ("mixed4a", 152)  # a tiger's coat

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        network = build(len(LABELS))
        read_weights(network, path or _WEIGHTS)
        super().__init__(network, image_value_range=(0, 1), labels=LABELS, name="EmojiNet")

    def _list_layers(self) -> Sequence[Layer]:
        return [layer for layer in super()._list_layers() if _LISTED.fullmatch(layer.name)]


@functools.cache
def embedded_model() -> EmojiNet:
    """The one EmojiNet that everything without a model of its own shares, with all that is compiled for it."""
    return EmojiNet()
