"""`shuffled`: a network like another one, with the weights of each layer in random order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.errors import LucidError
from lucid_widgets.modelzoo.graphdef.model import from_graphdef
from lucid_widgets.modelzoo.keras.model import from_keras


def shuffled(model: Any, images: np.ndarray, seed: int) -> Any | None:
    """Return a model whose weights are those of `model`, permuted within each layer.

    The weights keep their distribution. The statistics of batch normalization are computed again.

    Args:
        model: A `Model`.
        images: uint8 `[batch, height, width, 3]`, for the statistics.
        seed: Seed of the permutations.

    Returns:
        None if the weights of this kind of network cannot be replaced.
    """
    random = np.random.default_rng(seed)
    network = getattr(model, "keras_model", None)
    try:
        if isinstance(network, keras.Model):
            return _of_keras(model, network, images, random)
        if getattr(model, "graph_def", None) is not None:
            return _of_graph(model, random)
    except (ValueError, TypeError, NotImplementedError, LucidError):
        return None
    return None


def _of_keras(model: Any, network: Any, images: np.ndarray, random: np.random.Generator) -> Any:
    clone = keras.models.clone_model(network)
    clone.set_weights([_permuted(weights, random) for weights in network.get_weights()])
    made = from_keras(clone, image_value_range=model.image_value_range, is_BGR=model.is_BGR, name=model.name)
    normalizations = [
        layer
        for layer in clone._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if normalizations:
        for layer in normalizations:
            layer.momentum = 0.0
        clone(made.create_input(images.astype(np.float32) / 255)[1], training=True)
    return made


def _of_graph(model: Any, random: np.random.Generator) -> Any:
    graph_def = tf.compat.v1.GraphDef()
    graph_def.CopyFrom(model.graph_def)
    for node in graph_def.node:
        if node.op == "Const" and node.attr["dtype"].type == tf.float32.as_datatype_enum:
            weights = tf.make_ndarray(node.attr["value"].tensor)
            if weights.ndim >= 2:
                node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(_permuted(weights, random)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shuffled.pb"
        path.write_bytes(graph_def.SerializeToString())
        made = from_graphdef(
            path,
            input_name=model.input_name,
            image_value_range=model.image_value_range,
            is_BGR=model.is_BGR,
            image_shape=model.image_shape,
            name=model.name,
        )
        made.layers  # noqa: B018 (reads the file)
        return made


def _permuted(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The same numbers in another order. Biases and statistics, which have one axis, stay."""
    if weights.ndim < 2:
        return weights
    return random.permutation(weights.ravel()).reshape(weights.shape)


__all__ = ["shuffled"]
