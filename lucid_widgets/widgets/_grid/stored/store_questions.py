"""`StoreQuestions`: what the page of a stored grid asks: searches, and the units that are similar to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lucid_widgets.errors import LucidError, whole_number
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.frames import finite_or_none
from lucid_widgets.microscope import Microscope
from lucid_widgets.microscope.search import Query
from lucid_widgets.misc.io.serialize_array import UInt8Array, encode_jpeg, grid, tile
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._grid.cells import on_squares
from lucid_widgets.widgets._grid.real_cells import rounded

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid

MOST_FOUND = 24
"""Most units that a search lists."""

_SIMILAR = 6
_SIDE = 88  # of the images of units that respond to the same real images
_QUALITY = 84


class StoreQuestions(Part):
    """Answers from the store, and from the index of real images.

    Args:
        widget: The owner.
        store: Returns the store, as it was last read.
        images: The `ActivationIndex`; None for none.
    """

    widget: FeatureGrid

    def __init__(self, widget: FeatureGrid, store: Callable[[], Microscope], images: ActivationIndex | None) -> None:
        super().__init__(widget)
        self._store, self._images = store, images

    def commands(self) -> Mapping[str, Command]:
        return {"find": self._find, "about": self._about}

    def _find(self, text: str, beyond: str = "") -> Reply:
        """The command of the page: units that match words and comparisons, as for `Microscope.search`.

        Args:
            text: The words and comparisons.
            beyond: A layer that is left out.
        """
        store = self._store()
        try:
            query = Query.parse(text[:200])
            found = store.search(text[:200], images=self._images) if text.strip() else []
        except LucidError:  # of a comparison that is not finished, or without real images, which the page says
            return Reply({"units": [], "count": 0})
        found = [unit for unit in found if unit.rpartition(":")[0] != beyond]
        compared = query.comparisons[0].figure if query.comparisons else ""
        return Reply(
            {"units": [self._named(store, unit, compared) for unit in found[:MOST_FOUND]], "count": len(found)}
        )

    def _named(self, store: Microscope, unit: str, figure: str = "") -> dict[str, Any]:
        layer, _, channel = unit.rpartition(":")
        labels = store.labels(layer)
        named = {"layer": layer, "unit": int(channel), "label": labels[int(channel)] if labels else ""}
        if figure and self._images is not None:
            named["figure"] = rounded(float(self._images.figures(layer, figure)[int(channel)]))
        return named

    def _about(self, unit: int) -> Reply:
        """The command of the page: what the store says about a channel of the layer that is shown.

        The buffer is a JPEG with the images of `alike`, the units of all layers that respond to the same real images.
        """
        store, layer, variant = self._store(), self.widget.layer, self.widget.variant
        channel = whole_number("unit", unit, 0, store.channels(layer) - 1)
        if not store.finished(layer, variant)[channel]:
            return Reply({"unit": channel, "related": [], "alike": []})
        steps, values = store.curve((layer, channel), variant)
        related = store.related((layer, channel), _SIMILAR, variant=variant)
        alike, sheet = self._alike(store, layer, channel, variant)
        return Reply(
            {
                "unit": channel,
                "objective": store.record((layer, channel), variant)["objective"],
                "steps": steps.tolist(),
                "values": [finite_or_none(float(value)) for value in values],
                "related": [int(name.rpartition(":")[2]) for name, _ in related],
                "alike": alike,
                "columns": grid(len(alike))[1] if alike else 0,
                "size": _SIDE,
            },
            [] if sheet is None else [encode_jpeg(sheet, _QUALITY)],
        )

    def _alike(
        self, store: Microscope, layer: str, channel: int, variant: str
    ) -> tuple[list[dict[str, Any]], UInt8Array | None]:
        index = self._images
        if index is None or layer not in index.layers or index.channels(layer) != store.channels(layer):
            return [], None
        known = [name for name in store.layers if name in index.layers and index.channels(name) == store.channels(name)]
        units, images = [], []
        for name, correlation in index.related((layer, channel), _SIMILAR, layers=known):
            if correlation <= 0:  # and so are all that follow
                break
            units.append({**self._named(store, name), "correlation": rounded(correlation)})
            images.append(_small(store, name, variant))
        return units, np.asarray(tile(np.stack(images))) if images else None


def _small(store: Microscope, unit: str, variant: str) -> UInt8Array:
    """The image of a unit as a small square; black if it has none."""
    layer, _, channel = unit.rpartition(":")
    image = on_squares(store.images(layer, variant, channels=[int(channel)]))[0]
    return np.asarray(Image.fromarray(image).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS))


__all__ = ["StoreQuestions"]
