"""Frozen TensorFlow graphs: reading a GraphDef or a SavedModel, and building its layers one at a time.

`graph.FrozenGraph` is the network, `lazy_import` imports its nodes, and `model` and `saved_model` read files.
"""

__all__: list[str] = []
