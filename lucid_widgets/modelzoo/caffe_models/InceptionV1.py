"""Lucid's Inceptions V1 that were trained in Caffe."""

from __future__ import annotations

from lucid_widgets.modelzoo.caffe_models._caffe import FOLDER, Caffe
from lucid_widgets.modelzoo.graphdef.zoo_model import under

__all__ = ["InceptionV1_caffe", "InceptionV1_caffe_Places205", "InceptionV1_caffe_Places365"]


def _inception(classes: int) -> dict[str, int]:
    return {
        "conv1_7x7_s2/conv1_7x7_s2": 64,
        "conv2_3x3_reduce/conv2_3x3_reduce": 64,
        "conv2_3x3/conv2_3x3": 192,
        **under("inception_{}_output", **{"3a": 256, "3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528}),
        **under("inception_{}_output", **{"4e": 832, "5a": 832, "5b": 1024}),
        "prob": classes,
    }


class InceptionV1_caffe(Caffe):
    """Inception V1, trained in Caffe (`bvlc_googlenet`)."""

    source = f"{FOLDER}/InceptionV1.pb"
    alternative = "models.InceptionV1()"
    input_name = "data"
    listed = _inception(1000)


class InceptionV1_caffe_Places205(Caffe):
    """Inception V1, trained on the 205 scene categories of Places205."""

    source = f"{FOLDER}/InceptionV1_places205.pb"
    dataset = "Places205"
    input_name = "data"
    listed = _inception(205)


class InceptionV1_caffe_Places365(Caffe):
    """Inception V1, trained on the 365 scene categories of Places365."""

    source = f"{FOLDER}/InceptionV1_places365.pb"
    dataset = "Places365"
    input_name = "data"
    listed = _inception(365)
