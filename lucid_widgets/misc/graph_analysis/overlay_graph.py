"""A graph seen through another, which Lucid needed for TensorFlow 1: `model.layers` replaces it."""

from lucid_widgets.misc.graph_analysis import replaced

OverlayGraph = replaced("OverlayGraph")
OverlayNode = replaced("OverlayNode")

__all__ = ["OverlayGraph", "OverlayNode"]
