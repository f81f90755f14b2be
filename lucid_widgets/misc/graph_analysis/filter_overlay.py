"""Names of Lucid's filters for graph overlays. They raise an error; `model.layers` replaces them."""

from lucid_widgets.misc.graph_analysis import replaced

__all__ = ["collapse_sequence", "cut_shapes", "is_dynamic", "ops_whitelist", "standard_include_ops"]


collapse_sequence = replaced("collapse_sequence")
is_dynamic = replaced("is_dynamic")
ops_whitelist = replaced("ops_whitelist")
cut_shapes = replaced("cut_shapes")

standard_include_ops = [
    *("Placeholder", "Relu", "Relu6", "Add", "Split", "Softmax", "Concat", "ConcatV2", "Conv2D", "MaxPool", "AvgPool"),
    "MatMul",
]
"""The types of operations that Lucid's diagrams show."""
