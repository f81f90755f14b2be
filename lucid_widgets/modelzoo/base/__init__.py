"""What every model is made of, whatever file or library it comes from.

`network` holds the interface that each kind of model implements, and `model_base` builds layer access on top of it.
"""
