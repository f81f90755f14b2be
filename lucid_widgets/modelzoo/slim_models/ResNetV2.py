"""Lucid's ResNets V2 from TF-Slim."""

from __future__ import annotations

from lucid_widgets.modelzoo.slim_models._slim import CLASSES, FOLDER, Slim

__all__ = ["ResnetV2_50_slim", "ResnetV2_101_slim", "ResnetV2_152_slim"]

_CHANNELS = (256, 512, 1024, 2048)


def _resnet_v2(depth: int, *units: int) -> dict[str, int]:
    listed: dict[str, int] = {}
    before = 64
    for block, (count, channels) in enumerate(zip(units, _CHANNELS, strict=True), 1):
        path = f"resnet_v2_{depth}/block{block}"
        listed[f"{path}/unit_1/bottleneck_v2/preact/Relu"] = before
        listed.update({f"{path}/unit_{unit}/bottleneck_v2/add": channels for unit in range(1, count + 1)})
        before = channels
    return {**listed, f"resnet_v2_{depth}/postnorm/Relu": 2048, f"resnet_v2_{depth}/predictions/Softmax": CLASSES}


class ResnetV2_50_slim(Slim):
    """ResNet-50 V2, with normalization before each convolution."""

    source = f"{FOLDER}/ResnetV2_50.pb"
    alternative = "keras.applications.ResNet50V2()"
    listed = _resnet_v2(50, 3, 4, 6, 3)


class ResnetV2_101_slim(Slim):
    """ResNet-101 V2, with normalization before each convolution."""

    source = f"{FOLDER}/ResnetV2_101.pb"
    alternative = "keras.applications.ResNet101V2()"
    listed = _resnet_v2(101, 3, 4, 23, 3)


class ResnetV2_152_slim(Slim):
    """ResNet-152 V2, with normalization before each convolution."""

    source = f"{FOLDER}/ResnetV2_152.pb"
    alternative = "keras.applications.ResNet152V2()"
    listed = _resnet_v2(152, 3, 8, 36, 3)
