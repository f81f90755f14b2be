"""`VolumeSheet`: the slices of a volume side by side in one image, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from lucid_widgets.errors import ArgumentError, whole_number

__all__ = ["VolumeSheet", "as_volumes"]

_GAP = 1


@dataclass(frozen=True)
class VolumeSheet:
    """How volumes `[depth, height, width, channels]` are shown as images: as sheets of slices.

    Slices follow each other row by row, with black lines of one pixel between them. Places that remain empty are black.
    Everything that shows, saves or compares images therefore works for volumes too.

    Attributes:
        depth: Number of slices.
        height: Height of a slice in voxels.
        width: Width of a slice in voxels.

    Raises:
        ArgumentError: If a size is not a whole number.
        OutOfRangeError: If a size is below 1.

    Example:
        >>> layout = models.VolumeSheet(16, 32, 32)
        >>> layout.rows, layout.columns, layout.sides
        (4, 4, (131, 131))
    """

    depth: int
    height: int
    width: int

    def __post_init__(self) -> None:
        for name in ("depth", "height", "width"):
            object.__setattr__(self, name, whole_number(f"{name} of VolumeSheet()", getattr(self, name), 1))

    @property
    def columns(self) -> int:
        """Number of slices side by side, chosen so that the sheet is about square."""
        return min(self.depth, max(1, round(math.sqrt(self.depth * self.height / self.width))))

    @property
    def rows(self) -> int:
        """Number of rows of slices."""
        return math.ceil(self.depth / self.columns)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width of a sheet in pixels."""
        return self.rows * (self.height + _GAP) - _GAP, self.columns * (self.width + _GAP) - _GAP

    def volumes(self, sheets: Any) -> Any:
        """Return the volumes in sheets.

        Args:
            sheets: Tensor or array `[batch, height, width, channels]` of the size `sides`, which `render_vis` returns.

        Returns:
            `[batch, depth, height, width, channels]`.

        Raises:
            ArgumentError: If the images have another size.

        Example:
            >>> layout = VolumeSheet(16, 32, 32)
            >>> layout.volumes(np.zeros((1, 131, 131, 3))).shape
            (1, 16, 32, 32, 3)
        """
        if len(sheets.shape) != 4 or tuple(sheets.shape[1:3]) != self.sides:
            raise ArgumentError(
                f"The images have the shape {tuple(sheets.shape)}.",
                f"Expected sheets of {self.depth} slices, (batch, {self.sides[0]}, {self.sides[1]}, channels), such as "
                f"param.volume({self.depth}, {self.width}, {self.height}) returns.",
            )
        pad, reshape, transpose = _functions(sheets)
        cell_height, cell_width, channels = self.height + _GAP, self.width + _GAP, sheets.shape[-1]
        cells = reshape(
            pad(sheets, [[0, 0], [0, _GAP], [0, _GAP], [0, 0]]),
            [-1, self.rows, cell_height, self.columns, cell_width, channels],
        )
        slices = transpose(cells, [0, 1, 3, 2, 4, 5])[:, :, :, : self.height, : self.width]
        flat = reshape(slices, [-1, self.rows * self.columns, self.height, self.width, channels])
        return flat[:, : self.depth]

    def sheets(self, volumes: Any) -> Any:
        """Return volumes as sheets, which `volumes` turns back.

        Args:
            volumes: Tensor or array `[batch, depth, height, width, channels]`.

        Returns:
            `[batch, height, width, channels]` of the size `sides`.

        Raises:
            ArgumentError: If the volumes have another size.
        """
        if len(volumes.shape) != 5 or tuple(volumes.shape[1:4]) != (self.depth, self.height, self.width):
            raise ArgumentError(
                f"The volumes have the shape {tuple(volumes.shape)}.",
                f"Expected (batch, {self.depth}, {self.height}, {self.width}, channels).",
            )
        pad, reshape, transpose = _functions(volumes)
        empty, channels = self.rows * self.columns - self.depth, volumes.shape[-1]
        cells = pad(volumes, [[0, 0], [0, empty], [0, _GAP], [0, _GAP], [0, 0]])
        cell_height, cell_width = self.height + _GAP, self.width + _GAP
        placed = transpose(
            reshape(cells, [-1, self.rows, self.columns, cell_height, cell_width, channels]), [0, 1, 3, 2, 4, 5]
        )
        whole = reshape(placed, [-1, self.rows * cell_height, self.columns * cell_width, channels])
        return whole[:, : self.sides[0], : self.sides[1]]


def _functions(values: Any) -> tuple[Any, Any, Any]:
    return (tf.pad, tf.reshape, tf.transpose) if tf.is_tensor(values) else (np.pad, np.reshape, np.transpose)


def as_volumes(t_input: Any, sheet: VolumeSheet, channels: int | None, owner: str) -> tf.Tensor:
    """Return float32 volumes `[batch, depth, height, width, channels]`.

    Args:
        t_input: Sheets `[batch, height, width, channels]`, one sheet without the batch axis, or volumes, of any float
            type. Volumes may have another size than those of `sheet`.
        sheet: The layout of the sheets.
        channels: Expected number of channels; None accepts any.
        owner: The model's name, for error messages.

    Raises:
        ArgumentError: If the shape or the type differs.
    """
    given = tf.convert_to_tensor(t_input)
    if not given.dtype.is_floating:
        raise ArgumentError(
            f"{owner} was given volumes of type {given.dtype.name}.", "Expected floating point values in [0, 1]."
        )
    if given.shape.rank == 3:
        given = given[tf.newaxis]
    volumes = given if given.shape.rank == 5 else sheet.volumes(given)
    if channels and volumes.shape[-1] not in (None, channels):
        raise ArgumentError(
            f"{owner} was given volumes of {volumes.shape[-1]} channels.",
            f"Expected {channels}. Pass param_f=lambda: param.volume({sheet.depth}, {sheet.width}, {sheet.height}, "
            f"channels={channels}).",
        )
    return tf.cast(volumes, tf.float32)
