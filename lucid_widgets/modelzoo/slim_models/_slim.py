"""What TF-Slim's networks have in common."""

from __future__ import annotations

from lucid_widgets.modelzoo.graphdef.zoo_model import ZooModel

__all__ = ["CLASSES", "FOLDER", "Slim"]

FOLDER = "gs://modelzoo/vision/slim_models"
CLASSES = 1001  # a background class, then ImageNet's 1000


class Slim(ZooModel):
    """A network of TF-Slim. It expects images in [-1, 1]."""

    image_value_range = (-1, 1)
    image_shape = (224, 224, 3)
    input_name = "input"
