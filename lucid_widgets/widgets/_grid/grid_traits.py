"""`GridTraits`: what a `FeatureGrid` shares with its page."""

from __future__ import annotations

from typing import Any

from lucid_widgets.microscope.search import FIGURES
from lucid_widgets.runner import Status
from lucid_widgets.widgets._classes.class_traits import ClassTraits
from lucid_widgets.widgets._core.background import error_trait, remaining_trait, status_trait
from lucid_widgets.widgets._core.traits import (
    IMAGE_SIZE_MIN,
    MAX_SEED,
    MAX_STEPS,
    Choice,
    Data,
    Flag,
    Record,
    Records,
    Text,
    Whole,
)
from lucid_widgets.widgets._evidence.evidence_traits import IndexTraits
from lucid_widgets.widgets._grid.detail_panel import OpenedTraits

IMAGE_SIZE_MAX = 512

KINDS = ("channel", "neuron")

ORDERS = ("channel", *FIGURES)


class GridTraits(ClassTraits, IndexTraits, OpenedTraits):
    """The traits of `FeatureGrid`."""

    status: Status = status_trait()
    remaining: float | None = remaining_trait()
    error: dict[str, str] = error_trait()
    model_name: str = Text("", output=True, help="Name of the model.")
    layers: list[dict[str, Any]] = Records(
        output=True, help="The layers that have channels, in order: name, kind, channels and share of compute."
    )
    _stages: dict[str, Any] = Record(
        output=True, help="The network's stages, groups of successive `layers`, and the links between them."
    )
    layer: str = Text("", help="Name of the layer that is shown.")
    variant: str = Text("", help="Which image of each channel a stored grid shows; empty for other grids.")
    _store: dict[str, Any] = Record(
        output=True,
        help="About the store that the grid shows: name, variants, done and total images, and whether it opens "
        "channels; an empty dict if a network renders the images.",
    )
    kind: str = Choice(KINDS, "channel", help='Kind of unit that an image maximizes: "channel" or "neuron".')
    channels: list[int] | None = Records(
        None,
        allow_none=True,
        help="The channels that are shown, in order; None for all. A change of layer resets it to None.",
    )
    labels: list[str] = Records(
        output=True, help="Labels of the channels, if they are the model's classes; empty for other layers."
    )
    image_size: int = Whole(64, min=IMAGE_SIZE_MIN, max=IMAGE_SIZE_MAX, help="Width and height of an image in pixels.")
    steps: int = Whole(64, min=1, max=MAX_STEPS, help="Number of updates of each image.")
    seed: int = Whole(0, min=0, max=MAX_SEED, help="Seed of all random numbers.")
    made: int = Whole(0, output=True, help="Number of cells that need no more work.")
    units: list[int] = Records(output=True, help="The channels (or neurons) that are shown, in order.")
    _estimate: dict[str, Any] = Record(
        output=True, help="What the grid asks about before it begins: number of `images`, and `seconds` that they take."
    )
    _board: int = Whole(0, output=True, help="Id of the cells. Images that name another id belong to earlier cells.")
    _sheet: bytes = Data(b"", output=True, help="Finished images as one small WebP, published when the run rests.")
    _sheet_meta: dict[str, Any] = Record(
        output=True, help="About `_sheet`: board, places, states, values, failures, columns, and size of a cell."
    )
    show_images: bool = Flag(
        False, help="Whether cells show real images that excite their channel, in place of its visualization."
    )
    turned: list[int] = Records(
        help="The channels whose cells show the other side than `show_images` says. A change of it empties the list."
    )
    sort_by: str = Choice(
        ORDERS,
        "channel",
        help='Order in which the page shows the channels: "channel" for that of `units`; or first the largest '
        '"strength" (the largest activation in real images), "selectivity" (for one label) or "sparsity" (excited by '
        "few images).",
    )
    hide_dead: bool = Flag(False, help="Whether the page leaves out channels that no real image activates.")
    _figures: dict[str, Any] = Record(
        output=True,
        help="What real images say about the channels of `layer`: by channel strength, selectivity, sparsity and best "
        "(the label that excites it most); the dead channels; the id of these figures, the number of images and their "
        "source.",
    )
    _image_source: str = Text("", output=True, help="Name of the real images; empty if there are none.")


__all__ = ["IMAGE_SIZE_MAX", "ORDERS", "GridTraits"]
