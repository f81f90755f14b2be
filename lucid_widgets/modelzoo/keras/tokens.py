"""`recognized_tokens`: how a Keras model divides its images into tokens."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import keras

from lucid_widgets.modelzoo.base.token_grid import TokenGrid, extra_names, grid_of
from lucid_widgets.modelzoo.keras.replay import Replay

__all__ = ["attends", "recognized_tokens"]


def recognized_tokens(replay: Replay) -> TokenGrid | None:
    """Return the token grid of a model, or None if it has no attention layer or its shapes do not tell.

    The first node that turns a feature map into tokens shows rows and columns. Attention layers show how many tokens
    there are with class and register tokens, which are taken to precede the patches.

    Args:
        replay: The nodes of the model.
    """
    if not any(attends(node.operation) for node in replay.nodes):
        return None
    for node in replay.nodes:
        shapes = [tuple(replay.specs[slot].shape)[1:] for slot in node.inputs.values()]
        made = tuple(replay.specs[node.outputs[0]].shape)[1:]
        maps = [shape for shape in shapes if len(shape) == 3]
        if len(made) == 2 and len(maps) == 1:
            grid = grid_of(maps[0], made)
            return None if grid is None else _with_extra(grid, replay)
    return None


def attends(operation: Any) -> bool:
    """Whether an operation is an attention layer, or a layer that contains one."""
    if isinstance(operation, keras.layers.MultiHeadAttention) or "attention" in type(operation).__name__.lower():
        return True
    return isinstance(operation, keras.layers.Layer) and any(attends(each) for each in _inner_layers(operation))


def _inner_layers(layer: Any) -> list[Any]:
    """The layers that are attributes of a layer, or are in lists that are."""
    values = keras.tree.flatten([value for name, value in vars(layer).items() if not name.startswith("_")])
    return [value for value in values if isinstance(value, keras.layers.Layer)]


def _with_extra(grid: TokenGrid, replay: Replay) -> TokenGrid:
    """Return the grid with the extra tokens that attention layers see next to the patches."""
    patches = grid.rows * grid.columns
    seen = Counter(
        int(shape[1]) - patches
        for node in replay.nodes
        if attends(node.operation)
        for shape in (replay.specs[slot].shape for slot in list(node.inputs.values())[:1])
        if len(shape) == 3 and shape[1] is not None and int(shape[1]) >= patches
    )
    if not seen:
        return grid
    (extra, _), *_ = seen.most_common(1)
    return grid if extra == len(grid.extra) else replace(grid, extra=extra_names(extra))
