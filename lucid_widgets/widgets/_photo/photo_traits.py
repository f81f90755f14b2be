"""`PhotoTraits`: an image of the user's, and where the unit fires in it."""

from __future__ import annotations

from typing import Any

import traitlets

from lucid_widgets.widgets._core.traits import Data, Flag, Real, Record, Records, Text
from lucid_widgets.widgets._explorer.picture import FittedPictureTrait


class PhotoTraits(traitlets.HasTraits):
    """Traits for `UnitInPhoto`."""

    photo: Any = FittedPictureTrait(
        help="An image in which the page shows where the unit fires, as the network takes it: NumPy reads it as an"
        " array [height, width, channels] in [0, 1]. An array, a path, a URL or the name of a sample of `ImageExplorer`"
        " can be assigned. If it is None, the page starts with a sample."
    )
    show_photo: bool = Flag(
        False, help="Whether the page shows where the unit fires in `photo`. If not, nothing is computed."
    )
    photo_peak: float | None = Real(
        None, allow_none=True, output=True, help="Largest activation of the unit in `photo`; None if it is not known."
    )
    _photo_name: str = Text("", output=True, help="Name of the file of `photo`; empty for an array.")
    _photo_samples: list[str] = Records(output=True, help="Names of the sample images.")
    _fires: dict[str, Any] = Record(
        output=True,
        help="Where the unit fires: state (no unit, waiting, ready or failed), layer, channel, places, peak, value,"
        " share of the positions, message and hint; an empty dict before anything was asked.",
    )
    _fires_map: bytes = Data(b"", output=True, help="The activation at each position, packed.")
    _fires_own: dict[str, Any] = Record(
        output=True, help="How strongly the image of the run excites the unit: layer, channel, value and step."
    )


__all__ = ["PhotoTraits"]
