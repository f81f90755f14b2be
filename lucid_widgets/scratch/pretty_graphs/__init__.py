"""Names of Lucid's diagrams of networks. They raise an error that names the widget which replaces them."""

from lucid_widgets.misc._removed import removed

__all__ = [
    "Graph",
    "complete_render_model_graph",
    "display_model",
    "display_tooltips",
    "format_graph",
    "model_align_display",
]

_WHY = "it drew diagrams with scripts from a server"
_INSTEAD = "model.show_graph() draws the network, with a box for each layer."

Graph = removed("Graph", _WHY, _INSTEAD)
complete_render_model_graph = removed("complete_render_model_graph", _WHY, _INSTEAD)
display_model = removed("display_model", _WHY, _INSTEAD)
display_tooltips = removed("display_tooltips", _WHY, _INSTEAD)
format_graph = removed("format_graph", _WHY, _INSTEAD)
model_align_display = removed("model_align_display", _WHY, _INSTEAD)
