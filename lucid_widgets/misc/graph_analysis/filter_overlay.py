"""Names of Lucid's filters for graph overlays. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["collapse_sequence", "is_dynamic", "ops_whitelist"]


collapse_sequence = replaced("collapse_sequence")
is_dynamic = replaced("is_dynamic")
ops_whitelist = replaced("ops_whitelist")
