"""What the networks that were trained in Caffe have in common."""

from __future__ import annotations

from lucid_widgets.modelzoo.base.image_input import IMAGENET_MEAN_BGR
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

__all__ = ["FOLDER", "Caffe", "alex_net"]

FOLDER = "gs://modelzoo/vision/caffe_models"


class Caffe(ZooModel):
    """A network that was trained in Caffe."""

    is_BGR = True
    image_value_range = (-IMAGENET_MEAN_BGR, 255 - IMAGENET_MEAN_BGR)
    image_shape = (224, 224, 3)


def alex_net(classes: int) -> dict[str, int]:
    """Return the layers that Lucid lists for AlexNet and CaffeNet, given the number of classes."""
    return {"conv5/concat": 256, "conv5/conv5": 256, "fc6/fc6": 4096, "fc7/fc7": 4096, "prob": classes}
