"""What to leave out of a graph, which Lucid needed for TensorFlow 1: `model.layers` replaces it."""

from lucid_widgets.misc.graph_analysis import replaced

collapse_sequence = replaced("collapse_sequence")
is_dynamic = replaced("is_dynamic")
ops_whitelist = replaced("ops_whitelist")

__all__ = ["collapse_sequence", "is_dynamic", "ops_whitelist"]
