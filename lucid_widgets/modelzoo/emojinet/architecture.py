"""The architecture of EmojiNet, a small Inception network, as a Keras model.

The names follow Lucid's: `mixed4a_pre_relu` is the concatenation of a block's branches, before its single ReLU, and
`mixed4a` comes after the ReLU. Pools average, because the gradient of a maximum reaches only one pixel of nine, which
appears as a checkerboard in visualizations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

__all__ = ["BLOCKS", "Block", "build"]


class Block(NamedTuple):
    """Numbers of channels in the branches of an inception block; `b3` and `b5` are bottlenecks."""

    name: str
    c1: int
    b3: int
    c3: int
    b5: int
    c5: int
    pool: int

    @property
    def channels(self) -> int:
        """Number of channels of the concatenated branches."""
        return self.c1 + self.c3 + self.c5 + self.pool


STEM = (24, 48)
BLOCKS = (
    Block("mixed3a", 24, 24, 48, 8, 16, 16),
    Block("mixed3b", 40, 40, 80, 12, 24, 24),
    Block("mixed4a", 64, 56, 112, 20, 48, 32),
    Block("mixed4b", 64, 64, 128, 24, 56, 40),
    Block("mixed4c", 72, 72, 144, 24, 64, 40),
    Block("mixed5a", 96, 96, 192, 32, 80, 48),
    Block("mixed5b", 112, 96, 208, 32, 80, 48),
)
_POOLED_BEFORE = {"mixed3a", "mixed4a", "mixed5a"}


def build(classes: int, normalize: bool = False, blocks: tuple[Block, ...] = BLOCKS, dropout: float = 0.0) -> Any:
    """Build EmojiNet with random weights.

    Args:
        classes: Number of classes.
        normalize: Whether a convolution is followed by batch normalization, as in training, or has a bias.
        blocks: The inception blocks.
        dropout: Dropout rate of the pooled features in training.

    Returns:
        A Keras model from images `[batch, height, width, 3]` in [0, 1], of at least 32 pixels per side, to
        probabilities `[batch, classes]`. The layer before the softmax is `logits`.
    """
    image = keras.Input((None, None, 3), name="image")

    def convolve(x: Any, channels: int, size: int, name: str, strides: int = 1) -> Any:
        convolution = keras.layers.Conv2D(
            channels,
            size,
            strides,
            padding="same",
            use_bias=not normalize,
            kernel_initializer="he_normal",
            name=f"{name}_conv" if normalize else name,
        )
        x = convolution(x)
        return keras.layers.BatchNormalization(momentum=0.97, name=name)(x) if normalize else x

    def rectify(x: Any, name: str) -> Any:
        return keras.layers.ReLU(name=name)(x)

    x = keras.layers.Rescaling(2, -1, name="centered")(image)
    x = rectify(convolve(x, STEM[0], 5, "conv2d0_pre_relu", strides=2), "conv2d0")
    x = rectify(convolve(x, STEM[1], 3, "conv2d1_pre_relu"), "conv2d1")
    for block in blocks:
        name = block.name
        if name in _POOLED_BEFORE:
            x = keras.layers.AveragePooling2D(3, 2, "same", name=f"{name}_input")(x)
        narrow3 = rectify(convolve(x, block.b3, 1, f"{name}_3x3_bottleneck_pre_relu"), f"{name}_3x3_bottleneck")
        narrow5 = rectify(convolve(x, block.b5, 1, f"{name}_5x5_bottleneck_pre_relu"), f"{name}_5x5_bottleneck")
        # Averaging and a 1 x 1 convolution commute. After the convolution there are fewer channels to average.
        reduced = convolve(x, block.pool, 1, f"{name}_pool_reduce")
        branches = [
            convolve(x, block.c1, 1, f"{name}_1x1_pre_relu"),
            convolve(narrow3, block.c3, 3, f"{name}_3x3_pre_relu"),
            convolve(narrow5, block.c5, 5, f"{name}_5x5_pre_relu"),
            keras.layers.AveragePooling2D(3, 1, "same", name=f"{name}_pool_pre_relu")(reduced),
        ]
        x = rectify(keras.layers.Concatenate(name=f"{name}_pre_relu")(branches), name)
    x = keras.layers.GlobalAveragePooling2D(name="avgpool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = keras.layers.Dense(classes, name="logits")(x)
    return keras.Model(image, keras.layers.Softmax(name="probs")(logits), name="EmojiNet")
