"""`GridFiles`: the finished images of a grid as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export.sprites import unit_sheets
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import in_path
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._core.still_images import no_image_yet
from lucid_widgets.widgets._grid.live_grid import LiveGrid

if TYPE_CHECKING:
    from lucid_widgets.widgets._core.base import LucidBase


class GridFiles(Part):
    """Gives the page and Python the finished images of a grid, with a description of each.

    Args:
        widget: The owner.
        live: The grid.
        about: Returns what all images have in common, such as the model and the layer.
        labels: Returns the label of every channel; empty if there are none.
    """

    def __init__(
        self,
        widget: LucidBase,
        live: LiveGrid,
        *,
        about: Callable[[], dict[str, Any]],
        labels: Callable[[], list[str]],
    ) -> None:
        super().__init__(widget)
        self._live, self._about, self._labels = live, about, labels

    def commands(self) -> Mapping[str, Command]:
        return {"png": self._png}

    def finished(self) -> tuple[UInt8Array, dict[str, Any]]:
        """The finished images, and their units, values and labels.

        Raises:
            ArgumentError: If there are none.
        """
        cells, labels = self._live.cells, self._labels()
        places = np.flatnonzero(cells.finished)
        if not len(places):
            raise no_image_yet(moving=self._live.is_moving())
        units = [cells.units[place] for place in places]
        named = {"labels": [labels[unit] for unit in units]} if labels else {}
        values = cells.described([int(place) for place in places])["values"]
        return cells.images[places], {**self._about(), "units": units, **named, "values": values}

    def _png(self) -> Reply:
        images, about = self.finished()
        name = f"{about['model']}-{about['layer']}"
        path = Path(f"{in_path(name, 'features')}.png")
        sheets, described = unit_sheets(images, path, about)
        if len(sheets) > 1:
            raise ArgumentError("The images do not fit into one sheet.", "Use grid.save(path), which writes several.")
        return Reply({"filename": path.name}, [*sheets.values(), described])
