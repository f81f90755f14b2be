"""Arrays `[rows, columns, channels]` as bytes for the page, which then finds channels and maps without asking Python.

The bytes are the sum of each channel over positions and its scale, both float32, and then the values: int16, or int8
for large arrays. A value is its integer times the scale of its channel. All numbers are little-endian.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lucid_widgets.frames import FloatArray

MAX_BYTES = 900_000
"""Most bytes of values. Messages over a megabyte break the connection in some hosts, and notebooks contain them."""


def packed(values: FloatArray) -> tuple[dict[str, int], bytes]:
    """Pack an array for the page.

    Args:
        values: `[rows, columns, channels]`; `[1, 1, channels]` for a layer without positions.

    Returns:
        A description, and the bytes. `block` of the description is the number of neighboring rows and columns that
        are averaged into one, which is above 1 only for arrays that are too large for one message.
    """
    small, block = blocks(values, MAX_BYTES // values.shape[2])
    kind: Any = np.int16 if small.size * 2 <= MAX_BYTES else np.int8
    most = np.iinfo(kind).max
    scales = np.abs(small).max((0, 1)) / most
    numbers = np.rint(small / np.where(scales > 0, scales, 1)).astype(kind)
    sums = values.sum((0, 1), dtype=np.float64)
    rows, columns, channels = small.shape
    about = {"rows": rows, "columns": columns, "channels": channels, "bits": 8 * numbers.itemsize, "block": block}
    parts = [sums.astype("<f4"), scales.astype("<f4"), numbers.astype(numbers.dtype.newbyteorder("<"))]
    return about, b"".join(part.tobytes() for part in parts)


def blocks(values: FloatArray, most: int) -> tuple[FloatArray, int]:
    """Average `[rows, columns, channels]` over the smallest blocks that leave at most `most` positions.

    Returns:
        The means, and the number of rows and columns in a block.
    """
    block = 1
    while -(-values.shape[0] // block) * -(-values.shape[1] // block) > max(1, most):
        block += 1
    return (values if block == 1 else _averaged(values, block)), block


def _averaged(values: FloatArray, block: int) -> FloatArray:
    """Means over blocks of positions. Blocks at the right and at the bottom may be smaller."""
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis], block)
        counts = np.diff([*starts, values.shape[axis]])
        sums = np.add.reduceat(values, starts, axis)
        values = (sums / counts.reshape([-1 if each == axis else 1 for each in range(3)])).astype(np.float32)
    return values


__all__ = ["blocks", "packed"]
