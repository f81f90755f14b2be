"""Lucid's AlexNet for scenes."""

from __future__ import annotations

from lucid_widgets.modelzoo.caffe_models._caffe import FOLDER, Caffe, alex_net

__all__ = ["AlexNet_caffe_Places365"]


class AlexNet_caffe_Places365(Caffe):
    """AlexNet, trained on the 365 scene categories of Places365."""

    source = f"{FOLDER}/AlexNet_places365.pb"
    dataset = "Places365"
    image_shape = (227, 227, 3)
    input_name = "input"
    listed = alex_net(365)
    dense = 3
