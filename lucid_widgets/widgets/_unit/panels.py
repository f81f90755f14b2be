"""`UnitPanels`: what the page shows about the unit below the image, each in a group that folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lucid_widgets.widgets._canvas.live_run import LiveRun
from lucid_widgets.widgets._evidence.evidence_traits import EvidenceTraits
from lucid_widgets.widgets._evidence.real_images import RealImages
from lucid_widgets.widgets._photo.photo_traits import PhotoTraits
from lucid_widgets.widgets._photo.unit_in_photo import UnitInPhoto
from lucid_widgets.widgets._unit.input_traits import InputTraits
from lucid_widgets.widgets._unit.unit_inputs import UnitInputs
from lucid_widgets.widgets._workbench.model_run import ModelRun

if TYPE_CHECKING:
    from lucid_widgets.widgets.lucid_widget import LucidWidget

KEYWORDS = ("show_evidence", "relevant_to", "stop_at", "photo", "show_photo", "show_inputs", "inputs_from")
"""Traits of the panels that a user and the page may set."""

KEPT = ("photo", "show_photo", "show_inputs")
"""Those that a widget takes over when its cell runs again."""


class UnitPanelTraits(EvidenceTraits, PhotoTraits, InputTraits):
    """Traits of all panels."""


def own_panels(widget: LucidWidget, live: LiveRun, run: ModelRun, images: Any) -> RealImages:
    """Give a widget its panels, and return the one of real images.

    Args:
        widget: The owner. It needs `UnitPanelTraits`.
        live: Its run.
        run: Makes the frames of the run.
        images: As for `RealImages`.
    """
    real = widget._own(RealImages(widget, live=live, run=run, images=images))
    widget._own(UnitInPhoto(widget, live=live, run=run))
    widget._own(UnitInputs(widget, live=live, run=run))
    return real


__all__ = ["KEPT", "KEYWORDS", "UnitPanelTraits", "own_panels"]
