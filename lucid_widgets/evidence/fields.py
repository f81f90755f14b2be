"""`Field`: which pixels of an image the positions of a layer see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ArgumentError

Box = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels, the last two excluded."""


@dataclass(frozen=True)
class Field:
    """Receptive fields of a layer's positions, for images of one size.

    Attributes:
        grid: Rows and columns of positions; (1, 1) for a layer without positions.
        image: Height and width of the images, in pixels.
        size: Rows and columns that a position sees, in pixels; None if it sees the whole image, or it is unknown.
        stride: Pixels between the fields of two neighboring positions.
        start: First row and column that the first position sees; negative where there is padding.
    """

    grid: tuple[int, int]
    image: tuple[int, int]
    size: tuple[int, int] | None = None
    stride: tuple[int, int] = (1, 1)
    start: tuple[int, int] = (0, 0)

    def place(self, position: int) -> tuple[int, int]:
        """Return row and column of a position that was counted row by row."""
        row, column = divmod(position, self.grid[1])
        if not 0 <= row < self.grid[0]:
            raise ArgumentError(f"There is no position {position}.", f"Expected one of {self.grid[0] * self.grid[1]}.")
        return row, column

    def box(self, position: int) -> Box:
        """Return the pixels that a position sees, without padding. It is never empty."""
        height, width = self.image
        if self.size is None:
            return 0, 0, height, width
        row, column = self.place(position)
        top, bottom = _clipped(self.start[0] + row * self.stride[0], self.size[0], height)
        left, right = _clipped(self.start[1] + column * self.stride[1], self.size[1], width)
        return top, left, bottom, right

    def to_json(self) -> dict[str, Any]:
        """Return a dict that JSON can hold."""
        return {name: value if value is None else list(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Field:
        """Return the field that `to_json` described."""
        pairs: dict[str, Any] = {name: value if value is None else tuple(value) for name, value in values.items()}
        return cls(**pairs)


def _clipped(first: int, length: int, image: int) -> tuple[int, int]:
    start = min(max(first, 0), image - 1)
    return start, max(min(first + length, image), start + 1)


def field_of(grid: Sequence[int], image: tuple[int, int], window: Any) -> Field:
    """Return the field of a layer.

    Args:
        grid: Shape of one image's activations without channels: rows and columns, tokens, or nothing.
        image: Height and width of the images.
        window: A `Window` of the survey of receptive fields, or None.
    """
    if len(grid) != 2:
        # Tokens mix the whole image, and a layer without positions sees all of it.
        return Field((1, int(grid[0]) if grid else 1), image)
    rows, columns = (int(side) for side in grid)
    if window is None:
        return Field((rows, columns), image)
    first = (round(window.start[0] - window.size[0] / 2), round(window.start[1] - window.size[1] / 2))
    return Field((rows, columns), image, window.size, window.stride, first)


__all__ = ["Box", "Field", "field_of"]
