"""`AtlasMap`: an activation atlas as a map. Needs neither TensorFlow nor the network."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.microscope import Atlas
from lucid_widgets.microscope.atlas.opened import TOP
from lucid_widgets.misc.io.serialize_array import encode_jpeg, encode_png, grid, tile
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.traits import Record, Records, Text

MOST_TILES = 64
"""Most images in one answer. The page asks again for others."""

LOOK_AGAIN_SECONDS = 1.0
"""Shortest time between two looks for images that were finished since."""

MOST_ZOOM = 64.0

_QUALITY = 84
_STILL = 480


class AtlasMap(LucidBase):
    """Shows an activation atlas as a map that can be moved and magnified.

    Only the images in view are sent to the page. Magnify the map for finer grids. The pointer on a cell, or the arrow
    keys, show the classes that the cell speaks for and the parts of real images with such activations; a click keeps
    them. The page can highlight the cells that speak for a class, or for one class rather than another. While the atlas
    is being rendered, also by another process, the map fills with what is finished.

    Two maps of aligned atlases move together with `traitlets.link((first, "viewport"), (second, "viewport"))`.

    Args:
        atlas: An `Atlas`, or the path or URL of one that `render_atlas` has written.
        label: Label of the class to highlight. Default: none.
        minus: Label of a class to subtract from it. Default: none.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        MissingFileError: There is no such store.
        UnknownNameError: There is no such class.

    Example:
        >>> AtlasMap("my_atlas", label="panda")
    """

    _bundle: ClassVar[str] = "atlas_map"
    _editable: ClassVar[tuple[str, ...]] = ("label", "minus", "viewport", "cell")
    _brings_image: ClassVar[str] = "Call refresh() when render_atlas has finished one."

    model_name: str = Text("", output=True, help="Name of the network.")
    layer: str = Text("", output=True, help="The layer.")
    label: str = Text("", help="Label of the class whose cells are highlighted; empty for none.")
    minus: str = Text("", help="Label of the class that is subtracted from it; empty for none.")
    viewport: list[float] = Records(
        [0.5, 0.5, 1.0],
        help="The point of the map in the middle of the view, across and down from 0 to 1, and the magnification.",
    )
    cell: list[int] = Records([], help="Grid, row and column of the cell that a click has kept; empty for none.")
    _atlas: dict[str, Any] = Record(
        output=True, help="Name of the images, grids, labels, and the numbers of finished images and of all cells."
    )

    def __init__(self, atlas: Atlas | str | os.PathLike[str], label: str = "", minus: str = "", **kwargs: Any) -> None:
        self.atlas = atlas if isinstance(atlas, Atlas) else Atlas.open(atlas)
        self._looked = time.monotonic()
        self._still: tuple[int, bytes] | None = None
        self._publish(model_name=self.atlas.model, layer=self.atlas.layer, _atlas=self._described())
        self._change({"label": label, "minus": minus})
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    def __repr__(self) -> str:
        done, total = self.atlas.counts
        return f"<AtlasMap {self.model_name} {self.layer}: {done:,} of {total:,} images>"

    def refresh(self) -> None:
        """Look again which images are finished. The page does it by itself while it waits for images in view."""
        with self._lock:
            self._refuse_if_closed()
            self.atlas.refresh()
            self._looked = time.monotonic()
            self._publish(_atlas=self._described())
        if self.atlas.complete:
            self._keep_still()

    # For the base class.

    def _commands(self) -> Mapping[str, Command]:
        return {
            **super()._commands(),
            "grid": self._grid,
            "tiles": self._tiles,
            "scores": self._scores,
            "examples": self._examples,
        }

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            checked = self._checked(values)
            if checked.get("label") == "":
                checked.setdefault("minus", "")
            label, minus = (checked.get(name, getattr(self, name)) for name in ("label", "minus"))
            for each in (label, minus):
                if each and each not in self.atlas.labels:
                    raise unknown_name("class", each, "This atlas", self.atlas.labels)
            if minus and not label:
                raise ArgumentError(
                    f"minus is {minus!r}, but there is no label.", "Choose a class to subtract it from."
                )
            if "viewport" in checked:
                checked["viewport"] = _checked_viewport(checked["viewport"])
            if "cell" in checked:
                checked["cell"] = self._checked_cell(checked["cell"])
            self._commit(checked)

    def _png(self) -> bytes | None:
        done = self.atlas.counts[0]
        if done == 0:
            return None
        if self._still is None or self._still[0] != done:
            picture = Image.fromarray(self.atlas.picture())
            picture.thumbnail((_STILL, _STILL), Image.Resampling.LANCZOS)
            self._still = done, encode_png(np.asarray(picture))
        return self._still[1]

    # Answers to the page.

    def _grid(self, size: int) -> Reply:
        """The cells of a grid: rows and columns, numbers of activations, and their strongest classes."""
        values = self.atlas.attributions(size)
        count = min(TOP, values.shape[1])
        best = np.argsort(-values, axis=1, kind="stable")[:, :count]
        buffers = [
            self.atlas.places(size).astype(np.int32).tobytes(),
            self.atlas.sizes(size).astype(np.int32).tobytes(),
            best.astype(np.int32).tobytes(),
            np.take_along_axis(values, best, 1).astype(np.float32).tobytes(),
        ]
        return Reply({"size": size, "cells": len(values), "classes": count}, buffers)

    def _tiles(self, size: int, cells: list[int]) -> Reply:
        """Images of cells, in one JPEG. Those that are not finished are left out."""
        finished = self.atlas.finished(size)
        wanted = [each for each in cells[:MOST_TILES] if 0 <= each < len(finished)]
        if not finished[wanted].all() and time.monotonic() - self._looked > LOOK_AGAIN_SECONDS:
            self.refresh()
            finished = self.atlas.finished(size)
        done = [each for each in wanted if finished[each]]
        if not done:
            return Reply({"size": size, "cells": [], "complete": self.atlas.complete})
        images = self.atlas.images(size, done)
        height, width = images.shape[1:3]
        about = {"size": size, "cells": done, "complete": self.atlas.complete, "columns": grid(len(done))[1]}
        return Reply({**about, "width": width, "height": height}, [encode_jpeg(tile(images), _QUALITY)])

    def _scores(self, size: int, label: str, minus: str) -> Reply:
        """Attribution of each cell of a grid to a class, or to the difference of two."""
        values = self.atlas.attribution(label, minus, grid=size)
        return Reply({"size": size, "label": label, "minus": minus}, [values.astype(np.float32).tobytes()])

    def _examples(self, size: int, cell: int) -> Reply:
        """Parts of real images with activations like those of a cell."""
        named, crops = self.atlas.crops(size, cell)
        images = [{"id": name, "label": label} for name, label in named]
        about = {"size": size, "cell": cell, "images": images, "columns": grid(max(1, len(crops)))[1]}
        return Reply(about, [encode_jpeg(tile(crops), _QUALITY)] if len(crops) else [])

    def _described(self) -> dict[str, Any]:
        done, total = self.atlas.counts
        return {
            "images": self.atlas.image_set,
            "grids": list(self.atlas.grids),
            "labels": list(self.atlas.labels),
            "activations": int(self.atlas.about["activations"]),
            "done": done,
            "total": total,
        }

    def _checked_cell(self, cell: Sequence[Any]) -> list[int]:
        if not cell:
            return []
        if len(cell) != 3:
            raise ArgumentError(f"cell is {cell!r}.", "Expected [grid, row, column], or an empty list.")
        size, row, column = (whole_number("cell", each, 0) for each in cell)
        self.atlas.cell(size, row, column)
        return [size, row, column]


def _checked_viewport(viewport: Sequence[Any]) -> list[float]:
    numbers = [each for each in viewport if isinstance(each, (int, float)) and np.isfinite(each)]
    if len(viewport) != 3 or len(numbers) != 3:
        raise ArgumentError(f"viewport is {viewport!r}.", "Expected [across, down, magnification].")
    across, down, zoom = map(float, numbers)
    return [min(max(across, 0.0), 1.0), min(max(down, 0.0), 1.0), min(max(zoom, 1.0), MOST_ZOOM)]


__all__ = ["AtlasMap"]
