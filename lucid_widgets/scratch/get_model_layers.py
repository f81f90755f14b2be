"""The layers of a network as Lucid's scripts listed them."""

from __future__ import annotations

from typing import Any

from lucid_widgets.modelzoo.vision_models import as_model

__all__ = ["get_model_layers"]


def get_model_layers(model: Any) -> list[dict[str, Any]]:
    """Return the listed layers of a model as records for `save`.

    Args:
        model: Whatever `as_model` accepts.

    Returns:
        For each layer a dictionary with `name`, `depth` and `tags`, as in the classes of Lucid's zoo.

    Example:
        >>> get_model_layers("EmojiNet")[1]
        {'name': 'conv2d0', 'depth': 24, 'tags': ['conv']}

    Source: Lucid's `scratch.scripts.get_model_layers`, which guessed them from the names of operations.
    """
    layers = as_model(model).layers
    return [{"name": layer.name, "depth": layer.depth, "tags": sorted(layer.tags)} for layer in layers]
