"""`ExplorerTraits`: what an explorer asks, which a user or the page can change, and what it has found."""

from __future__ import annotations

from typing import Any, get_args

from lucid_widgets.attribution import Method
from lucid_widgets.attribution.groups import GROUPS
from lucid_widgets.runner import Status
from lucid_widgets.widgets._core.background import error_trait, remaining_trait, status_trait
from lucid_widgets.widgets._core.traits import Choice, Data, Record, Records, Text, Whole
from lucid_widgets.widgets._explorer.picture import PictureTrait
from lucid_widgets.widgets._grid.detail_panel import OpenedTraits

VIEWS = ("fires", "sees", "class", "groups")
MOST_GROUPS = 12
MOST_PINS = 6

ASKED = ("image", "layer", "position", "pins", "classes", "view", "method", "groups", "units")
"""The traits that a user, the page and linked widgets may change."""


class ExplorerTraits(OpenedTraits):
    """Traits of `ImageExplorer` and of its parts that are widgets of their own."""

    # What is asked.
    image: Any = PictureTrait(
        help="The image as the network takes it, which NumPy reads as an array [height, width, channels] in [0, 1]. An"
        " array, a path, a URL or the name of a sample can be assigned."
    )
    layer: str = Text("", help="Name of the layer that is explored.")
    position: list[int] = Records(
        [0, 0], help="Row and column of the position that is looked at. They keep their place when the layer changes."
    )
    pins: list[list[int]] = Records(help="Positions that are compared, as [row, column] each; at most 6.")
    classes: list[int] = Records(
        help="Indices of the class that is explained, or of two: the first minus the second. Names can be assigned too."
        " If it is empty, the most probable class is explained."
    )
    view: str = Choice(
        VIEWS,
        "fires",
        help='What is shown: what "fires" here, what the network "sees", why this "class", or "groups".',
    )
    method: str = Choice(
        get_args(Method), "integrated_gradients", help="How attributions are computed, as for spatial_attribution."
    )
    groups: int = Whole(GROUPS, min=2, max=MOST_GROUPS, help="Number of groups of channels.")
    units: list[int] | None = Records(
        None, allow_none=True, help="Channels that are shown, in order; None for the strongest. A new layer resets it."
    )

    # What was found.
    model_name: str = Text("", output=True, help="Name of the model.")
    image_name: str = Text("", output=True, help="Name of the image's file; empty for an array.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The layers that have channels, in order: name, kind, channels and share of compute."
    )
    _stops: list[str] = Records(output=True, help="Names of the layers that the slider goes through.")
    _samples: list[str] = Records(output=True, help="Names of the sample images.")
    _pieces: list[str] = Records(output=True, help="Names of the parts that the page shows.")
    _scores: list[list[Any]] = Records(
        output=True, help="Index, label and probability of the most probable classes, then of the chosen ones."
    )
    _explained: list[int] = Records(output=True, help="The classes that are explained: `classes`, or the first one.")
    _places: dict[str, Any] = Record(
        output=True, help="Where the layer's positions are in the image; empty before its activations are known."
    )
    _activations: bytes = Data(b"", output=True, help="Activations of the layer, packed.")
    _activations_meta: dict[str, Any] = Record(output=True, help="About `_activations`: layer, size and type.")
    _why: dict[str, Any] = Record(output=True, help="The attribution: layer, method, classes, values and error.")
    _why_values: bytes = Data(b"", output=True, help="Contributions of each position and channel, packed.")
    _faith: dict[str, Any] = Record(output=True, help="Deletion and insertion curves of the attribution.")
    _found_groups: dict[str, Any] = Record(output=True, help="The groups: layer, channels and effects of each.")
    _group_maps: bytes = Data(b"", output=True, help="How strongly each group fires at each position, packed.")
    _sees: dict[str, Any] = Record(
        output=True, help="The activation grid: layer, rows, columns, and block of positions."
    )
    _work: str = Text("", output=True, help="What is being computed; empty if nothing is.")
    _problem: dict[str, str] = Record(output=True, help="Why something could not be computed, or an empty dict.")

    # Feature images.
    status: Status = status_trait()
    remaining: float | None = remaining_trait()
    error: dict[str, str] = error_trait()
    made: int = Whole(0, output=True, help="Number of feature images of this layer that are finished.")
    _estimate: dict[str, Any] = Record(output=True, help="Always empty: an explorer makes only what is looked at.")
    _board: int = Whole(0, output=True, help="Id of the cells. Images that name another id belong to earlier cells.")
    _board_of: str = Text("", output=True, help='What each cell shows: "channels", "groups" or "positions" of a layer.')
    _sheet: bytes = Data(b"", output=True, help="Finished images as one small WebP, published when the run rests.")
    _sheet_meta: dict[str, Any] = Record(
        output=True, help="About `_sheet`: board, places, states, values, failures, columns, and size of a cell."
    )


__all__ = ["ASKED", "MOST_PINS", "VIEWS", "ExplorerTraits"]
