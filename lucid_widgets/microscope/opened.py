"""`Microscope`: a store of feature visualizations, opened for reading. Needs no TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.frames import FloatArray
from lucid_widgets.microscope.search import Query, features, nearest
from lucid_widgets.microscope.store import EVIDENCE, EVIDENCE_OF, Store
from lucid_widgets.microscope.tasks import Variant
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import parsed_json

_Record = Mapping[str, Any]


class Microscope:
    """Images of the units of a network, as `render_model` has stored them. Needs neither the network nor TensorFlow.

    A store can be read while it is being written: `refresh` takes in what was finished since.

    Example:
        >>> found = Microscope.open("my_microscope")
        >>> found.layers
        >>> show(found.image("conv2d0:3"))
        >>> found.search("conv2d0:1"), found.search("selectivity > 0.8")
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._similar: dict[tuple[str, int], np.ndarray] = {}
        self.refresh()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Microscope:
        """Open a store.

        Args:
            path: Its folder, or a URL that fsspec knows.

        Raises:
            MissingFileError: There is no store.
            ArgumentError: It is damaged, or another version of this package wrote it.
        """
        return cls(Store(path))

    def again(self) -> Microscope:
        """Return the store as it is now, read by what has changed. This object stays as it is."""
        return Microscope(self._store)

    def refresh(self) -> int:
        """Read the records again, and return how many images are finished."""
        self._store = self._store.again()  # arrays may have grown
        about = self._store.about()
        self._about = about
        self._layers = self._store.layers_about(about["layers"])
        self._variants = [Variant.from_json(each) for each in about["variants"]]
        count = len(self._variants)
        self._done = {name: np.zeros((count, int(each["channels"])), bool) for name, each in self._layers.items()}
        self._failed: dict[tuple[str, int, int], str] = {}
        self._of_unit: dict[tuple[str, int, int], _Record] = {}
        self._similar.clear()
        vars(self).pop("evidence", None)
        self._by_objective: dict[str, tuple[str, str]] | None = None
        for (layer, place, _), record in self._store.records(together=True).items():
            if layer not in self._done or place >= count:
                continue
            if any(unit >= self._done[layer].shape[1] for unit in (*record["units"], *map(int, record["failed"]))):
                continue
            for unit in record["units"]:
                self._done[layer][place, unit] = True
                self._of_unit[layer, place, unit] = record
            for unit, reason in record["failed"].items():
                self._failed[layer, place, int(unit)] = str(reason)
                self._done[layer][place, int(unit)] = False
        return self.counts[0]

    def __repr__(self) -> str:
        done, total = self.counts
        return f"<Microscope {self.model}: {len(self._layers)} layers, {done:,} of {total:,} images>"

    @property
    def path(self) -> str:
        """Path or URL of the store."""
        return self._store.folder.url

    @property
    def model(self) -> str:
        """Name of the network."""
        return str(self._about["model"])

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the packages that rendered the images."""
        return dict(self._about["versions"])

    @property
    def counts(self) -> tuple[int, int]:
        """Number of finished images, and of all that the store has room for."""
        return sum(int(each.sum()) for each in self._done.values()), sum(each.size for each in self._done.values())

    @property
    def complete(self) -> bool:
        """Whether every unit has all its images, or a reason why it has none."""
        done, total = self.counts
        return done + len(self._failed) >= total

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers, in the order of the network."""
        return tuple(self._layers)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the images of each unit, such as "channel" and "channel negative"."""
        return tuple(variant.name for variant in self._variants)

    @cached_property
    def evidence(self) -> ActivationIndex | None:
        """The real images that excite the units, if `render_model` got any.

        None too if units were rendered with other weights since.
        """
        marks = self._store.folder.read(EVIDENCE_OF)
        if marks is None or self._store.folder.is_remote:
            return None
        then = parsed_json(marks, EVIDENCE_OF)
        for (layer, _, _), record in self._of_unit.items():
            if layer in then and then[layer] != record["fingerprint"]:
                return None
        return ActivationIndex.open(os.path.join(self._store.folder.url, EVIDENCE))

    @property
    def failures(self) -> dict[str, str]:
        """Reasons why units have no image, by "layer:channel", with the variant if it is not the first."""
        return {
            f"{layer}:{unit}{f' ({self.variants[place]})' if place else ''}": reason
            for (layer, place, unit), reason in sorted(self._failed.items())
        }

    def settings(self, layer: str, variant: str | int = 0) -> dict[str, Any]:
        """Return how the images of a layer were rendered: kind, sign, seed and, once one is finished, the recipe."""
        self._layer(layer)
        place = self._place(variant)
        done = np.flatnonzero(self._done[layer][place])
        recipe = self._of_unit[layer, place, int(done[0])]["recipe"] if len(done) else {}
        return {**self._variants[place].to_json(), **recipe}

    def channels(self, layer: str) -> int:
        """Return the number of channels of a layer."""
        return int(self._layer(layer)["channels"])

    def labels(self, layer: str) -> tuple[str, ...]:
        """Return the labels of a layer's channels; empty unless they are the classes of the network."""
        return tuple(self._layer(layer)["labels"])

    def image_size(self, layer: str) -> tuple[int, int]:
        """Return width and height of a layer's images in pixels."""
        self._layer(layer)
        height, width = self._store.arrays(layer)["images"].shape[2:4]
        return int(width), int(height)

    def finished(self, layer: str, variant: str | int = 0) -> np.ndarray:
        """Return which channels of a layer have their image, bool `[channels]`."""
        self._layer(layer)
        return self._done[layer][self._place(variant)].copy()

    def images(
        self, layer: str, variant: str | int = 0, *, channels: Sequence[int] | np.ndarray | None = None
    ) -> UInt8Array:
        """Return the images of a layer, uint8 `[channels, height, width, 3]`; black where there is none yet.

        Args:
            layer: The layer.
            variant: Name or number of one of `variants`. Default: the first.
            channels: Only these channels, in this order. Default: all.
        """
        images: UInt8Array = self._stored("images", layer, variant, channels)
        images[~self._done[layer][self._place(variant)][self._channels(layer, channels)]] = 0
        return images

    def failed(self, layer: str, variant: str | int = 0) -> dict[int, str]:
        """Return the reasons why channels of a layer have no image, by channel."""
        self._layer(layer)
        wanted = layer, self._place(variant)
        return {unit: reason for (name, place, unit), reason in self._failed.items() if (name, place) == wanted}

    def checksums(self, layer: str, variant: str | int = 0) -> dict[int, str]:
        """Return a text per finished channel that changes when its image is rendered again.

        It is the checksum of all images that were rendered together.
        """
        place = self._place(variant)
        done = np.flatnonzero(self.finished(layer, place))
        return {int(unit): str(self._of_unit[layer, place, int(unit)]["sha256"]) for unit in done}

    def values(
        self, layer: str, variant: str | int = 0, *, channels: Sequence[int] | np.ndarray | None = None
    ) -> FloatArray:
        """Return the objective of each image of a layer, float32 `[channels]`; NaN where there is none.

        Args:
            layer: The layer.
            variant: Name or number of one of `variants`. Default: the first.
            channels: Only these channels, in this order. Default: all.
        """
        return self._stored("values", layer, variant, channels)

    def _stored(
        self, array: str, layer: str, variant: str | int, channels: Sequence[int] | np.ndarray | None
    ) -> np.ndarray:
        """Read one of the arrays of a layer, for all channels or for some."""
        place, wanted = self._place(variant), self._channels(layer, channels)
        stored = self._store.arrays(layer)[array]
        return np.asarray(stored[place] if channels is None else stored.oindex[place, wanted])

    def image(self, unit: str | tuple[str, int], variant: str | int = 0) -> UInt8Array:
        """Return the image of a unit, uint8 `[height, width, 3]`.

        Args:
            unit: "layer:channel", or `(layer, channel)`.
            variant: Name or number of one of `variants`. Default: the first.

        Raises:
            ArgumentError: The unit has no image, or no image yet.
        """
        layer, channel, place = self._finished_unit(unit, variant)
        return np.asarray(self._store.arrays(layer)["images"][place, channel])

    def curve(self, unit: str | tuple[str, int], variant: str | int = 0) -> tuple[np.ndarray, FloatArray]:
        """Return the steps at which the objective of a unit was measured, and its values.

        Args:
            unit: "layer:channel", or `(layer, channel)`.
            variant: Name or number of one of `variants`. Default: the first.

        Raises:
            ArgumentError: The unit has no image, or no image yet.
        """
        layer, channel, place = self._finished_unit(unit, variant)
        record = self._of_unit[layer, place, channel]
        return np.array(record["points"]), np.asarray(self._store.arrays(layer)["curves"][place, channel])

    def record(self, unit: str | tuple[str, int], variant: str | int = 0) -> dict[str, Any]:
        """Return what determines the image of a unit: objective, seed, recipe, versions, fingerprint of the network.

        Args:
            unit: "layer:channel", or `(layer, channel)`.
            variant: Name or number of one of `variants`. Default: the first.

        Raises:
            ArgumentError: The unit has no image, or no image yet.
        """
        layer, channel, place = self._finished_unit(unit, variant)
        record = self._of_unit[layer, place, channel]
        kept = {name: record[name] for name in ("recipe", "versions", "fingerprint")}
        objective = record["objectives"][record["units"].index(channel)]
        return {"layer": layer, "channel": channel, "objective": objective, **record["variant"], **kept}

    def search(self, text: str, *, images: ActivationIndex | None = None) -> list[str]:
        """Return the units that match some words and comparisons, as "layer:channel".

        A word is part of the layer's name or of the label, or it is the channel. A comparison is one of "strength" (the
        largest activation in real images), "selectivity" (for one label) and "sparsity" (excited by few images), then
        `>`, `>=`, `<` or `<=`, and a number. The units come in the order of the network; with a comparison, in that of
        its figure, the largest first after `>`, and the smallest first after `<`.

        Args:
            text: Words and comparisons. `"mixed4a:12"` or `"mixed4a 12"` finds a unit, `"mixed4a"` all units of a
                layer, `"panda"` a class, and `"mixed4a selectivity > 0.8"` the selective units of a layer.
            images: The real images with the figures. Default: those of the store, `evidence`.

        Raises:
            ArgumentError: A comparison has no number, or there are no real images.
            UnknownNameError: There is no such figure.
        """
        query = Query.parse(text)
        index = self.evidence if images is None else images
        if query.comparisons and index is None:
            raise ArgumentError(
                f"{self.path} has no real images, which tell the {query.comparisons[0].figure} of a unit.",
                "Pass an ActivationIndex as images, or render_model(..., images=...).",
            )
        found: list[tuple[float, str]] = []
        for layer, about in self._layers.items():
            figures = partial(_figures, index, layer, int(about["channels"]))
            channels = query.channels(layer, int(about["channels"]), about["labels"], figures)
            if query.comparisons:
                values = figures(query.comparisons[0].figure)
                order = query.comparisons[0].first(np.zeros(0) if values is None else values)
                found += [(float(order[channel]), f"{layer}:{channel}") for channel in channels]
            else:
                found += [(0.0, f"{layer}:{channel}") for channel in channels]
        return [unit for _, unit in sorted(found, key=lambda each: each[0])]

    def find(self, objective: str) -> tuple[str, str] | None:
        """Return the unit with an image of an objective, as "layer:channel", and the variant; None if there is none.

        Args:
            objective: The objective as code, such as `channel("mixed4a", 12)`.
        """
        if self._by_objective is None:
            self._by_objective = {}
            for (layer, place, unit), record in sorted(self._of_unit.items(), key=lambda each: each[0][1]):
                if self._done[layer][place, unit]:
                    text = record["objectives"][record["units"].index(unit)]
                    self._by_objective.setdefault(text, (f"{layer}:{unit}", self.variants[place]))
        return self._by_objective.get(objective)

    def related(
        self, unit: str | tuple[str, int], count: int = 8, *, variant: str | int = 0
    ) -> list[tuple[str, float]]:
        """Return the units of the same layer whose images resemble a unit's most, with the distances.

        Images are compared by their colors and by the scales and directions in them, not by positions.

        Args:
            unit: "layer:channel", or `(layer, channel)`.
            count: Number of units. Default: 8.
            variant: Name or number of one of `variants`. Default: the first.

        Raises:
            ArgumentError: The unit has no image, or no image yet.
        """
        layer, channel, place = self._finished_unit(unit, variant)
        done = np.flatnonzero(self._done[layer][place])
        if (layer, place) not in self._similar:
            self._similar[layer, place] = features(self.images(layer, place)[done])
        index = int(np.searchsorted(done, channel))
        found = nearest(self._similar[layer, place], index, whole_number("count", count, 1))
        return [(f"{layer}:{done[place]}", distance) for place, distance in found]

    def _channels(self, layer: str, channels: Iterable[int] | None) -> np.ndarray:
        count = self.channels(layer)
        owner = f"layer {layer!r}"
        chosen = range(count) if channels is None else channels
        return np.array([whole_number("channel", int(each), 0, count - 1, owner=owner) for each in chosen], int)

    def _layer(self, name: str) -> dict[str, Any]:
        if name not in self._layers:
            raise unknown_name("layer", name, "This store", self.layers)
        return self._layers[name]

    def _place(self, variant: str | int) -> int:
        if isinstance(variant, str):
            if variant not in self.variants:
                raise unknown_name("variant", variant, "This store", self.variants)
            return self.variants.index(variant)
        return whole_number("variant", variant, 0, len(self._variants) - 1)

    def _unit(self, unit: str | tuple[str, int]) -> tuple[str, int]:
        layer, channel = unit.rpartition(":")[::2] if isinstance(unit, str) else unit
        if isinstance(channel, str):
            if not channel.isdecimal():
                raise ArgumentError(f"{unit!r} is no unit.", "Expected 'layer:channel', such as 'mixed4a:12'.")
            channel = int(channel)
        return layer, whole_number("channel", channel, 0, self.channels(layer) - 1, owner=f"layer {layer!r}")

    def _finished_unit(self, unit: str | tuple[str, int], variant: str | int) -> tuple[str, int, int]:
        layer, channel = self._unit(unit)
        place = self._place(variant)
        if not self._done[layer][place, channel]:
            reason = self._failed.get((layer, place, channel), "It has not been rendered yet.")
            raise ArgumentError(f"{layer}:{channel} has no image.", reason)
        return layer, channel, place


def _figures(index: ActivationIndex | None, layer: str, channels: int, name: str) -> np.ndarray | None:
    """A figure of each channel of a layer; None if the index does not know the layer."""
    if index is None or layer not in index.layers or index.channels(layer) != channels:
        return None
    return index.figures(layer, name)


__all__ = ["Microscope"]
