"""CLIP's image encoder, as Lucid had it."""

from __future__ import annotations

from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

__all__ = ["Clip_ResNet50_4x"]


class Clip_ResNet50_4x(ZooModel):
    """The image encoder of OpenAI's CLIP, a ResNet-50 of four times the width, without classes. Lists all layers."""

    source = "gs://modelzoo/vision/other_models/Clip_ResNet50_4x.pb"
    model_name = "Clip_ResNet50_4x"
    dataset = None
    image_value_range = (0, 255)
    image_shape = (288, 288, 3)
    input_name = "input_image"
