"""Facts about a network that need no images: layers, cost, receptive fields, and a fingerprint of its computation.

They are read from a traced graph, so they work for every kind of model.
"""

__all__: list[str] = []
