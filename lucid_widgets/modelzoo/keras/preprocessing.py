"""Recognizing the input range of a Keras model from its first layers, or from the family that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from lucid_widgets.modelzoo.keras.input_range import INPUT_RANGES, InputRange
from lucid_widgets.modelzoo.keras.replay import IMAGE_SLOT, Node, Replay, run

__all__ = ["recognized_input_range"]


@dataclass(frozen=True)
class _Family:
    """A family of networks with another input range than (-1, 1), and how to recognize it.

    The names of a network's layers identify its family, even if the network has another name, was cut, or is nested in
    another. The shape of the first convolution is compared too, because a network may use the same names by chance.

    Attributes:
        convention: Its name in `INPUT_RANGES`.
        entry: Pattern of the first convolution's name.
        filters: Numbers of filters that this convolution may have.
        kernel: Its kernel size.
        stride: Its stride.
        marks: Names of other layers, each with its number of filters, or None for a layer without filters.
    """

    convention: str
    entry: str
    filters: tuple[int, ...]
    kernel: int
    stride: int
    marks: Mapping[str, int | None]


# MobileNet, MobileNetV2, Inception, Xception, NASNet and ResNetV2 expect (-1, 1), which is the default. EfficientNet,
# MobileNetV3, EfficientNetV2 and ConvNeXt contain scaling layers unless built with include_preprocessing=False.
_FAMILIES = {
    "VGG": _Family("caffe", "block1_conv1", (64,), 3, 1, {"block1_conv2": 64, "block1_pool": None}),
    "ResNet": _Family("caffe", "conv1_conv", (64,), 7, 2, {"conv1_bn": None, "pool1_pad": None, "pool1_pool": None}),
    "DenseNet": _Family(
        "torch", "conv1_conv", (64,), 7, 2, {"conv1_bn": None, "pool1": None, "conv2_block1_1_conv": 128}
    ),
    "EfficientNetV2B": _Family(
        "torch", "stem_conv", (32, 40), 3, 2, {"stem_bn": None, "block1a_project_conv": 16, "block2a_expand_conv": None}
    ),
    "ConvNeXt": _Family(
        "torch", r"(.+)_stem_conv", (96, 128, 192, 256), 4, 4, {r"\1_stage_0_block_0_layer_scale": None}
    ),
}

# Layers that keep an image's values, and layers that scale them.
_NEUTRAL = (
    r"Identity|Cast|GetItem|Stack|Flip|ZeroPadding2D|Cropping2D|CenterCrop|Resizing|Resize|Pad|Dropout|GaussianNoise|"
    r"GaussianDropout|Random\w+|AugMix|RandAugment|CutMix|MixUp|Pipeline|AutoContrast|Solarization|Equalization"
)
_SCALING = r"Rescaling|Normalization|TrueDivide|Divide|Multiply|Subtract|Add"

# No network expects larger values. Scaling layers that turn 255 into more were made for images in 0 to 1.
_BRIGHTEST = 256.0


def recognized_input_range(replay: Replay) -> InputRange:
    """Input range of a model, as far as its layers show it.

    A model that begins with scaling (a Rescaling or Normalization layer, a division, or the operations that
    `preprocess_input` leaves in a functional model) takes 0 to 255, or 0 to 1 if 255 would come out too bright. A
    family of `keras.applications` gets the range of its training, and every other model (-1, 1).
    """
    preparation, entries = _first_nodes(replay)
    if any(_is(_SCALING, node) for node in preparation):
        return INPUT_RANGES["raw"] if _brightest(replay, preparation) <= _BRIGHTEST else InputRange(0, 1)
    names = {node.name.rpartition("/")[2]: node.operation for node in replay.nodes}
    for family in _FAMILIES.values():
        if len(entries) == 1 and _belongs_to(family, entries[0], names):
            return INPUT_RANGES[family.convention]
    return INPUT_RANGES["tf"]


def _first_nodes(replay: Replay) -> tuple[list[Node], list[Node]]:
    """Nodes that prepare the image, and the nodes that use the prepared image."""
    prepared, preparation, entries = {IMAGE_SLOT}, [], []
    for node in replay.nodes:
        sources = set(node.inputs.values())
        if sources and sources <= prepared and (_is(_NEUTRAL, node) or _is(_SCALING, node)):
            preparation.append(node)
            prepared.update(node.outputs)
        elif sources & prepared:
            entries.append(node)
    return preparation, entries


def _is(pattern: str, node: Node) -> bool:
    return re.fullmatch(pattern, type(node.operation).__name__) is not None


def _brightest(replay: Replay, preparation: list[Node]) -> float:
    """Largest absolute value that a black or a white image in 0 to 255 has after these nodes."""
    _, height, width, channels = replay.specs[IMAGE_SLOT].shape
    with tf.init_scope():
        levels = tf.constant([0.0, 255.0])[:, None, None, None]
        tensors: dict[int, Any] = {IMAGE_SLOT: tf.tile(levels, (1, height or 8, width or 8, channels or 3))}
        try:
            for node in preparation:
                run(node, tensors)
        except (ValueError, TypeError, AttributeError, tf.errors.OpError):
            # A layer that cannot be run alone should not reject the model. Most scaling layers expect 0 to 255.
            return 0.0
        last = _unused_outputs(preparation)
        return max(float(tf.reduce_max(tf.abs(tf.cast(tensors[slot], tf.float32)))) for slot in last)


def _unused_outputs(nodes: Sequence[Node]) -> set[int]:
    used = {slot for node in nodes for slot in node.inputs.values()}
    return {slot for node in nodes for slot in node.outputs} - used


def _belongs_to(family: _Family, node: Node, names: Mapping[str, Any]) -> bool:
    entry, first = re.fullmatch(family.entry, node.name.rpartition("/")[2]), node.operation
    if entry is None or not isinstance(first, keras.layers.Conv2D):
        return False
    if (first.kernel_size, first.strides) != ((family.kernel,) * 2, (family.stride,) * 2):
        return False
    if first.filters not in family.filters:
        return False
    marks = {entry.expand(name): filters for name, filters in family.marks.items()}
    return all(
        name in names and filters in (None, getattr(names[name], "filters", None)) for name, filters in marks.items()
    )
