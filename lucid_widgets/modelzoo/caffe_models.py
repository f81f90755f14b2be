"""Lucid's networks that were trained in Caffe. They expect BGR images with ImageNet's mean subtracted."""

from __future__ import annotations

from lucid_widgets.modelzoo.base.image_input import IMAGENET_MEAN_BGR
from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel, under

__all__ = [
    "AlexNet_caffe_Places365",
    "CaffeNet_caffe",
    "InceptionV1_caffe",
    "InceptionV1_caffe_Places205",
    "InceptionV1_caffe_Places365",
    "VGG16_caffe",
    "VGG19_caffe",
]

_FOLDER = "gs://modelzoo/vision/caffe_models"


def _alex_net(classes: int) -> dict[str, int]:
    return {"conv5/concat": 256, "conv5/conv5": 256, "fc6/fc6": 4096, "fc7/fc7": 4096, "prob": classes}


def _inception(classes: int) -> dict[str, int]:
    return {
        "conv1_7x7_s2/conv1_7x7_s2": 64,
        "conv2_3x3_reduce/conv2_3x3_reduce": 64,
        "conv2_3x3/conv2_3x3": 192,
        **under("inception_{}_output", **{"3a": 256, "3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528}),
        **under("inception_{}_output", **{"4e": 832, "5a": 832, "5b": 1024}),
        "prob": classes,
    }


def _vgg(*repeats: int) -> dict[str, int]:
    blocks = zip(repeats, (64, 128, 256, 512, 512), strict=True)
    convs = [
        (f"conv{block}_{number}", channels)
        for block, (count, channels) in enumerate(blocks, 1)
        for number in range(1, count + 1)
    ]
    return {**{f"{name}/{name}": channels for name, channels in convs}, "fc6/fc6": 4096, "fc7/fc7": 4096, "prob": 1000}


class _Caffe(ZooModel):
    is_BGR = True
    image_value_range = (-IMAGENET_MEAN_BGR, 255 - IMAGENET_MEAN_BGR)
    image_shape = (224, 224, 3)


class AlexNet_caffe_Places365(_Caffe):
    """AlexNet, trained on the 365 scene categories of Places365."""

    source = f"{_FOLDER}/AlexNet_places365.pb"
    dataset = "Places365"
    image_shape = (227, 227, 3)
    input_name = "input"
    listed = _alex_net(365)


class CaffeNet_caffe(_Caffe):
    """CaffeNet, Caffe's variant of AlexNet."""

    source = f"{_FOLDER}/CaffeNet.pb"
    image_shape = (227, 227, 3)
    input_name = "data"
    listed = _alex_net(1000)


class InceptionV1_caffe(_Caffe):
    """Inception V1, trained in Caffe (`bvlc_googlenet`)."""

    source = f"{_FOLDER}/InceptionV1.pb"
    alternative = "models.InceptionV1()"
    input_name = "data"
    listed = _inception(1000)


class InceptionV1_caffe_Places205(_Caffe):
    """Inception V1, trained on the 205 scene categories of Places205."""

    source = f"{_FOLDER}/InceptionV1_places205.pb"
    dataset = "Places205"
    input_name = "data"
    listed = _inception(205)


class InceptionV1_caffe_Places365(_Caffe):
    """Inception V1, trained on the 365 scene categories of Places365."""

    source = f"{_FOLDER}/InceptionV1_places365.pb"
    dataset = "Places365"
    input_name = "data"
    listed = _inception(365)


class VGG16_caffe(_Caffe):
    """VGG16 with its authors' weights."""

    source = f"{_FOLDER}/VGG16.pb"
    alternative = "keras.applications.VGG16()"
    input_name = "input"
    listed = _vgg(2, 2, 3, 3, 3)


class VGG19_caffe(_Caffe):
    """VGG19 with its authors' weights."""

    source = f"{_FOLDER}/VGG19.pb"
    alternative = "keras.applications.VGG19()"
    input_name = "input"
    listed = _vgg(2, 2, 4, 4, 4)
