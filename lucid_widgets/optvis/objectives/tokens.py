"""Objectives of transformers: a single token, and what one token reads from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, out_of_range
from lucid_widgets.modelzoo.base.network import SCORES
from lucid_widgets.modelzoo.vision_base import T
from lucid_widgets.optvis.objectives.views import image_of
from lucid_widgets.optvis.objectives.wrapping import wrap_objective


def _check_token(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    shape = model.get_layer(arguments["layer"]).shape
    if shape is not None and len(shape) != 2:
        raise ModelError(
            f"Layer {arguments['layer']!r} has no tokens: its activations have the shape {shape}.",
            "Expected a layer [tokens, channels]. For a feature map, use neuron().",
        )
    index = arguments["index"]
    if shape is not None and shape[0] is not None and index >= shape[0]:
        raise out_of_range("Token", index, 0, shape[0] - 1, owner=f"layer {arguments['layer']!r}")


@wrap_objective(
    numbers=("index", "channel", "batch"),
    layer="layer",
    channel="channel",
    check=_check_token,
)
def token(layer: str, index: int, channel: int | None = None, batch: int | None = None) -> Callable[[T], Any]:
    """Activation of one token of a transformer: of one channel, or of the whole token.

    `channel` and `neuron` look at the patches of the image only. This objective also reaches the class token, which
    holds what a classifier reads at the end, and registers.

    Args:
        layer: Name of a layer of tokens, `[batch, tokens, channels]`.
        index: Index of the token, counted with class and register tokens. `model.token_grid.extra` names the tokens
            before the patches; the class token is usually token 0.
        channel: Index of a channel. Default: the mean square of all channels, which enhances what the token already
            responds to.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the activation, averaged over images.

    Raises:
        ModelError: If the layer has no tokens.
        OutOfRangeError: If the layer has no such token or channel.

    Example:
        >>> render_vis(model, objectives.token("block3_mlp", 0, 12))

    Source: New.
    """

    def inner(T: T) -> Any:
        values = image_of(T, batch)(layer)[:, index]
        return tf.reduce_mean(tf.square(values) if channel is None else values[:, channel])

    return inner


def _check_attention(arguments: Mapping[str, Any], model: Any, batch: int | None) -> None:
    layer = arguments["layer"]
    has_scores = model.network.has(f"{layer}{SCORES}")
    weights = model.get_layer(f"{layer}{SCORES}" if has_scores else layer).shape
    if not has_scores and (weights is None or len(weights) != 3):
        raise ModelError(
            f"Layer {layer!r} shows no attention weights.",
            "Expected a MultiHeadAttention layer of Keras, or a layer [heads, tokens, tokens].",
        )
    for name, size in zip(("head", "from_token", "to_token"), weights or (), strict=False):
        asked = arguments[name]
        if asked is not None and size is not None and asked >= size:
            raise out_of_range(name, asked, 0, size - 1, owner=f"the attention of layer {layer!r}")


@wrap_objective(
    numbers=("head", "from_token", "to_token", "batch"),
    layer="layer",
    check=_check_attention,
)
def attention(
    layer: str,
    head: int,
    from_token: int | None = None,
    to_token: int | None = None,
    batch: int | None = None,
) -> Callable[[T], Any]:
    """Attention weight: how much one token reads from another one in a head of a transformer.

    Args:
        layer: Name of a `MultiHeadAttention` layer of Keras, or of a layer of attention weights,
            `[batch, heads, from, to]`.
        head: Index of the head.
        from_token: Index of the token that reads, counted with class and register tokens. Default: the mean over all
            tokens.
        to_token: Index of the token that is read. The weights of a token add up to 1, so the mean over all tokens that
            are read is constant. Default: the token itself, averaged over the tokens that read.
        batch: Index of the image to look at. Default: the mean over all images.

    Returns:
        An objective: the weight, between 0 and 1, averaged over images.

    Raises:
        ModelError: If the layer shows no attention weights.
        OutOfRangeError: If the layer has no such head or token.

    Example:
        >>> # What makes the class token read the patch in the middle?
        >>> render_vis(model, objectives.attention("block2_attention", 1, 0, 22))

    Source: New.
    """

    def inner(T: T) -> Any:
        values = image_of(T, batch)(layer)
        weights = values if values.shape.rank == 4 else image_of(T, batch)(f"{layer}{SCORES}")
        weights = weights[:, head]
        if to_token is None:
            itself = tf.linalg.diag_part(weights)
            chosen = itself if from_token is None else itself[:, from_token]
            return tf.reduce_mean(chosen)
        weights = weights[:, :, to_token]
        return tf.reduce_mean(weights if from_token is None else weights[:, from_token])

    return inner


__all__ = ["attention", "token"]
