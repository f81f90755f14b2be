"""`TracedModel`, for subclasses of `keras.Model` with their own `call`, whose layers Keras does not record."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base.private_names import closed_scopes, frozen_graph_def
from lucid_widgets.modelzoo.graphdef.edits import renamed
from lucid_widgets.modelzoo.graphdef.files import usable_graphdef
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer import DEFAULT_SIZE
from lucid_widgets.modelzoo.survey.layer_errors import first_line

__all__ = ["TracedModel"]

_INPUT = "image"


class TracedModel(GraphDefModel):
    """A traced Keras model; made by `from_keras` for subclassed models.

    Its layers are operations, named after the Keras layers that they belong to, such as `block_1/conv_1/Relu`. The
    weights are copied when the model is traced, at construction.

    Args:
        model: A Keras model with one input, images.
        image_shape: `(height, width, channels)`, with None for a side that may vary; default: that of the
            images that Keras built the model for, or `(None, None, 3)`. If the model allows it, other sizes work too.
        **settings: As for `Model`.

    Attributes:
        keras_model: The Keras model.
    """

    def __init__(
        self,
        model: Any,
        image_shape: tuple[int | None, int | None, int | None] | None = None,
        labels: Sequence[str] | str | os.PathLike[str] | None = None,
        name: str | None = None,
        **settings: Any,
    ) -> None:
        self.keras_model = model
        built = _built_shape(model)
        self._own_shape = image_shape or built
        self._shapes = [image_shape or (None, None, built[2] if built else 3)]
        if not image_shape and built:
            self._shapes.append(built)
        # There is no file, so the model's name takes the place of the path, also in error messages.
        super().__init__(
            model.name,
            labels=labels,
            input_name=_INPUT,
            name=name or model.name,
            **settings,
        )

    def _read(self, file: str | os.PathLike[str]) -> Any:
        failures = []
        for shape in self._shapes:
            try:
                with tf.init_scope():
                    graph_def = _trace(self.keras_model, shape)
                self.image_shape = self._own_shape or shape
                break
            except Exception as error:  # a model's own code may raise anything
                failures.append(error)
        else:
            raise ModelError(
                f"The Keras model {str(file)!r} failed for images of shape {self._shapes[-1]}: "
                f"{first_line(failures[-1])}",
                "Pass the shape that the model expects: from_keras(model, image_shape=(height, width, channels)).",
            ) from failures[-1]
        folders = [posixpath.dirname(n.name) for n in graph_def.node if n.op not in ("Const", "Identity", "NoOp")]
        inner = [folder for folder in folders if folder]
        shared = posixpath.commonpath(inner) if inner else ""
        short = {n.name: n.name.removeprefix(f"{shared}/") for n in graph_def.node if shared and n.name != shared}
        return usable_graphdef(renamed(graph_def, short), Path(file), trusted=True)


def _built_shape(model: Any) -> tuple[int, int, int] | None:
    """`(height, width, channels)` of the images that Keras built a model for; None if it does not say."""
    shape = (model.get_build_config() or {}).get("input_shape") if model.built else None
    if not isinstance(shape, (tuple, list)) or len(shape) != 4 or not all(isinstance(side, int) for side in shape[1:]):
        return None
    height, width, channels = shape[1:]
    return height, width, channels


def _trace(model: Any, image_shape: tuple[int | None, int | None, int | None]) -> Any:
    height, width, channels = image_shape
    if not model.built:
        # A function must not create variables while it is traced.
        with closed_scopes(model):
            model(tf.zeros((1, height or DEFAULT_SIZE, width or DEFAULT_SIZE, channels)), training=False)

    def network(image: tf.Tensor) -> Any:
        with closed_scopes(model):
            return model(image, training=False)

    specification = tf.TensorSpec((None, height, width, channels), tf.float32, name=_INPUT)
    function = tf.function(network, autograph=False).get_concrete_function(specification)
    return frozen_graph_def(function)
