"""`ActivationIndex`: which images of a data set excite each unit of a network, and how strongly."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, unknown_name, whole_number
from lucid_widgets.evidence.display import index_html
from lucid_widgets.evidence.fields import Field
from lucid_widgets.evidence.kept_images import KeptImages
from lucid_widgets.evidence.statistics import NAMES, Statistics
from lucid_widgets.evidence.store import Store, read_array
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.images import ImageSet
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["ActivationIndex"]

ORDERS = ("strength", "selectivity", "sparsity", "deviation")


class ActivationIndex:
    """What one pass over a data set found out about every unit of some layers.

    `build` makes an index, `open` reads one from the disk. An index needs neither TensorFlow nor the network: it can be
    opened, plotted and shown in a widget where there is no model.

    `index["mixed4a:56"]` is the evidence about a unit, a `UnitEvidence`, which a notebook shows as images.

    Attributes:
        about: How the index was made: names of model and images, image size, reduction, and more.
        statistics: The arrays. The units of all layers follow each other; `unit_number` counts them.

    Example:
        >>> index = ActivationIndex.build(models.EmojiNet(), models.emoji_images())
        >>> index["mixed5b:56"]              # a notebook shows crops, a histogram and figures
        >>> index["mixed5b:56"].top[0].label
        >>> index.dead("mixed5b")
    """

    def __init__(self, about: Mapping[str, Any], arrays: Any) -> None:
        self.about = dict(about)
        self.statistics = Statistics.of({name: _array(about, arrays, name) for name in NAMES})
        self._kept = KeptImages(
            _array(about, arrays, "kept_indices"), _array(about, arrays, "kept_ends"), arrays["kept_data"]
        )
        self._ids = _array(about, arrays, "image_ids")
        self._labels = _array(about, arrays, "image_labels")
        self._fields = {each["name"]: Field.from_json(each["field"]) for each in about["layers"]}
        self._channels = {each["name"]: int(each["channels"]) for each in about["layers"]}
        ends = np.cumsum(list(self._channels.values()))
        self._starts = dict(zip(self._channels, [0, *ends[:-1].tolist()], strict=True))

    # Making and opening.

    @classmethod
    def build(
        cls,
        model: Any,
        images: Any,
        layers: Sequence[Any] | str | None = None,
        *,
        reduction: str = "max",
        neuron: tuple[int, int] | None = None,
        image_size: int | tuple[int, int] | None = None,
        keep: int = 25,
        batch: int | None = None,
        seed: int = 0,
        path: str | os.PathLike[str] | bool | None = None,
        verbose: bool = True,
        on_progress: Callable[[Any], object] | None = None,
    ) -> ActivationIndex:
        """Look at all images once, with all units of all layers.

        With the extra `zarr` installed, the index is kept on the disk, and asking for it again returns at once. To
        pause a pass, interrupt it (Ctrl-C in a terminal, the kernel's interrupt button in a notebook); asking again
        goes on where it was. So does a pass that ended with its process. The result has the same bytes as that of an
        uninterrupted pass. If another process makes the same index, this one waits for it.

        Args:
            model: Whatever `as_model` accepts.
            images: An `ImageSet`, or what `ImageSet.of` accepts: a folder, a zip, an array, a dataset, a list.
            layers: The layers, or their names; default: all listed layers, after their activation functions.
            reduction: How the activations of a unit become its value in an image: "max" and "mean" over the positions,
                "center" for the position in the center, or "neuron" for another position. Default: "max".
            neuron: `(row, column)`, for "neuron".
            image_size: Height and width that images are cropped and resized to; default: the network's own size, or the
                size of the first image, at most 224.
            keep: Number of largest and of smallest values that are kept per unit; default: 25.
            batch: Number of images per compiled call; default: 16 to 128, the more the smaller the images are.
            seed: Seed of the sample of 1,024 images for quantiles; default: 0.
            path: Folder of the index; default: one in the cache folder, named after model, images and settings. False
                keeps nothing on the disk.
            verbose: Whether a notebook or a terminal shows a progress bar; default: True.
            on_progress: Called after each batch with a `Progress`: `done`, `total`, and `seconds_left`. An error that
                it raises cancels the pass.

        Raises:
            ArgumentError: There are no images, or the folder `path` holds an index of another network, of other images,
                or of other settings. The message says which.
            UnknownNameError: The model has no such layer.
            ModelError: The network has several inputs, or cannot be computed for images of this size.

        Example:
            >>> index = ActivationIndex.build("inception_v1.pb", "photos.zip", ["mixed4a", "mixed4d"])
        """
        building = importlib.import_module("lucid_widgets.evidence.passes.building")
        found: ActivationIndex = building.build(
            cls,
            model,
            images,
            layers,
            reduction=reduction,
            neuron=neuron,
            image_size=image_size,
            keep=keep,
            batch=batch,
            seed=seed,
            path=path,
            verbose=verbose,
            on_progress=on_progress,
        )
        return found

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> ActivationIndex:
        """Open an index on the disk.

        Args:
            path: The folder that was passed to `build`.

        Raises:
            MissingFileError: There is no index.
            ArgumentError: It is damaged, or was written by another version of this package.
        """
        return cls(*Store(expanded(path)).load_index())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the index to a folder, from which `open` reads it. An index in the folder is replaced.

        Args:
            path: The folder.
        """
        arrays = {
            **self.statistics.arrays(),
            **self._kept.arrays(),
            "image_ids": self._ids,
            "image_labels": self._labels,
        }
        store = Store(expanded(path))
        with store.locked():
            store.save_index({name: value for name, value in self.about.items() if name != "arrays"}, arrays)

    def require(self, model: Any, images: Any = None) -> None:
        """Raise an error if the index is stale: if the network or the images have changed since it was made.

        Args:
            model: The network.
            images: The images; default: they are not checked.

        Raises:
            ArgumentError: The index is stale. The message says why.
        """
        importlib.import_module("lucid_widgets.evidence.passes.building").require(self, model, images)

    # Reading.

    def __len__(self) -> int:
        return int(self.statistics.count)

    def __repr__(self) -> str:
        layers = ", ".join(self.layers[:3]) + (", ..." if len(self.layers) > 3 else "")
        return f"<ActivationIndex {self.about['model']}, {len(self):,} images of {self.about['images']!r}: {layers}>"

    def __getitem__(self, unit: str | tuple[str, int]) -> UnitEvidence:
        """The evidence about a unit, `"layer:channel"` or `(layer, channel)`.

        Raises:
            UnknownNameError: The index has no such layer.
            OutOfRangeError: The layer has no such channel.
        """
        layer, channel = self._named(unit)
        return UnitEvidence(self, layer, channel, self.unit_number(layer, channel))

    def __contains__(self, unit: object) -> bool:
        """Whether the index has a unit, or a layer."""
        if isinstance(unit, str) and ":" not in unit:
            return unit in self._channels
        try:
            layer, channel = self._named(unit)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            return False
        return 0 <= channel < self._channels[layer]

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers."""
        return tuple(self._channels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the images, sorted."""
        return tuple(self.about["labels"])

    @property
    def skipped(self) -> dict[str, str]:
        """The images that could not be read, with the reasons."""
        return dict(self.about["skipped"])

    @property
    def size(self) -> tuple[int, int]:
        """Height and width that the images were resized to."""
        height, width = self.about["size"]
        return int(height), int(width)

    def channels(self, layer: str) -> int:
        """Return the number of channels of a layer."""
        return self._channels[self._layer(layer)]

    def field(self, layer: str) -> Field:
        """Return the receptive fields of a layer."""
        return self._fields[self._layer(layer)]

    def unit_number(self, layer: str, channel: int) -> int:
        """Return the place of a unit in the arrays of `statistics`."""
        name = self._layer(layer)
        return self._starts[name] + whole_number(
            "channel", channel, 0, self._channels[name] - 1, owner=f"layer {name!r}"
        )

    def numbers(self, layer: str) -> slice:
        """Return the places of a layer's units in the arrays of `statistics`."""
        name = self._layer(layer)
        return slice(self._starts[name], self._starts[name] + self._channels[name])

    def image_id(self, image: int) -> str:
        """Return the name of an image."""
        return str(self._names[image])

    def image_label(self, image: int) -> str | None:
        """Return the label of an image, or None."""
        return self.labels[int(self._labels[image])] if len(self._labels) else None

    def image(self, image: int) -> UInt8Array:
        """Return an image as the index keeps it, cropped and resized: uint8 `[height, width, 3]`.

        Kept are the images that stand for a unit: the nine that excite it most, the nine that excite it least, and
        nine from quantiles.

        Raises:
            ArgumentError: If it is not among them.
        """
        if image not in self._kept:
            raise ArgumentError(f"The index keeps no copy of image {image}.", "Read it from the image set.")
        return self._kept.read(image)

    # Asking.

    def dead(self, layer: str) -> list[int]:
        """Return the channels of a layer that no image activates: their largest value is 0 or less."""
        return np.flatnonzero(self.statistics.top_values[self.numbers(layer), 0] <= 0).tolist()

    def sorted(self, layer: str, by: str = "strength") -> list[int]:
        """Return the channels of a layer in order.

        Args:
            layer: The layer.
            by: "strength" (the largest value), "selectivity" (for one label), "sparsity" (excited by few images) or
                "deviation". The channel with the largest figure comes first, units without one come last.
        """
        figures = self.figures(layer, by)
        return np.argsort(-np.where(np.isnan(figures), -np.inf, figures), kind="stable").tolist()

    def figures(self, layer: str, by: str) -> np.ndarray:
        """Return one figure for each channel of a layer, float64 `[channels]`; `by` as for `sorted`."""
        statistics = self.statistics
        if by not in ORDERS:
            raise unknown_name("order", str(by), "ActivationIndex", ORDERS)
        figures = {
            "strength": lambda: statistics.top_values[:, 0].astype(np.float64),
            "selectivity": lambda: self._selectivities[0],
            "sparsity": lambda: statistics.sparsities,
            "deviation": lambda: statistics.deviations,
        }[by]()
        return np.asarray(figures)[self.numbers(layer)]

    def best_labels(self, layer: str) -> list[str]:
        """Return the label that excites each channel of a layer most; an empty text where there is none."""
        selectivities, labels = (each[self.numbers(layer)] for each in self._selectivities)
        return [
            "" if np.isnan(figure) else self.labels[int(label)]
            for figure, label in zip(selectivities, labels, strict=True)
        ]

    def related(
        self, unit: str | tuple[str, int], count: int = 8, *, layers: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the units whose values over the sample of images correlate most with those of a unit.

        Args:
            unit: "layer:channel", or `(layer, channel)`.
            count: Number of units. Default: 8.
            layers: Only units of these layers. Default: all layers.

        Returns:
            The units as "layer:channel", with Pearson's correlation, the largest first. Units whose value is the same
            in all images are left out; the list is empty for such a unit.

        Raises:
            UnknownNameError: The index has no such layer.
            OutOfRangeError: The layer has no such channel.
        """
        chosen = self.layers if layers is None else [self._layer(layer) for layer in layers]
        most = whole_number("count", count, 1)
        number = self.unit_number(*self._named(unit))
        values = self._standardized
        own = values[:, number]
        found: list[tuple[float, str, int]] = []
        if own.any():
            for layer in chosen:
                numbers = self.numbers(layer)
                part = values[:, numbers]
                correlations = own @ part
                correlations[~part.any(0)] = -np.inf
                if numbers.start <= number < numbers.stop:
                    correlations[number - numbers.start] = -np.inf
                order = np.argsort(-correlations, kind="stable")[:most]
                found += [(float(correlations[each]), layer, int(each)) for each in order]
        found = sorted((each for each in found if np.isfinite(each[0])), key=lambda each: -each[0])[:most]
        return [(f"{layer}:{channel}", correlation) for correlation, layer, channel in found]

    def units(self, layer: str | None = None) -> Iterator[UnitEvidence]:
        """Yield the evidence about every unit, of one layer or of all."""
        chosen: Iterable[str] = self.layers if layer is None else [self._layer(layer)]
        for name in chosen:
            for channel in range(self._channels[name]):
                yield self[name, channel]

    def _repr_html_(self) -> str:
        return index_html(self)

    @cached_property
    def _selectivities(self) -> tuple[np.ndarray, np.ndarray]:
        return self.statistics.selectivities

    @cached_property
    def _standardized(self) -> np.ndarray:
        """The values of the sample, float32 `[images, units]`, with mean 0 and length 1; 0 for constant units."""
        values = self.statistics.sample_values
        values = values[np.isfinite(values).all(1)].astype(np.float64)
        largest = np.abs(values).max(0, initial=0)
        values -= values.mean(0)
        lengths = np.sqrt((values**2).sum(0))
        values[:, lengths <= 1e-6 * largest] = 0
        return (values / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    @cached_property
    def _names(self) -> list[str]:
        found: list[str] = json.loads(self._ids.tobytes())
        return found

    def _layer(self, name: Any) -> str:
        if name not in self._channels:
            raise unknown_name("layer", str(name), "The index", self.layers)
        return str(name)

    def _named(self, unit: str | tuple[str, int]) -> tuple[str, int]:
        if isinstance(unit, tuple):
            layer, channel = unit
            return self._layer(layer), whole_number("channel", channel, 0)
        name, colon, number = str(unit).rpartition(":")
        if not colon or not number.strip().isdigit():
            raise ArgumentError(f"{unit!r} is not a unit.", "Expected 'layer:channel', such as 'mixed4a:56'.")
        return self._layer(name), int(number)

    def read_images(self, images: Any) -> ImageSet:
        """Return the image set that belongs to this index, for images that it keeps no copies of.

        Raises:
            ArgumentError: If these are other images.
        """
        found = ImageSet.of(images)
        if found.fingerprint != self.about["identity"]["images"]:
            raise ArgumentError(f"{found!r} is not the image set of this index.", f"Pass {self.about['images']!r}.")
        return found


def _array(about: Mapping[str, Any], arrays: Any, name: str) -> np.ndarray:
    return read_array(about, arrays, name) if "arrays" in about else np.asarray(arrays[name])
