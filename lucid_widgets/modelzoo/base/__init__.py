"""Building blocks of all models, independent of the file or library that a model comes from.

`network` holds the interface that each kind of model implements, and `model_base` builds layer access on top of it.
"""

__all__: list[str] = []
