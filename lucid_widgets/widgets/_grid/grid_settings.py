"""How the pictures of a grid are made: the settings that decide them, and what makes or fetches them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lucid_widgets.errors import ArgumentError
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import Layer, Model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.cache_keys import image_key
from lucid_widgets.optvis.many import default_batch, even_batch, square_images
from lucid_widgets.optvis.objectives import Objective
from lucid_widgets.optvis.unit_frames import UnitFrames
from lucid_widgets.widgets._core.traits import whole
from lucid_widgets.widgets._grid.cells import Cells, CellState, Keep

KINDS: dict[str, Callable[..., Objective]] = {"channel": objectives.channel, "neuron": objectives.neuron}
"""What a cell can show of a channel, and the objective that it is."""


@dataclass(frozen=True)
class GridSettings:
    """All that decides the pictures of a grid, and how many are made at once."""

    model: Model
    layer: str
    kind: str
    image_size: int
    steps: int
    seed: int
    transforms: Sequence[Any]
    batch: int | None

    def frames(self, cells: Cells, cache: ImageCache | None) -> UnitFrames:
        """The stream that makes what the cells do not have, after they got what the cache has.

        Args:
            cells: What is to be made.
            cache: Where pictures are kept; None for nowhere.
        """
        keep = None if cache is None else self._fetched(cells, cache)
        most = self.batch
        if most is None and not cells.finished.all():
            most = default_batch(self.model, self.objective(cells.units[0]), square_images(self.image_size))
        return UnitFrames(
            self.model,
            self.objective,
            cells.claim(keep),
            batch=even_batch(len(cells), most or 1),
            image_size=self.image_size,
            steps=self.steps,
            seed=self.seed,
            transforms=self.transforms,
        )

    def objective(self, unit: int, place: int | None = None) -> Objective:
        """What is maximized for a unit, in all images or in that of a place."""
        return KINDS[self.kind](self.layer, unit, batch=place)

    def _fetched(self, cells: Cells, cache: ImageCache) -> Keep | None:
        """Gives the cells what was made before; returns what keeps the pictures that are made now."""
        settings = {"kind": self.kind, "steps": self.steps, "seed": self.seed, "transforms": self.transforms}
        key = image_key(self.model, self.layer, image_size=self.image_size, **settings)
        if key is None:
            return None
        for place, unit in enumerate(cells.units):
            kept = None if cells.states[place] == CellState.MADE else cache.load(key, unit)
            if kept is not None and kept.picture.shape == cells.pictures.shape[1:]:
                cells.put(unit, kept.picture, kept.value)
        return lambda unit, picture, value: cache.store(key, unit, picture, value)


def units_of(layer: Layer, channels: Sequence[int] | None) -> list[int]:
    """The channels of a layer that a grid shows; all where `channels` is None.

    Raises:
        ArgumentError: There are none, or one is listed twice.
        OutOfRangeError: The layer does not have one of them.
    """
    count = layer.channels or 0
    if channels is None:
        return list(range(count))
    if not channels:
        raise ArgumentError("channels is empty.", "Expected at least one, or None for all.")
    if len(set(channels)) < len(channels):
        raise ArgumentError("A channel is listed twice.", "Expected each once.")
    return [whole("channel", each, 0, count - 1, owner=f"layer {layer.name!r}") for each in channels]


def labels_of(model: Model, layer: Layer) -> list[str]:
    """The names of a layer's channels, where it is one of the classes."""
    names = model.labels or ()
    # An inner layer may have as many channels as there are classes.
    scores = layer.kind in ("dense", "softmax") and layer.channels == len(names)
    return [str(name) for name in names] if scores else []
