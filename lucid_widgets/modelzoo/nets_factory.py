"""Networks by name: `get_model("InceptionV1")`, and `models_map`, which holds all of them."""

from __future__ import annotations

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo import caffe_models, other_models, slim_models
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["get_model", "models_map"]

models_map: dict[str, type[Model]] = {
    "EmojiNet": EmojiNet,
    "EmojiViT": EmojiViT,
    **{name: getattr(module, name) for module in (caffe_models, other_models, slim_models) for name in module.__all__},
}
"""Class of each network by name: EmojiNet, EmojiViT, and the networks of Lucid's zoo."""


def get_model(name: str) -> Model:
    """Return the network of this name.

    Args:
        name: Name of its class, a key of `models_map`.

    Raises:
        UnknownNameError: If there is no such network. The message suggests similar names.
        ModelError: If its weights are not on this machine. The message says which file to put where.

    Example:
        >>> get_model("EmojiNet").layers["mixed4a"].channels
        256

    Source: Lucid's `nets_factory.get_model`.
    """
    if name not in models_map:
        raise unknown_name("network", str(name), "The model zoo", list(models_map))
    return models_map[name]()
