"""Lucid's path for `SerializedModel` and `FrozenGraphModel`."""

from lucid_widgets.modelzoo.vision_base import FrozenGraphModel, SerializedModel

__all__ = ["FrozenGraphModel", "SerializedModel"]
