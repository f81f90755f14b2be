"""Receptive fields, compared with hand-computed and published numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as L
from modelzoo.tiny_nets import graph_def, placeholder, write

from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1
from lucid_widgets.modelzoo.graphdef.model import from_graphdef
from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.modelzoo.vision_models import EmojiNet

pytestmark = pytest.mark.slow


def fields(model: Any) -> dict[str, int | None]:
    return {layer.name: layer.receptive_field for layer in model.layers}


def kernel(size: int, inputs: int = 3, outputs: int = 2) -> Any:
    return tf.zeros([size, size, inputs, outputs])


def test_graph_matches_hand_computed_fields(tmp_path: Path) -> None:
    def build() -> None:
        image = placeholder()
        # 5 pixels, stride 2; plus (3 - 1) * 2; plus (2 - 1) * 2, stride 4; plus (3 - 1) * 2 * 4.
        first = tf.nn.conv2d(image, kernel(5), 2, "SAME", name="first")
        second = tf.nn.relu(tf.nn.conv2d(first, kernel(3, 2), 1, "VALID"), name="second")
        pooled = tf.nn.max_pool2d(second, 2, 2, "SAME", name="pooled")
        holes = tf.nn.conv2d(pooled, kernel(3, 2), 1, "SAME", dilations=2, name="holes")
        # A concatenation has the largest field of its inputs; a 1 x 1 convolution adds nothing.
        narrow = tf.nn.conv2d(pooled, kernel(1, 2), 1, "SAME", name="narrow")
        tf.concat([narrow, holes], 3, name="both")
        flat = tf.nn.max_pool2d(tf.reduce_mean(holes, [1, 2], keepdims=True), 1, 1, "SAME", name="all")
        tf.nn.softmax(tf.reshape(flat, [-1, 2]), name="probabilities")

    found = fields(from_graphdef(write(graph_def(build), tmp_path / "net.pb")))
    wanted = {"first": 5, "second": 9, "pooled": 11, "holes": 27, "narrow": 11, "both": 27, "probabilities": None}
    assert {name: found[name] for name in wanted} == wanted


def test_field_is_the_longer_side() -> None:
    image = keras.Input((32, 32, 3))
    wide = L.Conv2D(2, (1, 7), name="wide")(image)
    high = L.Conv2D(2, (3, 1), name="high")(wide)
    apart = L.DepthwiseConv2D((5, 1), name="apart")(high)
    assert fields(from_keras(keras.Model(image, apart))) == {"wide": 7, "high": 7, "apart": 7}
    taller = L.DepthwiseConv2D((6, 1), name="taller")(apart)
    assert fields(from_keras(keras.Model(image, taller)))["taller"] == 3 + 4 + 5


@pytest.mark.parametrize(
    "whole",
    [
        L.GlobalAveragePooling2D(),
        L.Flatten(),
        # Channel weights that depend on the whole image make every position depend on it.
        lambda t: t * L.GlobalAveragePooling2D(keepdims=True)(t),
        L.UpSampling2D(),
    ],
    ids=["mean", "flat", "squeeze and excite", "larger"],
)
def test_field_is_none_if_global_or_unknown(whole: Callable[[Any], Any]) -> None:
    image = keras.Input((8, 8, 3))
    seen = L.Conv2D(4, 3, name="seen")(image)
    end = L.Activation("relu", name="end")(whole(seen))
    found = fields(from_keras(keras.Model(image, end)))
    assert (found["seen"], found["end"]) == (3, None)


def test_normalization_and_padding_keep_the_field() -> None:
    image = keras.Input((8, 8, 3))
    t = L.ZeroPadding2D(3)(image)
    t = L.Conv2D(4, 3)(t)
    t = L.BatchNormalization()(t)
    t = L.LayerNormalization()(t)
    t = L.Activation("gelu", name="end")(t)
    assert fields(from_keras(keras.Model(image, t)))["end"] == 3


def test_inception_matches_hand_computed_fields(models_dir: Path) -> None:
    found = fields(InceptionV1(models_dir / "inception_v1_bvlc.pb"))
    # By hand, as size / stride: 7 / 2, 3 / 2, 1, 3, 3 / 2; then 5 x 5 in each block at stride 8, and at 16 and 32 after
    # a pool of 3 / 2 each. From mixed4c on, the field is larger than the image of 224 pixels.
    assert [found[name] for name in ("conv2d0", "conv2d1", "conv2d2")] == [7, 7 + 2 * 2, 11 + 2 * 4]
    assert [found[f"mixed3{end}"] for end in "ab"] == [27 + 4 * 8, 59 + 4 * 8]
    assert [found[f"mixed4{end}"] for end in "abcde"] == [107 + 64 * i for i in range(1, 6)]
    assert [found[f"mixed5{end}"] for end in "ab"] == [459 + 128, 587 + 128]
    assert found["softmax2"] is None


def test_emojinet_fields() -> None:
    found = fields(EmojiNet())
    assert found["conv2d0"] == 5
    assert found["mixed4a"] == found["mixed4a_pre_relu"] == 85
    assert found["logits"] is None


@pytest.mark.parametrize(
    ("make", "published"),
    [(keras.applications.VGG16, 212), (keras.applications.MobileNet, 315)],
    ids=["VGG16", "MobileNet"],
)
def test_networks_match_published_fields(make: Callable[..., Any], published: int) -> None:
    # Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
    model = from_keras(make(weights=None, include_top=False, input_shape=(224, 224, 3)))
    assert model.layers[-1].receptive_field == published


def test_layer_shape_is_that_of_one_image(models_dir: Path) -> None:
    model = InceptionV1(models_dir / "inception_v1_bvlc.pb")
    assert model.layers["mixed4a"].shape == (14, 14, 512)
    assert model.layers["softmax2"].shape == (1000,)
    assert EmojiNet().layers["mixed4a"].shape == (None, None, 256)
    assert np.prod(from_keras(keras.Sequential([keras.Input((6, 4, 3)), L.Conv2D(5, 1)])).layers[0].shape) == 6 * 4 * 5
