"""Names of Lucid's properties of graphs. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["infer_data_format"]


infer_data_format = replaced("infer_data_format")
