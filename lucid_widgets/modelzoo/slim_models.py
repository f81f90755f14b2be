"""Lucid's networks from TF-Slim: the Inceptions, MobileNets, ResNets and NASNets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel, under

__all__ = [
    "InceptionResnetV2_slim",
    "InceptionV1_slim",
    "InceptionV2_slim",
    "InceptionV3_slim",
    "InceptionV4_slim",
    "MobilenetV1_025_slim",
    "MobilenetV1_050_slim",
    "MobilenetV1_slim",
    "MobilenetV2_10_slim",
    "MobilenetV2_14_slim",
    "NasnetLarge_slim",
    "NasnetMobile_slim",
    "PnasnetLarge_slim",
    "PnasnetMobile_slim",
    "ResnetV1_50_slim",
    "ResnetV1_101_slim",
    "ResnetV1_152_slim",
    "ResnetV2_50_slim",
    "ResnetV2_101_slim",
    "ResnetV2_152_slim",
]

_FOLDER = "gs://modelzoo/vision/slim_models"
_CLASSES = 1001  # a background class, then ImageNet's 1000


class _Slim(ZooModel):
    image_value_range = (-1, 1)
    image_shape = (224, 224, 3)
    input_name = "input"


class InceptionV1_slim(_Slim):
    """Inception V1, trained in TF-Slim."""

    source = f"{_FOLDER}/InceptionV1.pb"
    alternative = "models.InceptionV1()"
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV1/InceptionV1/Conv2d_{}/Relu", **{"1a_7x7": 64, "2b_1x1": 64, "2c_3x3": 192}),
        **under("InceptionV1/InceptionV1/Mixed_{}/concat", **{"3b": 256, "3c": 480, "4b": 512, "4c": 512, "4d": 512}),
        **under("InceptionV1/InceptionV1/Mixed_{}/concat", **{"4e": 528, "4f": 832, "5b": 832, "5c": 1024}),
        "InceptionV1/Logits/Predictions/Softmax": _CLASSES,
    }


class InceptionV2_slim(_Slim):
    """Inception V2, the first with batch normalization."""

    source = f"{_FOLDER}/InceptionV2.pb"
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV2/InceptionV2/Conv2d_{}/Relu", **{"1a_7x7": 64, "2b_1x1": 64, "2c_3x3": 192}),
        **under("InceptionV2/InceptionV2/Mixed_{}/concat", **{"3b": 256, "3c": 320}),
        **{f"InceptionV2/InceptionV2/Mixed_4{block}/concat": 576 for block in "abcde"},
        **{f"InceptionV2/InceptionV2/Mixed_5{block}/concat": 1024 for block in "abc"},
        "InceptionV2/Predictions/Softmax": _CLASSES,
    }


class InceptionV3_slim(_Slim):
    """Inception V3."""

    source = f"{_FOLDER}/InceptionV3.pb"
    alternative = "keras.applications.InceptionV3()"
    image_shape = (299, 299, 3)
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV3/InceptionV3/Conv2d_{}/Relu", **{"1a_3x3": 32, "2a_3x3": 32, "2b_3x3": 64}),
        **under("InceptionV3/InceptionV3/Conv2d_{}/Relu", **{"3b_1x1": 80, "4a_3x3": 192}),
        **under("InceptionV3/InceptionV3/Mixed_{}/concat", **{"5b": 256, "5c": 288, "5d": 288}),
        **{f"InceptionV3/InceptionV3/Mixed_6{block}/concat": 768 for block in "abcde"},
        **under("InceptionV3/InceptionV3/Mixed_{}/concat", **{"7a": 1280, "7b": 2048, "7c": 2048}),
        "InceptionV3/Predictions/Softmax": _CLASSES,
    }


class InceptionV4_slim(_Slim):
    """Inception V4."""

    source = f"{_FOLDER}/InceptionV4.pb"
    image_shape = (299, 299, 3)
    listed: ClassVar[Mapping[str, int]] = {
        **under("InceptionV4/InceptionV4/Conv2d_{}/Relu", **{"1a_3x3": 32, "2a_3x3": 32, "2b_3x3": 64}),
        **under("InceptionV4/InceptionV4/Mixed_{}/concat", **{"3a": 160, "4a": 192}),
        **{f"InceptionV4/InceptionV4/Mixed_5{block}/concat": 384 for block in "abcde"},
        **{f"InceptionV4/InceptionV4/Mixed_6{block}/concat": 1024 for block in "abcdefgh"},
        **{f"InceptionV4/InceptionV4/Mixed_7{block}/concat": 1536 for block in "abcd"},
        "InceptionV4/Logits/Predictions": _CLASSES,
    }


def _residual_blocks(place: str, count: int, channels: int) -> dict[str, int]:
    path = f"InceptionResnetV2/InceptionResnetV2/{place}"
    return {f"{path}_{number}/{end}": channels for number in range(1, count + 1) for end in ("add", "Relu")}


class InceptionResnetV2_slim(_Slim):
    """Inception-ResNet V2."""

    source = f"{_FOLDER}/InceptionResnetV2.pb"
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
        "InceptionResnetV2/Logits/Predictions": _CLASSES,
    }


def _mobile_net(divisor: int) -> dict[str, int]:
    channels = (64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    return {
        "MobilenetV1/MobilenetV1/Conv2d_0/Relu6": 32 // divisor,
        **{
            f"MobilenetV1/MobilenetV1/Conv2d_{number}_pointwise/Relu6": count // divisor
            for number, count in enumerate(channels, 1)
        },
        "MobilenetV1/Predictions/Softmax": _CLASSES,
    }


class MobilenetV1_slim(_Slim):
    """MobileNet V1."""

    source = f"{_FOLDER}/MobilenetV1.pb"
    alternative = "keras.applications.MobileNet()"
    listed = _mobile_net(1)


class MobilenetV1_050_slim(_Slim):
    """MobileNet V1 with a width multiplier of 0.5."""

    source = f"{_FOLDER}/MobilenetV1050.pb"
    alternative = "keras.applications.MobileNet(alpha=0.5)"
    listed = _mobile_net(2)


class MobilenetV1_025_slim(_Slim):
    """MobileNet V1 with a width multiplier of 0.25."""

    source = f"{_FOLDER}/MobilenetV1025.pb"
    alternative = "keras.applications.MobileNet(alpha=0.25)"
    listed = _mobile_net(4)


def _mobile_net_v2(*channels: int) -> dict[str, int]:
    blocks = ((2,), (4, 5), (7, 8, 9), (11, 12), (14, 15))
    return {
        **{
            f"MobilenetV2/expanded_conv_{number}/add": count
            for numbers, count in zip(blocks, channels, strict=True)
            for number in numbers
        },
        "MobilenetV2/Predictions/Softmax": _CLASSES,
    }


class MobilenetV2_10_slim(_Slim):
    """MobileNet V2."""

    source = f"{_FOLDER}/MobilenetV2_10.pb"
    alternative = "keras.applications.MobileNetV2()"
    listed = _mobile_net_v2(24, 32, 64, 96, 160)


class MobilenetV2_14_slim(_Slim):
    """MobileNet V2 with a width multiplier of 1.4."""

    source = f"{_FOLDER}/MobilenetV2_14.pb"
    alternative = "keras.applications.MobileNetV2(alpha=1.4)"
    listed = _mobile_net_v2(32, 48, 88, 136, 224)


_CHANNELS = (256, 512, 1024, 2048)


def _resnet_v1(depth: int, *units: int) -> dict[str, int]:
    return {
        f"resnet_v1_{depth}/conv1/Relu": 64,
        **{
            f"resnet_v1_{depth}/block{block}/unit_{unit}/bottleneck_v1/Relu": channels
            for block, (count, channels) in enumerate(zip(units, _CHANNELS, strict=True), 1)
            for unit in range(1, count + 1)
        },
        f"resnet_v1_{depth}/predictions/Softmax": 1000,
    }


def _resnet_v2(depth: int, *units: int) -> dict[str, int]:
    listed: dict[str, int] = {}
    before = 64
    for block, (count, channels) in enumerate(zip(units, _CHANNELS, strict=True), 1):
        path = f"resnet_v2_{depth}/block{block}"
        listed[f"{path}/unit_1/bottleneck_v2/preact/Relu"] = before
        listed.update({f"{path}/unit_{unit}/bottleneck_v2/add": channels for unit in range(1, count + 1)})
        before = channels
    return {**listed, f"resnet_v2_{depth}/postnorm/Relu": 2048, f"resnet_v2_{depth}/predictions/Softmax": _CLASSES}


class ResnetV1_50_slim(_Slim):
    """ResNet-50 V1."""

    source = f"{_FOLDER}/ResnetV1_50.pb"
    alternative = "keras.applications.ResNet50()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(50, 3, 4, 6, 3)


class ResnetV1_101_slim(_Slim):
    """ResNet-101 V1."""

    source = f"{_FOLDER}/ResnetV1_101.pb"
    alternative = "keras.applications.ResNet101()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(101, 3, 4, 23, 3)


class ResnetV1_152_slim(_Slim):
    """ResNet-152 V1."""

    source = f"{_FOLDER}/ResnetV1_152.pb"
    alternative = "keras.applications.ResNet152()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(152, 3, 8, 36, 3)


class ResnetV2_50_slim(_Slim):
    """ResNet-50 V2, with normalization before each convolution."""

    source = f"{_FOLDER}/ResnetV2_50.pb"
    alternative = "keras.applications.ResNet50V2()"
    listed = _resnet_v2(50, 3, 4, 6, 3)


class ResnetV2_101_slim(_Slim):
    """ResNet-101 V2, with normalization before each convolution."""

    source = f"{_FOLDER}/ResnetV2_101.pb"
    alternative = "keras.applications.ResNet101V2()"
    listed = _resnet_v2(101, 3, 4, 23, 3)


class ResnetV2_152_slim(_Slim):
    """ResNet-152 V2, with normalization before each convolution."""

    source = f"{_FOLDER}/ResnetV2_152.pb"
    alternative = "keras.applications.ResNet152V2()"
    listed = _resnet_v2(152, 3, 8, 36, 3)


def _cells(
    first: int, stem: tuple[int, int], cells: int, channels: tuple[int, ...], reduced: tuple[int, ...] = ()
) -> dict[str, int]:
    """Layers of a NASNet: the stem, then three groups of cells, each with twice the channels of the previous one."""
    listed = {"conv0/Conv2D": first}
    listed.update({f"cell_stem_{number}/cell_output/concat": count for number, count in enumerate(stem)})
    for group, count in enumerate(channels):
        numbers = range(group * cells, (group + 1) * cells)
        listed.update({f"cell_{number}/cell_output/concat": count for number in numbers})
        if group < len(reduced):
            listed[f"reduction_cell_{group}/cell_output/concat"] = reduced[group]
    return {**listed, "final_layer/predictions": _CLASSES}


class NasnetMobile_slim(_Slim):
    """NASNet-A Mobile."""

    source = f"{_FOLDER}/NasnetMobile.pb"
    alternative = "keras.applications.NASNetMobile()"
    listed = _cells(32, (44, 88), 4, (264, 528, 1056), (352, 704))


class NasnetLarge_slim(_Slim):
    """NASNet-A Large."""

    source = f"{_FOLDER}/NasnetLarge.pb"
    alternative = "keras.applications.NASNetLarge()"
    image_shape = (331, 331, 3)
    listed = _cells(96, (168, 336), 6, (1008, 2016, 4032), (1344, 2688))


class PnasnetMobile_slim(_Slim):
    """PNASNet-5 Mobile."""

    source = f"{_FOLDER}/PnasnetMobile.pb"
    listed = _cells(32, (65, 135), 3, (270, 540, 1080))


class PnasnetLarge_slim(_Slim):
    """PNASNet-5 Large."""

    source = f"{_FOLDER}/PnasnetLarge.pb"
    image_shape = (331, 331, 3)
    listed = _cells(96, (270, 540), 4, (1080, 2160, 4320))
