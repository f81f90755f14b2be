"""Keras 3 models: `network` replays a functional model layer by layer, and `traced` handles subclassed models.

`input_range` and `preprocessing` determine what values and channel order a model expects.
"""

__all__: list[str] = []
