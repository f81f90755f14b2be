"""Lucid's MobileNets V2 from TF-Slim."""

from __future__ import annotations

from lucid_widgets.modelzoo.slim_models._slim import CLASSES, FOLDER, Slim

__all__ = ["MobilenetV2_10_slim", "MobilenetV2_14_slim"]


def _mobile_net_v2(*channels: int) -> dict[str, int]:
    blocks = ((2,), (4, 5), (7, 8, 9), (11, 12), (14, 15))
    return {
        **{
            f"MobilenetV2/expanded_conv_{number}/add": count
            for numbers, count in zip(blocks, channels, strict=True)
            for number in numbers
        },
        "MobilenetV2/Predictions/Softmax": CLASSES,
    }


class MobilenetV2_10_slim(Slim):
    """MobileNet V2."""

    source = f"{FOLDER}/MobilenetV2_10.pb"
    alternative = "keras.applications.MobileNetV2()"
    listed = _mobile_net_v2(24, 32, 64, 96, 160)


class MobilenetV2_14_slim(Slim):
    """MobileNet V2 with a width multiplier of 1.4."""

    source = f"{FOLDER}/MobilenetV2_14.pb"
    alternative = "keras.applications.MobileNetV2(alpha=1.4)"
    listed = _mobile_net_v2(32, 48, 88, 136, 224)
