"""`NetworkTraits`: traits that describe the network to the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.survey.class_layer import class_layer
from lucid_widgets.modelzoo.survey.stages import survey_stages
from lucid_widgets.widgets._classes.class_rows import class_rows
from lucid_widgets.widgets._classes.class_traits import ClassTraits
from lucid_widgets.widgets._core.traits import Record, Records, Text
from lucid_widgets.widgets._network.in_use import NetworkInUse
from lucid_widgets.widgets._network.input_range import about_range


class NetworkTraits(ClassTraits):
    """Traits that depend only on the network."""

    model_name: str = Text("", output=True, help="Name of the model.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The model's layers in order: name, kind, channels (None if unknown) and share of compute."
    )
    _stages: dict[str, Any] = Record(
        output=True, help="The network's stages, groups of successive `layers`, and the links between them."
    )
    _class_layer: str = Text("", output=True, help='Layer with one channel per label; "" for a model without labels.')
    _loading: dict[str, Any] = Record(
        output=True,
        help="The network that is being loaded: name, phase (downloading or loading), bytes done and total, seconds "
        "left; an empty dict if there is none.",
    )
    _network_problem: dict[str, str] = Record(
        output=True, help="Why a chosen network was not loaded (name, title, message, hint), or an empty dict."
    )
    _input_range: dict[str, Any] = Record(
        output=True, help="The input range of the model if it was guessed or chosen (how, name, names), or empty."
    )
    _volume: list[int] = Records(
        output=True, help="Depth, height and width of a model of volumes, which replace `image_size`; empty for images."
    )


@waiting("Reading the layers of the network")
def traits_of(network: NetworkInUse) -> dict[str, Any]:
    """The values of these traits for a network, but for those about another one that is being loaded."""
    model = network.model
    volume = model.volume_sheet
    return {
        "_input_range": about_range(network),
        "model_name": model.name,
        "layers": [asdict(layer) for layer in model.browsable_layers],
        "_stages": asdict(survey_stages(model)),
        "_class_layer": class_layer(model) or "",
        "_class_rows": class_rows(model),
        "_volume": [] if volume is None else [volume.depth, volume.height, volume.width],
    }


__all__ = ["NetworkTraits", "traits_of"]
