"""Lucid's experimental helpers: those that published work uses, and advice in place of the others.

`rl_util` attributes and factorizes activations, `parameter_editor` edits weights, and `get_model_layers` lists layers.
The names in `web`, `pretty_graphs` and `atlas_pipeline` raise an error that says what replaces them.
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)

__all__: list[str] = []
