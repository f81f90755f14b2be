"""What a graph tells about its tensors, which Lucid needed for TensorFlow 1: `model.layers` replaces it."""

from lucid_widgets.misc.graph_analysis import replaced

infer_data_format = replaced("infer_data_format")

__all__ = ["infer_data_format"]
