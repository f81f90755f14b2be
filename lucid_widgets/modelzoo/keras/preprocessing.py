"""What a Keras model expects for black and for white: told, found in its own first layers, or known of its family.

`keras.applications` has a `preprocess_input` for each of its families. All of them are a factor and an offset for each
channel, some with blue first, so the three fields of a `Feed` say the same; the user never calls them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, unknown_name
from lucid_widgets.modelzoo.keras.plan import IMAGE_SLOT, Plan, Step, run

_MEAN_RGB = (123.68, 116.779, 103.939)
_TORCH_MEAN, _TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Feed:
    """What goes into a network.

    Attributes:
        low: For black; a number, or one for each channel in the network's order.
        high: For white.
        is_BGR: Whether blue comes first.
    """

    low: Any
    high: Any
    is_BGR: bool = False


FEEDS: Mapping[str, Feed] = {
    "raw": Feed(0, 255),
    "tf": Feed(-1, 1),
    "caffe": Feed(
        tuple(-mean for mean in reversed(_MEAN_RGB)), tuple(255 - mean for mean in reversed(_MEAN_RGB)), is_BGR=True
    ),
    "torch": Feed(
        tuple(-mean / deviation for mean, deviation in zip(_TORCH_MEAN, _TORCH_DEVIATION, strict=True)),
        tuple((1 - mean) / deviation for mean, deviation in zip(_TORCH_MEAN, _TORCH_DEVIATION, strict=True)),
    ),
}
"""The conventions of `keras.applications`, under the names that Keras has for them; `"raw"` is 0 to 255."""


@dataclass(frozen=True)
class _Family:
    """A family of networks that wants something else than (-1, 1), and what it is recognised by.

    The names of a network's layers tell its family, also where the network is called something else, was cut, or is
    nested in another. For a network that only borrowed some names, the first convolution's shape is compared too.
    """

    feed: str
    entry: str
    filters: tuple[int, ...]
    kernel: int
    stride: int
    marks: Mapping[str, int | None]


# For each mark its number of filters, None for layers without. MobileNet, MobileNetV2, Inception, Xception, NASNet and
# ResNetV2 want (-1, 1), which is the default. EfficientNet, MobileNetV3, EfficientNetV2 and ConvNeXt scale by
# themselves unless they were built with include_preprocessing=False.
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

# Layers that leave an image's values as they are, and such that scale them.
_NEUTRAL = (
    r"Identity|Cast|GetItem|Stack|Flip|ZeroPadding2D|Cropping2D|CenterCrop|Resizing|Resize|Pad|Dropout|GaussianNoise|"
    r"GaussianDropout|Random\w+|AugMix|RandAugment|CutMix|MixUp|Pipeline|AutoContrast|Solarization|Equalization"
)
_SCALING = r"Rescaling|Normalization|TrueDivide|Divide|Multiply|Subtract|Add"

# Brighter than this is no network's white, so that the image that was scaled to it had no business with 255.
_BRIGHTEST = 256.0


def named_feed(preprocess: str | Callable[[Any], Any]) -> Feed:
    """The feed that `preprocess=` asks for.

    Args:
        preprocess: A name in `FEEDS`, or a function such as `keras.applications.resnet.preprocess_input`, from images
            in 0 to 255 to what the network expects.

    Raises:
        UnknownNameError: There is no convention of that name.
        ArgumentError: The function is more than a factor and an offset for each channel.
    """
    if callable(preprocess):
        return _measured(preprocess)
    if preprocess not in FEEDS:
        raise unknown_name("convention", str(preprocess), "preprocess=", list(FEEDS))
    return FEEDS[preprocess]


def guessed_feed(plan: Plan) -> Feed:
    """The feed of a model about which nothing was said.

    A model that begins with scaling (a Rescaling or Normalization layer, or a division, or what `preprocess_input`
    leaves in a functional model) takes 0 to 255, or 0 to 1 where 255 would come out too bright. Of the rest, a family
    of `keras.applications` gets what it was trained on, and every other model (-1, 1).
    """
    preparation, entries = _entry(plan)
    if any(_is(_SCALING, step) for step in preparation):
        return FEEDS["raw"] if _brightest(plan, preparation) <= _BRIGHTEST else Feed(0, 1)
    names = {step.name.rpartition("/")[2]: step.operation for step in plan.steps}
    for family in _FAMILIES.values():
        if len(entries) == 1 and _fits(family, entries[0], names):
            return FEEDS[family.feed]
    return FEEDS["tf"]


def _entry(plan: Plan) -> tuple[list[Step], list[Step]]:
    """The steps that prepare the image, and those that come first after them."""
    prepared, preparation, entries = {IMAGE_SLOT}, [], []
    for step in plan.steps:
        sources = set(step.inputs.values())
        if sources and sources <= prepared and (_is(_NEUTRAL, step) or _is(_SCALING, step)):
            preparation.append(step)
            prepared.update(step.outputs)
        elif sources & prepared:
            entries.append(step)
    return preparation, entries


def _is(pattern: str, step: Step) -> bool:
    return re.fullmatch(pattern, type(step.operation).__name__) is not None


def _brightest(plan: Plan, preparation: list[Step]) -> float:
    """The largest value, whatever its sign, that a white or a black image of 0 to 255 has after these steps."""
    _, height, width, channels = plan.specs[IMAGE_SLOT].shape
    with tf.init_scope():
        levels = tf.constant([0.0, 255.0])[:, None, None, None]
        tensors: dict[int, Any] = {IMAGE_SLOT: tf.tile(levels, (1, height or 8, width or 8, channels or 3))}
        try:
            for step in preparation:
                run(step, tensors)
        except (ValueError, TypeError, AttributeError, tf.errors.OpError):
            # A layer that cannot be run alone is no reason to refuse the model; 0 to 255 is what most scaling expects.
            return 0.0
        return max(float(tf.reduce_max(tf.abs(tf.cast(tensors[slot], tf.float32)))) for slot in _ends(preparation))


def _ends(steps: list[Step]) -> set[int]:
    used = {slot for step in steps for slot in step.inputs.values()}
    return {slot for step in steps for slot in step.outputs} - used


def _fits(family: _Family, step: Step, names: Mapping[str, Any]) -> bool:
    entry, first = re.fullmatch(family.entry, step.name.rpartition("/")[2]), step.operation
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


def _measured(preprocess: Callable[[Any], Any]) -> Feed:
    """The feed that does the same as a function, found by trying it on a few images."""
    probe = np.random.default_rng(0).uniform(0, 255, (3, 4, 5, 3)).astype(np.float32)
    probe[0], probe[1] = 0, 255
    # Some functions work in place.
    result = np.asarray(preprocess(probe.copy()), np.float64)
    if result.shape == probe.shape:
        low, high = result[0, 0, 0], result[1, 0, 0]
        for order, is_BGR in ((slice(None), False), (slice(None, None, -1), True)):
            same = low + probe[..., order] / 255 * (high - low)
            if np.allclose(result, same, rtol=1e-4, atol=1e-4 * np.abs(high - low).max()):
                return Feed(tuple(low.tolist()), tuple(high.tolist()), is_BGR)
    raise ArgumentError(
        f"{getattr(preprocess, '__name__', preprocess)!r} is more than a factor and an offset for each channel.",
        "Make it the first layer of the model, or pass image_value_range=(low, high).",
    )
