"""`RealCells`: real images in place of a grid's visualizations, and figures by which the page sorts its channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.microscope.search import FIGURES
from lucid_widgets.misc.io.serialize_array import encode_jpeg, grid, tile
from lucid_widgets.widgets._core.background import weakly
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.part import Part
from lucid_widgets.widgets._evidence.unit_record import CROP

if TYPE_CHECKING:
    from lucid_widgets.widgets.feature_grid import FeatureGrid

MAX_ASKED = 24
"""Most channels in one answer. The page asks again for others."""

MAX_ACROSS = 3
_QUALITY = 84


class RealCells(Part):
    """Answers the page's requests for real images, and makes the index when one of the settings first needs it.

    Args:
        widget: The owner. It needs `GridTraits`.
        make: Returns what makes or has the index, an `IndexMaking` or a `GivenIndex`. Takes `changed`.
        given: What `images` is before there is an index.
    """

    widget: FeatureGrid

    def __init__(self, widget: FeatureGrid, make: Callable[..., Any], *, given: Any) -> None:
        super().__init__(widget)
        self._given = given
        self._published: tuple[ActivationIndex, str] | None = None
        self._count = 0
        # The layer in which the user has searched by figures.
        self._compared = ""
        follow = weakly(self._follow)
        self._making = widget._own(make(changed=follow))
        widget._publish(_image_source=self._making.source)
        widget.observe(lambda change: follow(), ["layer", "show_images", "turned", "sort_by", "hide_dead"])

    @property
    def images(self) -> Any:
        """What a `LucidWidget` of this network takes as images: the index if there is one, or what was passed."""
        return self._given if self._published is None else self._published[0]

    def commands(self) -> Mapping[str, Command]:
        return {"real_cells": self._cells, "compare": self._compare}

    def checked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return a change of traits, in which turned channels exist and fit the side that all cells show.

        Raises:
            ArgumentError: If there are no real images to show or to sort by.
            OutOfRangeError: If the layer has no such channel.
        """
        wants = values.get("show_images") or values.get("turned") or values.get("hide_dead")
        if (wants or values.get("sort_by", "channel") != "channel") and not self._making.source:
            raise ArgumentError(
                f"{self.widget.model_name} comes with no images.", "Pass some, as the argument images of the grid."
            )
        if "turned" in values:
            values["turned"] = sorted({whole_number("channel", each, 0) for each in values["turned"]})
        elif "show_images" in values or values.get("layer", self.widget.layer) != self.widget.layer:
            values["turned"] = []
        return values

    def _follow(self) -> None:
        """Publish the figures if something needs them. Needs the lock, which observers hold."""
        widget = self.widget
        asks = widget.show_images or widget.turned or widget.hide_dead or widget.sort_by != "channel"
        asks = asks or self._compared == widget.layer
        if widget._closed or not (asks or self._published):
            return
        found = self._making.find(widget.layer)
        if found != self._published:
            self._published = found
            self._count += 1
            widget._publish(_figures={} if found is None else {"id": self._count, **_figures(*found)})
        if found is None and asks:
            self._making.want(widget.layer)
        self._making.publish_state(widget.layer, 0)

    def _compare(self) -> None:
        """The command of the page: publish the figures of the layer, because the user searches by one."""
        with self.lock:
            if self._making.source:
                self._compared = self.widget.layer
                self._follow()

    def _cells(self, id: int, units: Sequence[int], across: int = 2) -> Reply:
        """The command of the page: `across`² crops per channel, in one JPEG.

        Args:
            id: The `id` of the figures that the page has.
            units: Channels of the layer.
            across: Number of crops side by side in a cell.
        """
        with self.lock:
            published, count = self._published, self._count
        if published is None or id != count:
            return Reply({"units": []})
        index, layer = published
        known = [int(each) for each in units[:MAX_ASKED] if 0 <= int(each) < index.channels(layer)]
        side = whole_number("across", across, 1, MAX_ACROSS)
        if not known:
            return Reply({"units": []})
        cells = np.stack([_mosaic(index, layer, unit, side) for unit in known])
        about = {"id": id, "units": known, "across": side, "columns": grid(len(known))[1], "size": side * CROP}
        return Reply(about, [encode_jpeg(tile(cells), _QUALITY)])


def _mosaic(index: ActivationIndex, layer: str, channel: int, across: int) -> np.ndarray:
    """The crops that excite a channel most, row by row; black where there are fewer."""
    unit = index[layer, channel]
    crops = np.zeros((across**2, CROP, CROP, 3), np.uint8)
    for place, shown in enumerate(unit.shown("most")[: across**2]):
        crops[place] = unit.crop(shown, CROP)
    return crops.reshape(across, across, CROP, CROP, 3).swapaxes(1, 2).reshape(across * CROP, across * CROP, 3)


def _figures(index: ActivationIndex, layer: str) -> dict[str, Any]:
    figures = {name: [rounded(each) for each in index.figures(layer, name)] for name in FIGURES}
    best = index.best_labels(layer)
    about = {"count": len(index), "source": str(index.about["images"])}
    return {**about, **figures, "best": best, "dead": index.dead(layer)}


def rounded(value: float) -> float | None:
    """Return a figure with the digits that a page needs; None if it is unknown."""
    return float(f"{value:.4g}") if np.isfinite(value) else None


class GivenIndex(Part):
    """An index that was made before, in the place of `IndexMaking`.

    Args:
        widget: The owner.
        index: The index; None for none.
        changed: Called when the index changes, which it does not.
    """

    def __init__(self, widget: FeatureGrid, index: ActivationIndex | None, *, changed: Callable[[], object]) -> None:
        super().__init__(widget)
        self._index = index

    @property
    def source(self) -> str:
        """The name of the images; empty if there are none."""
        return "" if self._index is None else str(self._index.about["images"])

    def find(self, layer: str) -> tuple[ActivationIndex, str] | None:
        """Return the index and the layer, if the index has it."""
        return None if self._index is None or layer not in self._index.layers else (self._index, layer)

    def want(self, layer: str) -> None:
        """Do nothing: there is no network to make an index with."""

    def publish_state(self, layer: str, channel: int) -> None:
        """Publish whether the index has the layer."""
        state = "ready" if self.find(layer) else "none"
        self.widget._publish(_evidence_build={"state": state, "source": self.source})


__all__ = ["GivenIndex", "RealCells", "rounded"]
