"""`import_model`: a model's layers as tensors, in the graph that is being traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lucid_widgets.modelzoo.adapt import as_model


def import_model(
    model: Any, t_image: Any, t_image_raw: Any = None, scope: str = "import", input_map: Any = None
) -> Callable[[str], Any]:
    """Feed images to a model, in the graph that is being traced.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        t_image: Images as the network should see them, `[batch, height, width, channels]` in [0, 1].
        t_image_raw: Images before transforms, which `T("input")` returns. Default: None, `t_image`.
        scope: Name scope of the imported operations. Default: "import".
        input_map: Tensors that replace tensors of the network, by their names in it. Default: None.

    Returns:
        `T`, a function from the name of a layer to its tensor. `T("input")` is the image, `T("labels")` the labels.

    Source: Lucid's `render.import_model`.
    """
    layers = as_model(model).import_graph(t_image, scope=scope, forget_xy_shape=True, input_map=input_map)
    raw = t_image if t_image_raw is None else t_image_raw
    return lambda name: raw if name == "input" else layers(name)


__all__ = ["import_model"]
