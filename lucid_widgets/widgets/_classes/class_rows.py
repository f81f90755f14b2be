"""`class_rows`: number of classes that the page lists for a network."""

from __future__ import annotations

from lucid_widgets.modelzoo.survey.class_layer import score_layer
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.classification import TOP


def class_rows(model: Model) -> int:
    """The value of `_class_rows` for a model."""
    layer = score_layer(model)
    return 0 if layer is None else min(TOP, model.get_layer(layer).channels or TOP)


__all__ = ["class_rows"]
