"""Lucid's ResNets V1 from TF-Slim."""

from __future__ import annotations

from lucid_widgets.modelzoo.slim_models._slim import FOLDER, Slim

__all__ = ["ResnetV1_50_slim", "ResnetV1_101_slim", "ResnetV1_152_slim"]

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


class ResnetV1_50_slim(Slim):
    """ResNet-50 V1."""

    source = f"{FOLDER}/ResnetV1_50.pb"
    alternative = "keras.applications.ResNet50()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(50, 3, 4, 6, 3)


class ResnetV1_101_slim(Slim):
    """ResNet-101 V1."""

    source = f"{FOLDER}/ResnetV1_101.pb"
    alternative = "keras.applications.ResNet101()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(101, 3, 4, 23, 3)


class ResnetV1_152_slim(Slim):
    """ResNet-152 V1."""

    source = f"{FOLDER}/ResnetV1_152.pb"
    alternative = "keras.applications.ResNet152()"
    image_value_range = (-117, 138)
    listed = _resnet_v1(152, 3, 8, 36, 3)
