"""The architecture of EmojiViT, a small Vision Transformer, as a Keras model of built-in layers.

The layers of block 0 are `block0_norm1`, `block0_attention`, `block0_attention_add`, `block0_norm2`, `block0_mlp_fc1`,
`block0_mlp_gelu`, `block0_mlp_fc2` and `block0_add`, each `[batch, 1 + patches, channels]` with the class token first.
"""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["SIDE", "build"]

SIDE = 64
"""Width and height of the images, in pixels. The position embedding fits no other size."""

_PATCH = 8
_MLP_RATIO = 4


def build(classes: int, blocks: int = 6, channels: int = 128, heads: int = 4, dropout: float = 0.0) -> Any:
    """Build EmojiViT with random weights.

    Args:
        classes: Number of classes.
        blocks: Number of blocks of the transformer.
        channels: Number of channels of a token; a multiple of `heads`.
        heads: Number of attention heads in a block.
        dropout: Dropout rate of the class token in training, before `logits`.

    Returns:
        A Keras model from images `[batch, 64, 64, 3]` in [0, 1] to probabilities `[batch, classes]`. The layer before
        the softmax is `logits`.
    """
    layers = keras.layers
    image = keras.Input((SIDE, SIDE, 3), name="image")
    patches = (SIDE // _PATCH) ** 2
    x = layers.Rescaling(2, -1, name="centered")(image)
    x = layers.Conv2D(channels, _PATCH, _PATCH, name="patch_embed")(x)
    x = layers.Reshape((patches, channels), name="patch_tokens")(x)
    # The class token starts as zeros. What it learns is the first row of the position embedding, a bias per token.
    x = layers.ZeroPadding1D((1, 0), name="class_slot")(x)
    x = layers.EinsumDense(
        "btc,cd->btd",
        output_shape=(1 + patches, channels),
        bias_axes="td",
        kernel_initializer="identity",
        bias_initializer=keras.initializers.RandomNormal(stddev=0.02),
        name="position",
    )(x)
    for index in range(blocks):
        name = f"block{index}"
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm1")(x)
        y = layers.MultiHeadAttention(heads, channels // heads, name=f"{name}_attention")(y, y)
        x = layers.Add(name=f"{name}_attention_add")([x, y])
        y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm2")(x)
        y = layers.Dense(_MLP_RATIO * channels, name=f"{name}_mlp_fc1")(y)
        y = layers.Activation("gelu", name=f"{name}_mlp_gelu")(y)
        y = layers.Dense(channels, name=f"{name}_mlp_fc2")(y)
        x = layers.Add(name=f"{name}_add")([x, y])
    x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
    x = layers.Cropping1D((0, patches), name="class_crop")(x)
    x = layers.Flatten(name="class_token")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="probs")(logits), name="EmojiViT")
