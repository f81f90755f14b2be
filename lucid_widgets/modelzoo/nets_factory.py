"""Networks by name: `get_model("InceptionV1")`, and `models_map`, all of them."""

from __future__ import annotations

from lucid_widgets.errors import unknown_name
from lucid_widgets.modelzoo import caffe_models, other_models, slim_models
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.vision_base import Model

models_map: dict[str, type[Model]] = {
    "EmojiNet": EmojiNet,
    **{name: getattr(module, name) for module in (caffe_models, other_models, slim_models) for name in module.__all__},
}
"""The class of each network: EmojiNet, and those of Lucid's zoo."""


def get_model(name: str) -> Model:
    """The network of that name.

    Args:
        name: As its class is called; `models_map` has them all.

    Raises:
        UnknownNameError: There is none; the message suggests the nearest.
        ModelError: Its weights are not on this machine; the message says what to put where.

    Example:
        >>> get_model("EmojiNet").layers["mixed4a"].channels
        256

    Source: Lucid's `nets_factory.get_model`.
    """
    if name not in models_map:
        raise unknown_name("network", str(name), "The model zoo", list(models_map))
    return models_map[name]()
