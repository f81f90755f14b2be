"""Names of Lucid's graph overlays. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["OverlayGraph", "OverlayNode", "OverlayStructure", "as_tensor"]


OverlayGraph = replaced("OverlayGraph")
OverlayNode = replaced("OverlayNode")
OverlayStructure = replaced("OverlayStructure")
as_tensor = replaced("as_tensor")
