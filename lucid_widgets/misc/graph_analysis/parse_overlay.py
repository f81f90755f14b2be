"""Names of Lucid's groups of nodes. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["parse_overlay", "toplevel_group_data"]


parse_overlay = replaced("parse_overlay")
toplevel_group_data = replaced("toplevel_group_data")
