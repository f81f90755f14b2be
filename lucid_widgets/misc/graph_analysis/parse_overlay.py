"""Names of Lucid's groups of nodes. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = [
    "collapse_branches",
    "collapse_sequences",
    "flatten_sequences",
    "parse_overlay",
    "parse_structure",
    "toplevel_group_data",
]


collapse_branches = replaced("collapse_branches")
collapse_sequences = replaced("collapse_sequences")
flatten_sequences = replaced("flatten_sequences")
parse_structure = replaced("parse_structure")
parse_overlay = replaced("parse_overlay")
toplevel_group_data = replaced("toplevel_group_data")
