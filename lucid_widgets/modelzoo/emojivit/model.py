"""`EmojiViT`, the transformer that comes with the package, as a `Model`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from lucid_widgets.images import ImageSet
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.drawn_images import emoji_images
from lucid_widgets.modelzoo.emojinet.weights import read_weights
from lucid_widgets.modelzoo.emojivit.architecture import SIDE, build
from lucid_widgets.modelzoo.keras.model import KerasModel
from lucid_widgets.modelzoo.vision_base import Layer

__all__ = ["EmojiViT"]

# Layers that only rearrange tokens.
_UNLISTED = re.compile(r"centered|patch_tokens|class_slot|class_crop")
_WEIGHTS = Path(__file__).with_name("weights.npz")


class EmojiViT(KerasModel):
    """A small Vision Transformer that classifies 128 emoji and 32 textures, and comes with the package.

    It has the classes of `EmojiNet`, and was trained on the same images. Its layers are `patch_embed`, `position`, then
    in each of six blocks `block0_norm1`, `block0_attention`, `block0_attention_add`, `block0_norm2`, `block0_mlp_fc1`,
    `block0_mlp_gelu`, `block0_mlp_fc2` and `block0_add`, and at the end `norm`, `class_token`, `logits` and `probs`.
    The tokens are a class token and 8 x 8 patches of 8 pixels. Images have 64 x 64 pixels, because the position
    embedding fits no other size.

    Args:
        path: A file of weights written by `python -m lucid_widgets.modelzoo.emojivit.training`; default: the weights
            that come with the package.

    Raises:
        ModelError: If the weights in the file belong to another network.

    Example:
        >>> model = EmojiViT()
        >>> model.token_grid
        TokenGrid(rows=8, columns=8, extra=('class',))
        >>> model.layers["block3_mlp_gelu"].channels
        512
    """

    first_look = ("logits", 5)  # a panda
    usual_size = SIDE

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        with outside_graphs():
            network = build(len(LABELS))
            read_weights(network, path or _WEIGHTS)
            super().__init__(network, image_value_range=(0, 1), labels=LABELS, name="EmojiViT")

    def example_images(self) -> ImageSet:
        """Return 1,600 labeled images of the network's classes, drawn when they are first read."""
        return emoji_images()

    def _list_layers(self) -> Sequence[Layer]:
        return [layer for layer in super()._list_layers() if not _UNLISTED.fullmatch(layer.name)]
