"""`EmojiNet`, the network that comes with the package, as a `Model`."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from pathlib import Path

from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.emojinet.architecture import build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.drawn_images import emoji_images
from lucid_widgets.modelzoo.emojinet.weights import read_weights
from lucid_widgets.modelzoo.keras.model import KerasModel
from lucid_widgets.modelzoo.vision_base import Layer

__all__ = ["EmojiNet", "embedded_model"]

_LISTED = re.compile(r"(conv2d\d|mixed\d[a-z])(_pre_relu)?|avgpool|logits|probs")
_WEIGHTS = Path(__file__).with_name("weights.npz")


class EmojiNet(KerasModel):
    """A small Inception network that classifies 128 emoji and 32 textures, and comes with the package.

    Its layers are `conv2d0`, `conv2d1`, `mixed3a`, `mixed3b`, `mixed4a`, `mixed4b`, `mixed4c`, `mixed5a` and `mixed5b`,
    each also as `<layer>_pre_relu`, then `avgpool`, `logits` and `probs`. Layers inside a block, such as
    `mixed4a_3x3_pre_relu`, are not listed, but can be used by name. The network was trained on images of 64 to 96
    pixels, and works at any size of at least 32 pixels.

    Args:
        path: A file of weights written by `python -m lucid_widgets.modelzoo.emojinet.training`; default: the weights
            that come with the package.

    Raises:
        ModelError: If the weights in the file belong to another network.

    Example:
        >>> model = EmojiNet()
        >>> model.labels[5]
        'panda'
        >>> model.layers["mixed4a"].channels
        256
    """

    first_look = ("mixed4a", 152)  # looks like the coat of a tiger
    usual_size = 96

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        with outside_graphs():
            network = build(len(LABELS))
            read_weights(network, path or _WEIGHTS)
            super().__init__(network, image_value_range=(0, 1), labels=LABELS, name="EmojiNet")

    def example_images(self) -> ImageSet:
        """Return 1,600 labeled images of the network's classes, drawn when they are first read."""
        return emoji_images()

    def _list_layers(self) -> Sequence[Layer]:
        return [layer for layer in super()._list_layers() if _LISTED.fullmatch(layer.name)]


@functools.cache
def embedded_model() -> EmojiNet:
    """Return the EmojiNet that all widgets without a model share, together with the programs compiled for it."""
    return EmojiNet()
