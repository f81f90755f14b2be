"""Names of Lucid's graph overlays. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["OverlayGraph", "OverlayNode"]


OverlayGraph = replaced("OverlayGraph")
OverlayNode = replaced("OverlayNode")
