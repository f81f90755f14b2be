"""Several animations side by side, in lock-step: one animation whose frames are grids."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.export.frames_in import to_frames, with_channels
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io.serialize_array import UInt8Array


def side_by_side(frames: Any, columns: int | None) -> tuple[Any, dict[str, Any] | None]:
    """Several animations as one, side by side, each frame of which has a frame of each.

    Args:
        frames: A dict of animations by name, of which shorter ones stay on their last frame; an array
            `[n, batch, height, width, channels]`, a list of batches, or of `Frame`s with batches.
        columns: Animations in a row; by default as near to a square as it gets.

    Returns:
        The frames (those given, where there is nothing to lay out), and for the page the names and columns of the grid.

    Raises:
        ArgumentError: If there are not several animations to lay out.
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
                "Side by side they have one size: resize or crop them first.",
            )
        columns = _columns(columns, len(animations))
        return _grid(animations, columns), {"names": names, "columns": columns}
    if columns is None:
        return frames, None
    batches = list(_batches(frames))
    many = len(batches[0]) if batches else 0
    if many < 2 or any(len(batch) != many for batch in batches):
        raise ArgumentError(
            f"columns is {columns}, but there are not several animations to lay out.",
            "Expected a dict of animations, or frames that each have a batch of images: [n, batch, height, width,"
            " channels].",
        )
    animations = [to_frames([batch[index] for batch in batches]) for index in range(many)]
    return _grid(animations, _columns(columns, many)), None


def _batches(frames: Any) -> Iterator[Any]:
    """Each frame as a batch of images."""
    if isinstance(frames, Frame):
        return
    for each in frames:
        images = each.images if isinstance(each, Frame) else np.asarray(each)
        if images.ndim != 4:
            return
        yield images


def _columns(columns: int | None, many: int) -> int:
    if columns is None:
        return math.ceil(math.sqrt(many))
    return min(whole_number("columns", columns, 1), many)


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
