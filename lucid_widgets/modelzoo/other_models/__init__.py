"""Lucid's other networks: AlexNet, CLIP, Inception V1, and Inception V1 after adversarial training."""

from lucid_widgets.modelzoo.other_models.AlexNet import AlexNet
from lucid_widgets.modelzoo.other_models.Clip import Clip_ResNet50_4x
from lucid_widgets.modelzoo.other_models.InceptionV1 import InceptionV1, InceptionV1_adv_finetuned

__all__ = ["AlexNet", "Clip_ResNet50_4x", "InceptionV1", "InceptionV1_adv_finetuned"]
