"""AlexNet, as Lucid had it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lucid_widgets.modelzoo.base.image_input import IMAGENET_MEAN_BGR
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

__all__ = ["AlexNet"]


class AlexNet(ZooModel):
    """AlexNet with its authors' weights."""

    source = "gs://modelzoo/vision/other_models/AlexNet.pb"
    is_BGR = True
    image_value_range = (-IMAGENET_MEAN_BGR, 255 - IMAGENET_MEAN_BGR)
    image_shape = (227, 227, 3)
    input_name = "Placeholder"
    # Some convolutions are split in two, as in the original training on two graphics cards.
    listed: ClassVar[Mapping[str, int]] = {
        **{"Conv2D": 96, "Conv2D_1": 128, "Conv2D_2": 128, "Conv2D_3": 384, "Conv2D_4": 192, "Conv2D_5": 192},
        **{"Conv2D_6": 128, "Conv2D_7": 128, "Relu": 4096, "Relu_1": 4096, "Softmax": 1000},
    }
    dense = 3
