"""`import_model`: a model's layers as tensors, in the graph that is being traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets.modelzoo.adapt import as_model
from lucid_widgets.modelzoo.base.private_names import is_function_graph
from lucid_widgets.modelzoo.base.token_grid import as_given
from lucid_widgets.optvis import seeding


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
        `T`, a function from the name of a layer to its tensor. `T("input")` is the image, `T("labels")` the labels, and
        `T("global_step")` the number of the step, from 0, as a scalar int64 tensor.

    Source: Lucid's `render.import_model`.
    """
    layers = as_model(model).import_graph(t_image, scope=scope, forget_xy_shape=True, input_map=input_map)
    raw = t_image if t_image_raw is None else t_image_raw

    def tensor_of(name: str) -> Any:
        if name == "global_step":
            return _global_step()
        return raw if name == "input" else layers(name)

    return as_given(layers, tensor_of)


def _global_step() -> Any:
    step = seeding.current_step()
    if step is None and not is_function_graph(tf.compat.v1.get_default_graph()):
        return tf.identity(tf.compat.v1.train.get_or_create_global_step())
    return tf.cast(0 if step is None else step, tf.int64)


__all__ = ["import_model"]
