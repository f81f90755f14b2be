"""Several animations in one grid: each frame of the result holds one frame of every animation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.export.frames_in import to_frames, with_channels
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["side_by_side"]


def side_by_side(frames: Any, columns: int | None) -> tuple[Any, dict[str, Any] | None]:
    """Arrange several animations in a grid.

    Args:
        frames: A dict of animations by name (shorter ones stay on their last frame), an array
            `[n, batch, height, width, channels]`, or a list of batches or of `Frame`s with several images.
        columns: Number of animations in a row. default: for a dict, the number that makes the grid closest to a
            square; anything else is returned unchanged.

    Returns:
        The frames, and for a dict the names and the columns of the grid, else None.

    Raises:
        ArgumentError: If `columns` is given and there is only one animation, or if the sizes differ.
    """
    if isinstance(frames, dict):
        if not frames:
            raise ArgumentError("There are no animations.", "Expected a dict of animations by name.")
        animations = [to_frames(each) for each in frames.values()]
        names = [str(name) for name in frames]
        sizes = {each.shape[1:3] for each in animations}
        if len(sizes) > 1:
            raise ArgumentError(
                f"The animations have the sizes {', '.join(f'{w}×{h}' for h, w in sorted(sizes))}.",
                "Resize or crop them to one size first.",
            )
        columns = _columns(columns, len(animations))
        return _grid(animations, columns), {"names": names, "columns": columns}
    if columns is None:
        return frames, None
    batches = list(_batches(frames))
    number = len(batches[0]) if batches else 0
    if number < 2 or any(len(batch) != number for batch in batches):
        raise ArgumentError(
            f"columns is {columns}, but these are not several animations.",
            "Expected a dict of animations, or an array [n, batch, height, width, channels].",
        )
    animations = [to_frames([batch[index] for batch in batches]) for index in range(number)]
    return _grid(animations, _columns(columns, number)), None


def _batches(frames: Any) -> Iterator[Any]:
    """Yield each frame as a batch of images. Ends early at a frame that is not a batch."""
    if isinstance(frames, Frame):
        return
    for each in frames:
        images = each.images if isinstance(each, Frame) else np.asarray(each)
        if images.ndim != 4:
            return
        yield images


def _columns(columns: int | None, number: int) -> int:
    if columns is None:
        return math.ceil(math.sqrt(number))
    return min(whole_number("columns", columns, 1), number)


def _grid(animations: list[UInt8Array], columns: int) -> UInt8Array:
    count = max(len(each) for each in animations)
    height, width = animations[0].shape[1:3]
    channels = max(each.shape[3] for each in animations)
    rows = -(-len(animations) // columns)
    out = np.zeros((count, rows, height, columns, width, channels), np.uint8)
    for index, each in enumerate(animations):
        row, column = divmod(index, columns)
        last = np.minimum(np.arange(count), len(each) - 1)
        cells = each[last]
        out[:, row, :, column] = with_channels(cells, channels)
    return out.reshape(count, rows * height, columns * width, channels)
