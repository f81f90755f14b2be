"""Groups of nodes, which Lucid needed for TensorFlow 1: `model.layers` replaces it."""

from lucid_widgets.misc.graph_analysis import replaced

parse_overlay = replaced("parse_overlay")
toplevel_group_data = replaced("toplevel_group_data")

__all__ = ["parse_overlay", "toplevel_group_data"]
