"""Lucid's other networks: AlexNet, CLIP, Inception V1, and Inception V1 after adversarial training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from lucid_widgets.modelzoo.base.image_input import IMAGENET_MEAN_BGR
from lucid_widgets.modelzoo.files.weights import PathLike, find_weights
from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

__all__ = ["AlexNet", "Clip_ResNet50_4x", "InceptionV1", "InceptionV1_adv_finetuned"]

_FOLDER = "gs://modelzoo/vision/other_models"


class AlexNet(ZooModel):
    """AlexNet with its authors' weights."""

    source = f"{_FOLDER}/AlexNet.pb"
    is_BGR = True
    image_value_range = (-IMAGENET_MEAN_BGR, 255 - IMAGENET_MEAN_BGR)
    image_shape = (227, 227, 3)
    input_name = "Placeholder"
    # Some convolutions are split in two, as in the original training on two graphics cards.
    listed: ClassVar[Mapping[str, int]] = {
        **{"Conv2D": 96, "Conv2D_1": 128, "Conv2D_2": 128, "Conv2D_3": 384, "Conv2D_4": 192, "Conv2D_5": 192},
        **{"Conv2D_6": 128, "Conv2D_7": 128, "Relu": 4096, "Relu_1": 4096, "Softmax": 1000},
    }


class Clip_ResNet50_4x(ZooModel):
    """The image encoder of OpenAI's CLIP, a ResNet-50 of four times the width, without classes. Lists all layers."""

    source = f"{_FOLDER}/Clip_ResNet50_4x.pb"
    dataset = None
    image_value_range = (0, 255)
    image_shape = (288, 288, 3)
    input_name = "input_image"


class InceptionV1_adv_finetuned(InceptionV1):
    """Inception V1 after further training on adversarial images (L2 attacks of up to 255)."""

    source = f"{_FOLDER}/InceptionV1_adv_finetuned.pb"

    def __init__(self, path: PathLike | None = None, *, labels: Sequence[str] | PathLike | None = None) -> None:
        name = type(self).__name__
        names = (f"{name}.pb", "other_models/InceptionV1_adv_finetuned.pb")
        note = f" Lucid downloaded them from {self.source}. models.InceptionV1() has the same architecture."
        super().__init__(find_weights(name, names, path, note=note), labels=labels)
