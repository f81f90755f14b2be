"""`CellClasses`: the classes that the network sees in the finished images of a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lucid_widgets.frames import FloatArray
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis.default_image import ImageFormat
from lucid_widgets.widgets._classes.seen_classes import Key, SeenClasses
from lucid_widgets.widgets._grid.cells import Cells

if TYPE_CHECKING:
    from lucid_widgets.widgets._grid.rendered_cells import RenderedCells
    from lucid_widgets.widgets.feature_grid import FeatureGrid


class CellClasses(SeenClasses):
    """Answers for single cells. Keys: id of the cells, place.

    Args:
        widget: The owner.
        source: Has the network.
        cells: Returns its current cells.
    """

    widget: FeatureGrid

    def __init__(self, widget: FeatureGrid, source: RenderedCells, cells: Callable[[], Cells]) -> None:
        super().__init__(widget)
        self._source, self._cells = source, cells

    def found(self, key: Key) -> tuple[Model, FloatArray] | None:
        board, place = key
        cells = self._cells()
        if board != cells.id or place >= len(cells) or not cells.finished[place]:
            return None
        image = cells.images[place][None]
        if self._source.param_f is None:
            image = _without_padding(image, *ImageFormat.of(self._source.model).sides(cells.size))
        return self._source.model, image / np.float32(255)


def _without_padding(images: UInt8Array, height: int, width: int) -> UInt8Array:
    """The images inside black squares."""
    top, left = (images.shape[1] - height) // 2, (images.shape[2] - width) // 2
    return images[:, top : top + height, left : left + width]


__all__ = ["CellClasses"]
