"""Recognizing the input range of a Keras model from its first layers, by running them, or from its family."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.base.input_probe import CANDIDATES, WHOLE_NUMBERS, InputKnowledge, measured_range
from lucid_widgets.modelzoo.keras.input_range import INPUT_RANGES, InputRange
from lucid_widgets.modelzoo.keras.kinds import kind_of
from lucid_widgets.modelzoo.keras.replay import IMAGE_SLOT, Node, Replay, run

__all__ = ["recognized_input_range", "takes_signals"]


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


# The Inception networks expect (-1, 1) too, but their layers have no names to recognize them by. EfficientNet,
# MobileNetV3, EfficientNetV2 and ConvNeXt contain scaling layers unless built with include_preprocessing=False.
_FAMILIES = {
    "MobileNet": _Family("tf", "conv1", (8, 16, 24, 32), 3, 2, {"conv1_bn": None, "conv_dw_1": None}),
    "MobileNetV2": _Family("tf", "Conv1", (16, 24, 32, 48), 3, 2, {"bn_Conv1": None, "expanded_conv_depthwise": None}),
    "ResNetV2": _Family("tf", "conv1_conv", (64,), 7, 2, {"pool1_pad": None, "conv2_block1_preact_bn": None}),
    "Xception": _Family("tf", "block1_conv1", (32,), 3, 2, {"block1_conv2": 64, "block2_sepconv1": 128}),
    "NASNet": _Family("tf", "stem_conv1", (32, 96), 3, 2, {"stem_bn1": None}),
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

# Kinds of layers that mix positions, and those that end the preparation of an image in any case.
_MIXING = frozenset({"conv", "dense", "pool", "attention", "relu", "softmax"})

_FAILURES = (ValueError, TypeError, AttributeError, RuntimeError, tf.errors.OpError)


def recognized_input_range(replay: Replay) -> tuple[InputKnowledge, InputRange]:
    """How the input range of a model was found, and the range.

    The layers before the first one that mixes positions are run on images in each candidate range. If they change
    nothing, a family of `keras.applications` gets the range of its training, and a network that begins with a layer
    such as `RandomBrightness(0.2, value_range=(0, 1))` the range of that layer. For all others, (-1, 1) is a guess.
    """
    preparation, entries = _first_nodes(replay)
    dtype = keras.backend.standardize_dtype(replay.specs[IMAGE_SLOT].dtype)
    if dtype in WHOLE_NUMBERS:
        return "declared", InputRange(*_as_floats(replay, preparation, entries, dtype))
    scaled = _measured(replay, preparation, entries) if preparation else None
    if scaled is not None:
        return "measured", InputRange(*scaled)
    names = {node.name.rpartition("/")[2]: node.operation for node in replay.nodes}
    for family in _FAMILIES.values():
        if len(entries) == 1 and _belongs_to(family, entries[0], names):
            return "declared", INPUT_RANGES[family.convention]
    stated = next((value_range for node in preparation if (value_range := _stated(node.operation))), None)
    return ("guessed", INPUT_RANGES["tf"]) if stated is None else ("declared", InputRange(*stated))


def takes_signals(replay: Replay) -> bool:
    """Whether a model takes signals `(length, channels)`: the first layers that mix positions work on one axis."""
    if len(replay.specs[IMAGE_SLOT].shape) != 3:
        return False
    _, entries = _first_nodes(replay)
    return any("1D" in type(node.operation).__name__ for node in entries)


def _stated(operation: Any) -> tuple[float, float] | None:
    """Return the `value_range` of a preprocessing layer; None for other layers."""
    stated = getattr(operation, "value_range", None)
    if not isinstance(stated, (tuple, list)) or len(stated) != 2 or stated[0] >= stated[1]:
        return None
    return float(stated[0]), float(stated[1])


def _first_nodes(replay: Replay) -> tuple[list[Node], list[Node]]:
    """Nodes that prepare the image, and the nodes that use the prepared image."""
    prepared, preparation, entries = {IMAGE_SLOT}, [], []
    for node in replay.nodes:
        sources = set(node.inputs.values())
        if sources and sources <= prepared and not _mixes(node.operation):
            preparation.append(node)
            prepared.update(node.outputs)
        elif sources & prepared:
            entries.append(node)
    return preparation, entries


def _mixes(operation: Any) -> bool:
    filters = (weight for weight in getattr(operation, "weights", ()) if len(weight.shape) > 1)
    # The mean of a Normalization layer may have an axis for each axis of the image.
    large = any(max(weight.shape[:-1]) > 1 for weight in filters)
    return kind_of(operation) in _MIXING or (large and not isinstance(operation, keras.layers.Normalization))


def _measured(replay: Replay, preparation: list[Node], entries: list[Node]) -> tuple[float, float] | None:
    prepare, sides = _preparing(preparation, entries), replay.specs[IMAGE_SLOT].shape[1:]
    try:
        with tf.init_scope():
            if len(sides) == 2:
                return measured_range(lambda images: prepare(images[..., 0]), (*sides, 1))
            if len(sides) == 4:  # a volume whose slices are the same
                return measured_range(lambda images: prepare(np.stack([images] * (sides[0] or 1), 1)), sides[1:])
            return measured_range(prepare, sides)
    except _FAILURES:
        return None  # a layer that cannot be run alone should not reject the model


def _as_floats(replay: Replay, preparation: list[Node], entries: list[Node], dtype: str) -> tuple[float, float]:
    """Return the floats that the first layers treat like black and white in images of whole numbers.

    These are the same numbers, unless a layer scales whole numbers only, as `tf.image.convert_image_dtype` does.
    """
    low, high = WHOLE_NUMBERS[dtype]
    shape = (1, *(side or 32 for side in replay.specs[IMAGE_SLOT].shape[1:]))
    prepare = _preparing(preparation, entries)

    def outputs(values: Sequence[float], kind: str) -> list[Any]:
        return [np.asarray(each) for value in values for each in prepare(np.full(shape, value, kind))]

    try:
        with tf.init_scope():
            wanted = outputs((low, high), dtype)
            for candidate in ((low, high), *CANDIDATES):
                if all(map(np.allclose, wanted, outputs(candidate, "float32"))):
                    return candidate
    except _FAILURES:
        return low, high  # a layer that cannot be run alone should not reject the model
    raise ModelError(
        f"The first layers of the Keras model treat {dtype} images differently from images of floats.",
        "Gradients need floats. Pass the part of the model after its preprocessing: keras.Model(layer.input, outputs).",
    )


def _preparing(preparation: list[Node], entries: list[Node]) -> Callable[[Any], list[Any]]:
    """Return a function from images to what the first layers that mix positions receive."""
    made = {slot for node in preparation for slot in node.outputs}
    received = sorted({slot for node in entries for slot in node.inputs.values()} & made)

    def prepare(images: Any) -> list[Any]:
        tensors: dict[int, Any] = {IMAGE_SLOT: tf.constant(images)}
        for node in preparation:
            run(node, tensors)
        return [tf.cast(tensors[slot], tf.float32) for slot in received]

    return prepare


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
