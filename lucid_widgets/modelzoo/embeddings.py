"""`from_clip`: models with a text encoder; embeddings of texts and images, and activations of real images."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.base.activations import compiled_by_size, nested_activations
from lucid_widgets.modelzoo.base.model_base import ModelBase
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.keras.model import KerasModel

__all__ = ["from_clip", "image_embedding", "sorted_activations", "text_embedding", "times_relevance"]

# Of OpenAI's CLIP, which most others follow; for pixels in [0, 1].
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
_DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711])

_MOST_KEPT = 32
_IMAGES_AT_ONCE = 16


def from_clip(
    backbone: Any,
    tokenize: Any,
    *,
    image_value_range: tuple[Any, Any] | None = None,
    name: str | None = None,
) -> KerasModel:
    """Make a model of the image encoder of a CLIP, with its text encoder for `objectives.text_direction`.

    Args:
        backbone: KerasHub's `CLIPBackbone`, or an object with the same `vision_encoder.image_shape`,
            `get_vision_embeddings(images)` and `get_text_embeddings(token_ids)`.
        tokenize: KerasHub's `CLIPPreprocessor`, or a function from a list of texts to token ids `[texts, length]`.
        image_value_range: The values that the network expects for black and for white: numbers, or one per channel.
            Default: those of the preprocessor's image converter, or else of OpenAI's CLIP.
        name: Name of the model; default: that of the backbone.

    Returns:
        A model of the images. Its last layer, `vision_projection` in KerasHub's CLIP, is the embedding, and its
        `text_encoder` returns the embeddings of texts.

    Raises:
        ModelError: If `backbone` is not a CLIP, or its image encoder cannot be used.
        ArgumentError: If `tokenize` is neither a function nor a preprocessor.

    Example:
        >>> import keras_hub  # pip install "lucid-widgets[keras-hub]"
        >>> preset = "clip_vit_base_patch32"
        >>> backbone = keras_hub.models.CLIPBackbone.from_preset(preset)
        >>> clip = models.from_clip(backbone, keras_hub.models.CLIPPreprocessor.from_preset(preset))
        >>> render_vis(clip, objectives.text_direction("vision_projection", "a photo of a dog"))
    """
    needed = ("vision_encoder", "get_vision_embeddings", "get_text_embeddings")
    missing = [each for each in needed if not hasattr(backbone, each)]
    if missing:
        raise ModelError(
            f"A {type(backbone).__name__} has no {missing[0]}.",
            "Expected KerasHub's CLIPBackbone, or an object with its methods.",
        )
    if not callable(tokenize):
        raise ArgumentError(
            f"tokenize is {tokenize!r}.", "Expected KerasHub's CLIPPreprocessor, or a function from texts to token ids."
        )
    image = keras.Input(tuple(backbone.vision_encoder.image_shape), name="images")
    called = name or str(getattr(backbone, "name", "clip"))
    network = keras.Model(image, backbone.get_vision_embeddings(image), name=called)
    model = KerasModel(network, image_value_range or _range_of(tokenize), False)

    model.text_encoder = _TextEncoder(backbone, tokenize)
    return model


@dataclass(frozen=True, eq=False)
class _TextEncoder:
    """A function from texts to their embeddings. It is an object, so that the model can be pickled."""

    backbone: Any
    tokenize: Any

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        tokens = _token_ids(self.tokenize, list(texts))
        return np.asarray(keras.ops.convert_to_numpy(self.backbone.get_text_embeddings(tokens)), np.float32)


def text_embedding(model: ModelBase, text: str) -> FloatArray:
    """Return the embedding of a text, `[channels]`, by the model's own text encoder. It is computed once.

    Raises:
        ModelError: If the model has no text encoder.
        ArgumentError: If the encoder does not return one vector.
    """
    encoder = model.text_encoder
    if encoder is None:
        raise ModelError(
            f"{model.name} has no text encoder.",
            "Make the model with models.from_clip(), or set model.text_encoder to a function from a list of texts to "
            "embeddings [texts, channels].",
        )

    def encoded() -> FloatArray:
        with tf.init_scope():
            found = np.asarray(encoder([text]), np.float32)
        if found.ndim != 2 or len(found) != 1 or not np.isfinite(found).all() or not found.any():
            raise ArgumentError(
                f"The text encoder of {model.name} returned an array of shape {found.shape} for one text.",
                "Expected finite numbers that are not all 0, of shape (1, channels).",
            )
        return found[0]

    return _kept(model, (encoder, text), encoded)


def image_embedding(model: ModelBase, layer: str, image: Any) -> FloatArray:
    """Return the mean activation of a layer for an image, `[channels]`. Of tokens, only the patches count.

    Args:
        model: The model.
        layer: Name of the layer.
        image: `[height, width, channels]` in [0, 1], of a size that the network takes.

    Raises:
        ArgumentError: If it is not one image, or all activations are 0.
    """
    values = np.asarray(image, np.float32)
    if values.ndim != 3 or not (values.min() >= 0 and values.max() <= 1):
        raise ArgumentError(
            f"The other image has the shape {values.shape}, and values from {values.min():g} to {values.max():g}.",
            "Expected one image [height, width, channels] in [0, 1].",
        )

    def computed() -> FloatArray:
        with tf.init_scope():
            found = nested_activations(model, layer, values[None])
        if found.ndim == 3 and model.token_grid is not None:
            folded = model.token_grid.fold(found)
            found = found if folded is None else folded
        mean = found.reshape(-1, found.shape[-1]).mean(0)
        if not mean.any():
            raise ArgumentError(f"The image does not excite layer {layer!r}.", "Pass another image, or another layer.")
        return np.asarray(mean, np.float32)

    return _kept(model, (model.revision, layer, values.shape, values.tobytes()), computed)


def sorted_activations(
    model: ModelBase, layer: str, images: FloatArray, unit: tuple[str, int] | None = None
) -> FloatArray:
    """Return the activations of each channel for images, sorted over positions and averaged over images.

    Args:
        model: The model.
        layer: Name of the layer, or "input". Of tokens, only the patches count.
        images: `[images, height, width, channels]` in [0, 1], of a size that the network takes.
        unit: The layer and channel of a unit by whose relevance the activations are multiplied before they are sorted
            (see `times_relevance`). Default: None, as they are.

    Returns:
        `[positions, channels]`, the smallest first.

    Raises:
        ModelError: If the unit does not depend on the layer.
    """

    def activations(shown: tf.Tensor) -> tf.Tensor:
        layers = model.import_graph(shown)
        acts = shown if layer == "input" else layers(layer)
        return acts if unit is None else times_relevance(acts, layers(unit[0]), unit[1])

    def computed() -> FloatArray:
        total: Any = 0.0
        compute = compiled_by_size(activations)
        for start in range(0, len(images), _IMAGES_AT_ONCE):
            part = images[start : start + _IMAGES_AT_ONCE]
            with tf.init_scope(), outside_graphs():
                found = compute(part)
            if found.ndim == 3 and model.token_grid is not None:
                folded = model.token_grid.fold(found)
                found = found if folded is None else folded
            each = np.sort(found.reshape(len(part), -1, found.shape[-1]).astype(np.float64), axis=1)
            total = total + each.sum(0)
        return np.asarray(total / len(images), np.float32)

    digest = hashlib.blake2b(np.ascontiguousarray(images).data, digest_size=16).digest()
    return _kept(model, (model.revision, layer, unit, images.shape, digest), computed)


def times_relevance(acts: Any, unit: Any, channel: Any) -> Any:
    """Return activations, each multiplied by its relevance for a unit, which is treated as a constant.

    The relevance is the activation times the gradient of the unit's mean, from 0 (below it, too) to 1 for the most
    relevant activation of an image.

    Args:
        acts: Activations of a layer, `[batch, ..., channels]`, a symbolic tensor.
        unit: Activations of the unit's layer that were computed from them, `[batch, ..., channels]`.
        channel: Index of the unit's channel.

    Raises:
        ModelError: If no gradient leads from the unit to the activations.
    """
    value = tf.reduce_mean(unit[..., channel], axis=list(range(1, unit.shape.rank - 1)))
    (gradient,) = tf.compat.v1.gradients(value, [acts])
    if gradient is None:
        raise ModelError(
            "The unit does not depend on the layer whose activations are weighted by their relevance for it.",
            "Expected a layer before the unit.",
        )
    relevance = tf.nn.relu(tf.stop_gradient(acts * gradient))
    largest = tf.reduce_max(relevance, axis=list(range(1, acts.shape.rank)), keepdims=True)
    return acts * tf.math.divide_no_nan(relevance, largest)


def _kept(model: ModelBase, key: Hashable, compute: Callable[[], FloatArray]) -> FloatArray:
    known: OrderedDict[Hashable, FloatArray] = model.kept.setdefault("embeddings", OrderedDict())
    if key not in known:
        known[key] = compute()
    known.move_to_end(key)
    while len(known) > _MOST_KEPT:
        known.popitem(last=False)
    return known[key]


def _range_of(preprocessor: Any) -> tuple[Any, Any]:
    """The input range that belongs to a preprocessor, from the scale and offset of its image converter."""
    converter = getattr(preprocessor, "image_converter", None)
    scale, offset = (getattr(converter, each, None) for each in ("scale", "offset"))
    if scale is None:
        return tuple((-_MEAN / _DEVIATION).tolist()), tuple(((1 - _MEAN) / _DEVIATION).tolist())
    low = np.broadcast_to(0.0 if offset is None else np.ravel(offset), 3)
    high = 255 * np.broadcast_to(np.ravel(scale), 3) + low
    return tuple(low.tolist()), tuple(high.tolist())


def _token_ids(tokenize: Any, texts: list[str]) -> Any:
    if not hasattr(tokenize, "tokenizer"):
        return keras.ops.convert_to_tensor(np.asarray(tokenize(texts)), "int32")
    # KerasHub's preprocessor takes texts and images together.
    images = np.zeros((len(texts), 1, 1, 3), np.float32)
    return tokenize({"prompts": texts, "images": images})["token_ids"]
