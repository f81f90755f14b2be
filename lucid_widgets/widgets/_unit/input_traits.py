"""`InputTraits`: the inputs of a unit from an earlier layer, for the page."""

from __future__ import annotations

from typing import Any

import traitlets

from lucid_widgets.widgets._core.traits import Data, Flag, Record, Text


class _LayerName(Text):
    """The name of a layer of the widget's `model`, or an empty text."""

    def validate(self, obj: Any, value: Any) -> str:
        name: str = super().validate(obj, value)
        if name:
            obj.model.get_layer(name)
        return name


class InputTraits(traitlets.HasTraits):
    """Traits for `UnitInputs`."""

    show_inputs: bool = Flag(
        False,
        help="Whether the page shows which channels of an earlier layer the unit is made of. If not, nothing is"
        " computed.",
    )
    inputs_from: str = _LayerName(
        "",
        help='The earlier layer; "" for the nearest one through which everything passes that reaches the unit. A layer'
        ' that does not lie below the unit counts as "".',
    )
    _inputs: dict[str, Any] = Record(
        output=True,
        help="The strongest inputs: state (no unit, waiting, ready or failed), layer, channel, from, choices of earlier"
        " layers, rows, rows and columns of the maps, largest weight, message and hint; an empty dict before anything"
        " was asked.",
    )
    _inputs_images: dict[str, Any] = Record(
        output=True,
        help="The feature images of the inputs: layer, state (making, ready or failed), the state of each (waiting,"
        " making, made or failed), failures by place, message and hint.",
    )
    _inputs_sheet: bytes = Data(b"", output=True, help="These images, side by side in one file.")


__all__ = ["InputTraits"]
