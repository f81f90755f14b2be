"""`Atlas`: an activation atlas, opened for reading. Needs no TensorFlow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.frames import FloatArray
from lucid_widgets.microscope.atlas.store import AtlasStore, grid_name
from lucid_widgets.microscope.opened import Microscope
from lucid_widgets.microscope.store import Store
from lucid_widgets.misc.io.serialize_array import UInt8Array

TOP = 5
"""Number of classes that a cell lists."""


@dataclass(frozen=True)
class AtlasCell:
    """A cell of an atlas.

    Attributes:
        grid: Number of cells along each side of its grid.
        row: Its row, from the top.
        column: Its column, from the left.
        number: Its number among the cells of the grid that have activations.
        count: Number of activations.
        classes: Label and mean attribution of the classes that it speaks for most, the strongest first.
        images: Ids of the images with typical activations.
    """

    grid: int
    row: int
    column: int
    number: int
    count: int
    classes: tuple[tuple[str, float], ...]
    images: tuple[str, ...]


class Atlas:
    """An activation atlas, as `render_atlas` has stored it. Needs neither the network nor TensorFlow.

    An atlas can be read while it is being rendered: `refresh` takes in what was finished since.

    Example:
        >>> found = Atlas.open("my_atlas")
        >>> found.cell(10, row=3, column=4).classes
        >>> show(found.picture())
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refresh()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Atlas:
        """Open an atlas.

        Args:
            path: Its folder, or a URL that fsspec knows.

        Raises:
            MissingFileError: There is no store.
            ArgumentError: It holds no atlas, is damaged, or another version of this package wrote it.
        """
        return cls(Store(path))

    def refresh(self) -> int:
        """Read again which images are finished, and return how many are."""
        self._images = Microscope(self._store)
        self._arrays = AtlasStore(self._store.folder)
        about = self._arrays.about()
        if about is None:
            raise ArgumentError(
                f"{self.path} holds no atlas.", "Run render_atlas first; Microscope.open reads stores of render_model."
            )
        if about != getattr(self, "_about", about):
            self._cells.clear()
            for name in ("layout", "_examples"):
                vars(self).pop(name, None)
        self._about = about
        return self.counts[0]

    def __repr__(self) -> str:
        done, total = self.counts
        grids = ", ".join(f"{size} × {size}" for size in self.grids)
        return f"<Atlas {self.model} {self.layer}: {grids}, {done:,} of {total:,} images>"

    @cached_property
    def _cells(self) -> dict[int, dict[str, npt.NDArray[Any]]]:
        return {}

    @property
    def path(self) -> str:
        """Path or URL of the store."""
        return self._store.folder.url

    @property
    def about(self) -> dict[str, Any]:
        """How the atlas was made, in words and numbers that JSON can hold."""
        return dict(self._about)

    @property
    def model(self) -> str:
        """Name of the network."""
        return str(self._about["model"])

    @property
    def layer(self) -> str:
        """The layer."""
        return str(self._about["layer"])

    @property
    def image_set(self) -> str:
        """Name of the set of real images."""
        return str(self._about["images"])

    @property
    def grids(self) -> tuple[int, ...]:
        """Number of cells along each side of each grid, ascending."""
        return tuple(sorted(int(size) for size in self._about["grids"]))

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the classes; empty if the network has no class layer."""
        return tuple(self._about["labels"])

    @property
    def counts(self) -> tuple[int, int]:
        """Number of finished images, and of cells of all grids."""
        done = [self.finished(size) for size in self.grids]
        return sum(int(each.sum()) for each in done), sum(len(each) for each in done)

    @property
    def complete(self) -> bool:
        """Whether every cell has its image, or a reason why it has none."""
        done, total = self.counts
        names = [grid_name(size) for size in self.grids]
        return done + sum(len(self._images.failed(name, self._about["variant"])) for name in names) >= total

    @cached_property
    def layout(self) -> FloatArray:
        """Positions of all activations, float32 `[activations, 2]` in [0, 1]: across, and down."""
        return self._arrays.arrays("layout")["places"]

    def activations(self) -> FloatArray:
        """Return all activations, float32 `[activations, channels]`, in the order of `layout`."""
        return self._arrays.arrays("samples", "activations")["activations"]

    def places(self, grid: int) -> npt.NDArray[np.int32]:
        """Return row and column of each cell of a grid that has activations, int32 `[cells, 2]`."""
        return self._of(grid)["places"]

    def sizes(self, grid: int) -> npt.NDArray[np.int32]:
        """Return the number of activations of each cell of a grid, int32 `[cells]`."""
        return self._of(grid)["counts"]

    def directions(self, grid: int) -> FloatArray:
        """Return the direction that each cell visualizes, float32 `[cells, channels]`, of length 1."""
        return self._of(grid)["directions"]

    def attributions(self, grid: int) -> FloatArray:
        """Return the mean attribution of each cell to each class, float32 `[cells, classes]`.

        The attribution of an activation to a class is the activation times the gradient of the class's logit, summed
        over channels. The gradient is averaged over some points of the straight path from zero to the activations of
        the layer, so the attributions of all positions of an image add up to about what the logit loses if the layer
        is zero (integrated gradients).
        """
        return self._of(grid)["attributions"]

    def attribution(self, label: str, minus: str = "", *, grid: int) -> FloatArray:
        """Return the mean attribution of each cell to a class, or to the difference of two, float32 `[cells]`.

        Args:
            label: Label of the class.
            minus: Label of a class to subtract. Default: none.
            grid: The grid.

        Raises:
            UnknownNameError: There is no such class.
        """
        values = self.attributions(grid)
        first = values[:, self._class(label)]
        return first - values[:, self._class(minus)] if minus else first

    def finished(self, grid: int) -> npt.NDArray[np.bool_]:
        """Return which cells of a grid have their image, bool `[cells]`."""
        self._checked(grid)
        return self._images.finished(grid_name(grid), self._about["variant"])

    def images(self, grid: int, cells: Any = None) -> UInt8Array:
        """Return the images of cells, uint8 `[cells, height, width, 3]`; black where there is none yet.

        Args:
            grid: The grid.
            cells: Numbers of cells. Default: all.
        """
        self._checked(grid)
        return self._images.images(grid_name(grid), self._about["variant"], channels=cells)

    def cell(self, grid: int, row: int, column: int) -> AtlasCell:
        """Return a cell.

        Args:
            grid: The grid.
            row: Its row, from the top.
            column: Its column, from the left.

        Raises:
            ArgumentError: It has no activations, or too few.
        """
        found = np.flatnonzero((self.places(grid) == (row, column)).all(1))
        if not len(found):
            raise ArgumentError(
                f"The cell in row {row}, column {column} has too few activations.",
                f"`places({grid})` lists the cells that have enough.",
            )
        number = int(found[0])
        values = self.attributions(grid)[number]
        best = [each for each in np.argsort(-values, kind="stable")[:TOP] if values[each] > 0]
        return AtlasCell(
            grid,
            row,
            column,
            number,
            int(self.sizes(grid)[number]),
            tuple((self.labels[each], float(values[each])) for each in best),
            tuple(name for name, _ in self._named(grid, number)),
        )

    def crops(self, grid: int, number: int) -> tuple[list[tuple[str, str]], UInt8Array]:
        """Return what the typical activations of a cell have seen.

        Args:
            grid: The grid.
            number: Number of the cell.

        Returns:
            Id and label of each image, and the parts of them, uint8 `[images, side, side, 3]`.
        """
        named = self._named(grid, number)
        crops = self._arrays.array("examples", "crops")
        places = np.searchsorted(self._examples["samples"], self._members(grid, number))
        return named, np.asarray(crops.oindex[places])

    def picture(self, grid: int | None = None, background: float = 1.0) -> UInt8Array:
        """Return the whole map as one image, uint8 `[grid * height, grid * width, 3]`.

        Args:
            grid: The grid. Default: the coarsest.
            background: Brightness of cells without an image, from 0 to 1. Default: 1, white.
        """
        size = self.grids[0] if grid is None else grid
        images = self.images(size)
        height, width = images.shape[1:3]
        canvas = np.full((size, height, size, width, 3), round(255 * background), np.uint8)
        for (row, column), image, done in zip(self.places(size), images, self.finished(size), strict=True):
            if done:
                canvas[row, :, column] = image
        return canvas.reshape(size * height, size * width, 3)

    @cached_property
    def _examples(self) -> dict[str, Any]:
        found = self._arrays.arrays("examples", "samples")
        return {**found, **self._arrays.more("examples")}

    def _members(self, grid: int, number: int) -> npt.NDArray[np.int32]:
        cells = self._of(grid)["examples"]
        members = cells[whole_number("number", number, 0, len(cells) - 1)]
        return members[members >= 0]

    def _named(self, grid: int, number: int) -> list[tuple[str, str]]:
        places = np.searchsorted(self._examples["samples"], self._members(grid, number))
        ids, labels = self._examples["ids"], self._examples["labels"]
        return [(str(ids[place]), str(labels[place]) if labels else "") for place in places]

    def _class(self, label: str) -> int:
        if label not in self.labels:
            raise unknown_name("class", label, f"The atlas of {self.model}", self.labels)
        return self.labels.index(label)

    def _checked(self, grid: int) -> int:
        if grid not in self.grids:
            known = ", ".join(map(str, self.grids))
            raise ArgumentError(f"The atlas has no grid {grid!r}.", f"Expected one of {known}.")
        return grid

    def _of(self, grid: int) -> dict[str, npt.NDArray[Any]]:
        if self._checked(grid) not in self._cells:
            names = ("places", "counts", "directions", "attributions", "examples")
            self._cells[grid] = self._arrays.arrays(grid_name(grid), *names)
        return self._cells[grid]


__all__ = ["Atlas", "AtlasCell"]
