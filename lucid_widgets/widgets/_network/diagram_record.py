"""`diagram_record`: the diagram of a network, as the page draws it."""

from __future__ import annotations

from typing import Any

from lucid_widgets.modelzoo.survey.diagram import network_diagram
from lucid_widgets.modelzoo.survey.layer import Layer
from lucid_widgets.modelzoo.vision_base import Model


def diagram_record(model: Model) -> dict[str, Any]:
    """Return the diagram of a network as a dict for the page. It is computed once for each model.

    Returns:
        `layers`, for each box its name, kind, size in words and number of channels; `links`, pairs of their indices, in
        which -1 is the image; and `inside`, the index of the box that other layers are a part of.
    """
    if "diagram" not in model.kept:
        diagram = network_diagram(model)
        model.kept["diagram"] = {
            "layers": [[each.name, each.kind, _size(each), each.channels or 0] for each in diagram.layers],
            "links": [list(link) for link in diagram.links],
            "inside": dict(diagram.inside),
        }
    record: dict[str, Any] = model.kept["diagram"]
    return record


def _size(layer: Layer) -> str:
    """Size of a layer's activations in words, without channels, such as "14 × 14"; empty for a vector."""
    sides = (layer.shape or ())[:-1]
    return "" if None in sides else " × ".join(map(str, sides))


__all__ = ["diagram_record"]
