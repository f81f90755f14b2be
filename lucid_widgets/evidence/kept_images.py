"""`KeptImages`: the images that an index refers to, as JPEG files in one array of bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from PIL import Image

from lucid_widgets.images.recent import Recent
from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg
from lucid_widgets.misc.outside import opened_image

SIDES = (256, 192, 128, 96, 64, 48)
"""Longer sides to choose from, in pixels: the largest with which the images fit into `MAX_BYTES`."""

MAX_BYTES = 256 * 1024**2
_QUALITY = 90
_PROBES = 32
_MAX_WAITING = 16

_BLOCK = 1 << 22
_MAX_BLOCKS = 16
_MAX_DECODED = 160


class KeptImages:
    """Small copies of some images of a set.

    Args:
        indices: The images, in ascending order, int32 `[kept]`.
        ends: Where the file of each ends in `data`, int64 `[kept]`.
        data: All files, uint8. An array on disk works too.
    """

    def __init__(self, indices: Any, ends: Any, data: Any) -> None:
        self.indices, self.ends, self.data = np.asarray(indices), np.asarray(ends), data
        # One access to an array on disk takes longer than decoding an image, and a unit shows most images twice.
        self._blocks: Recent[UInt8Array] = Recent(_MAX_BLOCKS)
        self._decoded: Recent[UInt8Array] = Recent(_MAX_DECODED)

    def __contains__(self, index: int) -> bool:
        place = int(np.searchsorted(self.indices, index))
        return place < len(self.indices) and int(self.indices[place]) == index

    def read(self, index: int) -> UInt8Array:
        """Return an image as uint8 `[height, width, 3]`, read-only."""
        return self._decoded.get(index, lambda: self._decode(index))

    def _decode(self, index: int) -> UInt8Array:
        place = int(np.searchsorted(self.indices, index))
        begin, end = int(self.ends[place - 1]) if place else 0, int(self.ends[place])
        with opened_image(self._bytes(begin, end), f"Image {index} of the index") as image:
            found = np.array(image.convert("RGB"))
        found.flags.writeable = False
        return found

    def _bytes(self, begin: int, end: int) -> bytes:
        first = begin // _BLOCK
        blocks = [self._block(number) for number in range(first, (end - 1) // _BLOCK + 1)]
        joined = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        return joined[begin - first * _BLOCK : end - first * _BLOCK].tobytes()

    def _block(self, number: int) -> UInt8Array:
        return self._blocks.get(number, lambda: np.asarray(self.data[number * _BLOCK : (number + 1) * _BLOCK]))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays to store."""
        return {"kept_indices": self.indices, "kept_ends": self.ends, "kept_data": np.asarray(self.data)}


def collect(read: Callable[[int], UInt8Array | None], indices: Sequence[int], tick: Callable[[], object]) -> KeptImages:
    """Return small copies of images.

    Args:
        read: Returns an image, or None if it cannot be read.
        indices: The images, in ascending order.
        tick: Called after each image.
    """
    side = _side(read, indices)
    kept: list[int] = []
    files: list[bytes] = []
    waiting: deque[Future[bytes]] = deque()
    # Reading stays on this thread, because not every source can be read on several.
    with ThreadPoolExecutor(1, "lucid-widgets-copies") as other:
        for index in indices:
            image = read(index)
            if image is not None:
                kept.append(index)
                waiting.append(other.submit(_encoded, image, side))
            if len(waiting) > _MAX_WAITING:
                files.append(waiting.popleft().result())
            tick()
        files += [each.result() for each in waiting]
    ends = np.cumsum([len(each) for each in files], dtype=np.int64)
    return KeptImages(np.array(kept, np.int32), ends, np.frombuffer(b"".join(files), np.uint8))


def _side(read: Callable[[int], UInt8Array | None], indices: Sequence[int]) -> int:
    step = max(1, len(indices) // _PROBES)
    probes = [image for image in map(read, indices[::step][:_PROBES]) if image is not None]
    for side in SIDES:
        average = np.mean([len(_encoded(image, side)) for image in probes]) if probes else 0
        if average * len(indices) <= MAX_BYTES:
            return side
    return SIDES[-1]


def _encoded(image: UInt8Array, side: int) -> bytes:
    height, width = image.shape[:2]
    if max(height, width) > side:
        share = side / max(height, width)
        size = (max(1, round(width * share)), max(1, round(height * share)))
        image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
    return encode_jpeg(image, _QUALITY)


__all__ = ["KeptImages", "collect"]
