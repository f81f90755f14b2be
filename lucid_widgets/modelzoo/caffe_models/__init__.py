"""Lucid's networks that were trained in Caffe. They expect BGR images with ImageNet's mean subtracted."""

from lucid_widgets.modelzoo.caffe_models.AlexNet import AlexNet_caffe_Places365
from lucid_widgets.modelzoo.caffe_models.InceptionV1 import (
    InceptionV1_caffe,
    InceptionV1_caffe_Places205,
    InceptionV1_caffe_Places365,
)
from lucid_widgets.modelzoo.caffe_models.others import CaffeNet_caffe, VGG16_caffe, VGG19_caffe

__all__ = [
    "AlexNet_caffe_Places365",
    "CaffeNet_caffe",
    "InceptionV1_caffe",
    "InceptionV1_caffe_Places205",
    "InceptionV1_caffe_Places365",
    "VGG16_caffe",
    "VGG19_caffe",
]
