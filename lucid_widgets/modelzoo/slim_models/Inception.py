"""Lucid's Inceptions from TF-Slim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lucid_widgets.modelzoo.graphdef.zoo_model import under
from lucid_widgets.modelzoo.slim_models._slim import CLASSES, FOLDER, Slim

__all__ = ["InceptionResnetV2_slim", "InceptionV1_slim", "InceptionV2_slim", "InceptionV3_slim", "InceptionV4_slim"]


class InceptionV1_slim(Slim):
    """Inception V1, trained in TF-Slim."""

    source = f"{FOLDER}/InceptionV1.pb"
    alternative = "models.InceptionV1()"
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV1/InceptionV1/Conv2d_{}/Relu", **{"1a_7x7": 64, "2b_1x1": 64, "2c_3x3": 192}),
        **under("InceptionV1/InceptionV1/Mixed_{}/concat", **{"3b": 256, "3c": 480, "4b": 512, "4c": 512, "4d": 512}),
        **under("InceptionV1/InceptionV1/Mixed_{}/concat", **{"4e": 528, "4f": 832, "5b": 832, "5c": 1024}),
        "InceptionV1/Logits/Predictions/Softmax": CLASSES,
    }


class InceptionV2_slim(Slim):
    """Inception V2, the first with batch normalization."""

    source = f"{FOLDER}/InceptionV2.pb"
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV2/InceptionV2/Conv2d_{}/Relu", **{"1a_7x7": 64, "2b_1x1": 64, "2c_3x3": 192}),
        **under("InceptionV2/InceptionV2/Mixed_{}/concat", **{"3b": 256, "3c": 320}),
        **{f"InceptionV2/InceptionV2/Mixed_4{block}/concat": 576 for block in "abcde"},
        **{f"InceptionV2/InceptionV2/Mixed_5{block}/concat": 1024 for block in "abc"},
        "InceptionV2/Predictions/Softmax": CLASSES,
    }


class InceptionV3_slim(Slim):
    """Inception V3."""

    source = f"{FOLDER}/InceptionV3.pb"
    alternative = "keras.applications.InceptionV3()"
    image_shape = (299, 299, 3)
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV3/InceptionV3/Conv2d_{}/Relu", **{"1a_3x3": 32, "2a_3x3": 32, "2b_3x3": 64}),
        **under("InceptionV3/InceptionV3/Conv2d_{}/Relu", **{"3b_1x1": 80, "4a_3x3": 192}),
        **under("InceptionV3/InceptionV3/Mixed_{}/concat", **{"5b": 256, "5c": 288, "5d": 288}),
        **{f"InceptionV3/InceptionV3/Mixed_6{block}/concat": 768 for block in "abcde"},
        **under("InceptionV3/InceptionV3/Mixed_{}/concat", **{"7a": 1280, "7b": 2048, "7c": 2048}),
        "InceptionV3/Predictions/Softmax": CLASSES,
    }


class InceptionV4_slim(Slim):
    """Inception V4."""

    source = f"{FOLDER}/InceptionV4.pb"
    image_shape = (299, 299, 3)
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV4/InceptionV4/Conv2d_{}/Relu", **{"1a_3x3": 32, "2a_3x3": 32, "2b_3x3": 64}),
        **under("InceptionV4/InceptionV4/Mixed_{}/concat", **{"3a": 160, "4a": 192}),
        **{f"InceptionV4/InceptionV4/Mixed_5{block}/concat": 384 for block in "abcde"},
        **{f"InceptionV4/InceptionV4/Mixed_6{block}/concat": 1024 for block in "abcdefgh"},
        **{f"InceptionV4/InceptionV4/Mixed_7{block}/concat": 1536 for block in "abcd"},
        "InceptionV4/Logits/Predictions": CLASSES,
    }


def _residual_blocks(place: str, count: int, channels: int) -> dict[str, int]:
    path = f"InceptionResnetV2/InceptionResnetV2/{place}"
    return {f"{path}_{number}/{end}": channels for number in range(1, count + 1) for end in ("add", "Relu")}


class InceptionResnetV2_slim(Slim):
    """Inception-ResNet V2."""

    source = f"{FOLDER}/InceptionResnetV2.pb"
    alternative = "keras.applications.InceptionResNetV2()"
    image_shape = (299, 299, 3)
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionResnetV2/InceptionResnetV2/Conv2d_{}/Relu", **{"1a_3x3": 32, "2a_3x3": 32, "2b_3x3": 64}),
        **under("InceptionResnetV2/InceptionResnetV2/Conv2d_{}/Relu", **{"3b_1x1": 80, "4a_3x3": 192}),
        "InceptionResnetV2/InceptionResnetV2/Mixed_5b/concat": 320,
        **_residual_blocks("Repeat/block35", 10, 320),
        "InceptionResnetV2/InceptionResnetV2/Mixed_6a/concat": 1088,
        **_residual_blocks("Repeat_1/block17", 20, 1088),
        "InceptionResnetV2/InceptionResnetV2/Mixed_7a/concat": 2080,
        **_residual_blocks("Repeat_2/block8", 9, 2080),
        "InceptionResnetV2/InceptionResnetV2/Block8/add": 2080,
        "InceptionResnetV2/InceptionResnetV2/Conv2d_7b_1x1/Relu": 1536,
        "InceptionResnetV2/Logits/Predictions": CLASSES,
    }
