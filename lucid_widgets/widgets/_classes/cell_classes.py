"""`CellClasses`: the classes that the network sees in the finished images of a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lucid_widgets.frames import FloatArray
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.widgets._classes.seen_classes import Key, SeenClasses
from lucid_widgets.widgets._grid.cells import Cells

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid


class CellClasses(SeenClasses):
    """Answers for single cells. Keys: id of the cells, place.

    Args:
        widget: The owner.
        cells: Returns its current cells.
    """

    widget: FeatureGrid

    def __init__(self, widget: FeatureGrid, cells: Callable[[], Cells]) -> None:
        super().__init__(widget)
        self._cells = cells

    def found(self, key: Key) -> tuple[Model, FloatArray] | None:
        board, place = key
        cells = self._cells()
        if board != cells.id or place >= len(cells) or not cells.finished[place]:
            return None
        return self.widget.model, cells.images[place][None] / np.float32(255)


__all__ = ["CellClasses"]
