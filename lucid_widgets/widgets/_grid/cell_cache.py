"""Cells from the cache on disk, and back."""

from __future__ import annotations

from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.widgets._grid.cells import Cells, CellState, Keep


def filled(cells: Cells, cache: ImageCache | None, key: str | None) -> Keep | None:
    """Fill cells from the cache.

    Args:
        cells: The cells.
        cache: The cache; None for none.
        key: Cache key of the images, from `image_key`; None if they cannot be cached.

    Returns:
        A function that stores new images; None if they cannot be stored.
    """
    if cache is None or key is None:
        return None
    for place, unit in enumerate(cells.units):
        kept = None if cells.states[place] == CellState.MADE else cache.load(key, unit)
        if kept is not None and kept.image.shape == cells.images.shape[1:]:
            cells.put(unit, kept.image, kept.value)
    return lambda unit, image, value: cache.store(key, unit, image, value)


__all__ = ["filled"]
