"""Lucid's CaffeNet and VGGs."""

from __future__ import annotations

from lucid_widgets.modelzoo.caffe_models._caffe import FOLDER, Caffe, alex_net

__all__ = ["CaffeNet_caffe", "VGG16_caffe", "VGG19_caffe"]


def _vgg(*repeats: int) -> dict[str, int]:
    blocks = zip(repeats, (64, 128, 256, 512, 512), strict=True)
    convs = [
        (f"conv{block}_{number}", channels)
        for block, (count, channels) in enumerate(blocks, 1)
        for number in range(1, count + 1)
    ]
    return {**{f"{name}/{name}": channels for name, channels in convs}, "fc6/fc6": 4096, "fc7/fc7": 4096, "prob": 1000}


class CaffeNet_caffe(Caffe):
    """CaffeNet, Caffe's variant of AlexNet."""

    source = f"{FOLDER}/CaffeNet.pb"
    image_shape = (227, 227, 3)
    input_name = "data"
    listed = alex_net(1000)
    dense = 3


class VGG16_caffe(Caffe):
    """VGG16 with its authors' weights."""

    source = f"{FOLDER}/VGG16.pb"
    alternative = "keras.applications.VGG16()"
    input_name = "input"
    listed = _vgg(2, 2, 3, 3, 3)
    dense = 3


class VGG19_caffe(Caffe):
    """VGG19 with its authors' weights."""

    source = f"{FOLDER}/VGG19.pb"
    alternative = "keras.applications.VGG19()"
    input_name = "input"
    listed = _vgg(2, 2, 4, 4, 4)
    dense = 3
