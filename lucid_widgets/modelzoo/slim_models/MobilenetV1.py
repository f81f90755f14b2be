"""Lucid's MobileNets V1 from TF-Slim."""

from __future__ import annotations

from lucid_widgets.modelzoo.slim_models._slim import CLASSES, FOLDER, Slim

__all__ = ["MobilenetV1_025_slim", "MobilenetV1_050_slim", "MobilenetV1_slim"]


def _mobile_net(divisor: int) -> dict[str, int]:
    channels = (64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    return {
        "MobilenetV1/MobilenetV1/Conv2d_0/Relu6": 32 // divisor,
        **{
            f"MobilenetV1/MobilenetV1/Conv2d_{number}_pointwise/Relu6": count // divisor
            for number, count in enumerate(channels, 1)
        },
        "MobilenetV1/Predictions/Softmax": CLASSES,
    }


class MobilenetV1_slim(Slim):
    """MobileNet V1."""

    source = f"{FOLDER}/MobilenetV1.pb"
    alternative = "keras.applications.MobileNet()"
    listed = _mobile_net(1)


class MobilenetV1_050_slim(Slim):
    """MobileNet V1 with a width multiplier of 0.5."""

    source = f"{FOLDER}/MobilenetV1050.pb"
    alternative = "keras.applications.MobileNet(alpha=0.5)"
    listed = _mobile_net(2)


class MobilenetV1_025_slim(Slim):
    """MobileNet V1 with a width multiplier of 0.25."""

    source = f"{FOLDER}/MobilenetV1025.pb"
    alternative = "keras.applications.MobileNet(alpha=0.25)"
    listed = _mobile_net(4)
