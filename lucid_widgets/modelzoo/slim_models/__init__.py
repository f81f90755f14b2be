"""Lucid's networks from TF-Slim: the Inceptions, MobileNets, ResNets and NASNets."""

from lucid_widgets.modelzoo.slim_models.Inception import (
    InceptionResnetV2_slim,
    InceptionV1_slim,
    InceptionV2_slim,
    InceptionV3_slim,
    InceptionV4_slim,
)
from lucid_widgets.modelzoo.slim_models.MobilenetV1 import MobilenetV1_025_slim, MobilenetV1_050_slim, MobilenetV1_slim
from lucid_widgets.modelzoo.slim_models.MobilenetV2 import MobilenetV2_10_slim, MobilenetV2_14_slim
from lucid_widgets.modelzoo.slim_models.others import (
    NasnetLarge_slim,
    NasnetMobile_slim,
    PnasnetLarge_slim,
    PnasnetMobile_slim,
)
from lucid_widgets.modelzoo.slim_models.ResNetV1 import ResnetV1_50_slim, ResnetV1_101_slim, ResnetV1_152_slim
from lucid_widgets.modelzoo.slim_models.ResNetV2 import ResnetV2_50_slim, ResnetV2_101_slim, ResnetV2_152_slim

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
