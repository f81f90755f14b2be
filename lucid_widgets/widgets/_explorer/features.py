"""The images that an explorer shows: of channels, of groups of channels, or of all positions of a layer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lucid_widgets.attribution.grid_cells import GridCells
from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import FloatArray, Frame
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.cache_keys import image_key
from lucid_widgets.optvis.default_image import transforms_for
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.widgets._explorer.feature_images import BATCH, STEPS
from lucid_widgets.widgets._grid.cell_cache import filled
from lucid_widgets.widgets._grid.cells import Cells, Claim
from lucid_widgets.widgets._grid.grid_settings import GridSettings

GRID_STEPS = 48
"""Steps of each position of an activation grid. Neighbors share parameters, so fewer are enough."""

GRID_CALL = 4
"""Steps of one group of positions before the next group."""

_POWER = 1.0


@dataclass(frozen=True, eq=False)
class Features:
    """The images of a layer's channels, of directions in its channel space, or of all its positions.

    Attributes:
        kind: "channels", "groups" or "positions".
        model: The model.
        layer: The layer.
        count: Number of images.
        size: Width and height of the images in pixels.
        directions: One direction per group, `[groups, channels]`, or per position, `[rows, columns, channels]`; None
            for channels.
        source: What the directions come from, for comparisons.
    """

    kind: str
    model: Model
    layer: str
    count: int
    size: int
    directions: FloatArray | None = None
    source: Hashable = None

    @property
    def key(self) -> Hashable:
        """Equal for features with equal images."""
        return self.kind, self.layer, self.count, self.size, self.source

    def cells(self, id: int) -> Cells:
        """New cells for the images."""
        return Cells(id, range(self.count), self.size, only_wanted=True)

    def objective(self, unit: int, place: int | None = None) -> Objective:
        """What an image maximizes.

        Raises:
            ArgumentError: The images are of positions.
        """
        if self.kind == "channels" or self.directions is None:
            return objectives.channel(self.layer, unit, batch=place)
        if self.kind == "positions":
            raise ArgumentError("This view shows positions, not channels.", "Choose another view first.")
        return objectives.direction(self.layer, self.directions[unit], batch=place)

    def frames(self, cells: Cells, cache: ImageCache | None) -> Iterable[Frame]:
        """The stream that makes the cells that a page shows. Called on the worker."""
        batch = min(BATCH, self.count)
        transforms = transforms_for(self.model)
        if self.directions is None:
            settings = GridSettings(self.model, self.layer, "channel", self.size, STEPS, 0, transforms, batch)
            return settings.frames(cells, cache)
        if self.kind == "positions":
            grid = GridCells(self.model, self.layer, self.directions, self.size, _POWER, 0)
            return grid_frames(grid, cells.claim(), GRID_STEPS)
        # Rounded, because repeated factorizations of the same activations differ in their last digits.
        about: dict[str, Any] = {"kind": "direction", "steps": STEPS, "directions": np.round(self.directions, 4)}
        key = image_key(self.model, self.layer, image_size=self.size, transforms=transforms, **about)
        claim = cells.claim(filled(cells, cache, key))
        return UnitFrames(
            self.model,
            self.objective,
            claim,
            batch=batch,
            image_size=self.size,
            steps=STEPS,
            transforms=transforms,
        )


def grid_frames(grid: GridCells, claim: Claim, steps: int) -> Iterator[Frame]:
    """Optimize all positions, some per frame, and show them in cells."""
    made, count = 0, len(grid.images.reshape(-1, *grid.images.shape[2:]))
    while grid.step < steps:
        call = min(GRID_CALL, steps - grid.step)
        last = grid.step + call >= steps
        for places, images in grid.advance(call):
            # The last group is filled up with positions of the first.
            fresh = dict(zip(places, images, strict=True))
            shown = np.stack(list(fresh.values()))
            if last:
                claim.made(list(fresh), shown, [float("nan")] * len(fresh))
            else:
                claim.show(list(fresh), shown)
            made += call * len(places)
            yield Frame(min(made, steps * count), None, images)


__all__ = ["Features", "grid_frames"]
