"""`Store`: images, objectives and records of units on the disk or in an object store.

    my_microscope/
        layers.zarr/                 a Zarr group with one group per layer
            mixed4a/images           uint8 [variants, channels, height, width, colors], one chunk per task
            mixed4a/values           float32 [variants, channels], the objective of each image; NaN where there is none
            mixed4a/curves           float32 [variants, channels, points], the objective at some steps
        records/mixed4a/0-3.json     what a finished task has made: variant 0, chunk 3
        records/mixed4a/all.json     all records of a layer, written at the end of a run
        records.jsonl                one line per unit, written at the end of a run
        evidence/                    an `ActivationIndex`, if real images were passed

A task writes its chunks first and its record last, and removes an earlier record before that. So a record says that the
chunks are complete, and a process can be killed at any moment. `all.json` saves readers the many requests for single
records. They believe it only about files that are there with the same size, and a run does not read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lucid_widgets.errors import ArgumentError, missing_file
from lucid_widgets.frames import FloatArray
from lucid_widgets.microscope.folder import Folder
from lucid_widgets.microscope.records import RECORDS, Record, Records
from lucid_widgets.microscope.tasks import LayerPlan, Task, Variant
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.outside import parsed_json

FORMAT = 1
"""Version of the files."""

LAYERS = "layers.zarr"
TABLE = "records.jsonl"
EVIDENCE = "evidence"
EVIDENCE_OF = f"{EVIDENCE}/fingerprints.json"
"""The fingerprint of each layer when the real images were looked at."""

_ABOUT = "lucid_widgets"
_WHAT = "A store of feature visualizations"


class Store:
    """A store to write to and to read from.

    Args:
        url: A path on this machine, or a URL that fsspec knows.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        self.folder = Folder(url)
        self._arrays: dict[str, LayerArrays] = {}
        self._records = Records(self.folder)

    def again(self) -> Store:
        """Return the same store, which reads only what has changed since this one has read it."""
        other = Store(self.folder.url)
        other._records = self._records.again()
        return other

    # Writing.

    def prepare(
        self,
        about: Mapping[str, Any],
        layers: Sequence[LayerPlan],
        variants: Sequence[Variant],
        order: Sequence[str],
        points: int,
    ) -> None:
        """Make the arrays that are missing, and those whose shape has changed.

        Args:
            about: What the whole store has in common, such as the name of the model.
            layers: The layers to render. Other layers in the store stay.
            variants: The variants to render. Other variants in the store stay.
            order: All layers of the model, in the order in which the store lists them.
            points: Number of steps at which objectives are measured.

        Raises:
            ArgumentError: The store belongs to another model, or another version of this package wrote it.
        """
        with self.folder.locked():
            self.folder.remove_leftovers()
            before = self._described()
            if before is not None and before["model"] != about["model"]:
                raise ArgumentError(
                    f"{self.folder.url} holds images of {before['model']}, not of {about['model']}.",
                    "Pass another out.",
                )
            named = {plan.name for plan in layers} | set(before["layers"] if before else ())
            known = [Variant.from_json(each) for each in (before["variants"] if before else ())]
            together = [*known, *(each for each in variants if each not in known)]
            described = {
                **about,
                "format": FORMAT,
                "layers": [name for name in order if name in named] + sorted(named - set(order)),
                "variants": [each.to_json() for each in together],
            }
            zarr = needed("zarr", _WHAT, "microscope")
            root = zarr.open_group(self.folder.zarr_store(LAYERS), mode="a", zarr_format=3)
            if before != described:
                root.attrs.put({_ABOUT: described})
            for plan in layers:
                self._prepare_layer(root, plan, len(together), points)
            self._arrays.clear()

    def _prepare_layer(self, root: Any, plan: LayerPlan, variants: int, points: int) -> None:
        name = key_of(plan.name)
        about = {
            "layer": plan.name,
            "channels": plan.channels,
            "labels": list(plan.labels),
        }
        group = root.get(name)
        fitting = group is not None and all(
            each in group and group[each].shape[1:] == shape[1:] and group[each].chunks == chunks
            for each, (shape, chunks, _, _) in _arrays_of(plan, variants, points).items()
        )
        if group is not None and not fitting:
            self.folder.remove(f"{RECORDS}/{name}")
            self.folder.remove(f"{LAYERS}/{name}")
        if not fitting:
            group = root.require_group(name)
            for each, (shape, chunks, dtype, fill) in _arrays_of(plan, variants, points).items():
                group.create_array(
                    each,
                    shape=shape,
                    chunks=chunks,
                    dtype=dtype,
                    fill_value=fill,
                    # Not compressed: compressors may write different bytes for the same numbers.
                    compressors=None,
                    # One file per chunk, without a folder per axis.
                    chunk_key_encoding={"name": "default", "separator": "."},
                )
        assert group is not None
        for each in ("images", "values", "curves"):
            if group[each].shape[0] < variants:
                group[each].resize((variants, *group[each].shape[1:]))
        if dict(group.attrs).get(_ABOUT) != about:
            group.attrs.put({_ABOUT: about})

    def write(
        self, task: Task, images: UInt8Array, values: FloatArray, curves: FloatArray, record: Mapping[str, Any]
    ) -> None:
        """Store what a task has made.

        Args:
            task: The task.
            images: uint8 `[units, height, width, colors]`.
            values: float32 `[units]`.
            curves: float32 `[units, points]`.
            record: What to know about the task besides.
        """
        arrays = self.arrays(task.layer)
        place = self.variants().index(task.variant)
        self._records.remove(key_of(task.layer), place, task.chunk)
        units = slice(task.units[0], task.units[-1] + 1)
        arrays["images"][place, units] = images
        arrays["values"][place, units] = values
        arrays["curves"][place, units] = curves
        about = {
            **record,
            "key": task.key,
            "layer": task.layer,
            "variant": task.variant.to_json(),
            "units": list(task.units),
            "sha256": checksum(images),
        }
        self._records.write(key_of(task.layer), place, task.chunk, about)

    def write_table(self) -> None:
        """Write one line of JSON per unit that is in the store, in order of layer, variant and channel.

        Write also the records of each layer as one file, for readers.
        """
        # Layer by layer, because the table of millions of units does not fit into memory.
        self.folder.write(TABLE, (self._lines(name) for name in self.about()["layers"]))

    def _lines(self, layer: str) -> bytes:
        values = np.asarray(self.arrays(layer)["values"])
        lines = []
        records = self.records(layer)
        self._records.write_together(key_of(layer), records)
        for (_, place, _), record in sorted(records.items()):
            for unit, objective in zip(record["units"], record["objectives"], strict=True):
                value = float(values[place, unit])
                line = {
                    "layer": layer,
                    "channel": unit,
                    "objective": objective,
                    "variant": record["variant"],
                    "value": value if np.isfinite(value) else None,
                    "failure": record["failed"].get(str(unit)),
                    **{each: record[each] for each in ("recipe", "fingerprint", "versions")},
                }
                lines.append(json.dumps(line, sort_keys=True) + "\n")
        return "".join(lines).encode()

    # Reading.

    def about(self) -> dict[str, Any]:
        """Return what the whole store has in common: model, versions, layers and variants.

        Raises:
            MissingFileError: There is no store.
            ArgumentError: It is damaged, or another version of this package wrote it.
        """
        found = self._described()
        if found is None:
            raise missing_file(f"{self.folder.url}/{LAYERS}")
        return found

    def variants(self) -> list[Variant]:
        """Return the variants, in the order of the first axis of the arrays."""
        return [Variant.from_json(each) for each in self.about()["variants"]]

    def layers_about(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the name of each layer, its number of channels, and their labels.

        Raises:
            ArgumentError: The description of a layer is missing or damaged.
        """
        places = {f"{LAYERS}/{key_of(name)}/zarr.json": name for name in names}
        found = self.folder.read_all(places)
        about = {}
        for place, name in places.items():
            try:
                about[name] = dict(parsed_json(found[place], place)["attributes"][_ABOUT])
            except (KeyError, TypeError, ArgumentError) as error:
                raise ArgumentError(f"{self.folder.url}/{place} is damaged.", "Run render_model again.") from error
        return about

    def arrays(self, name: str) -> LayerArrays:
        """Return the Zarr arrays of a layer: `images`, `values` and `curves`."""
        if name not in self._arrays:
            self._arrays[name] = LayerArrays(self.folder, f"{key_of(name)}")
        return self._arrays[name]

    def records(self, layer: str | None = None, *, together: bool = False) -> dict[tuple[str, int, int], Record]:
        """Return the records of finished tasks, by layer, place of the variant and chunk.

        Args:
            layer: Only of this layer; default: of all.
            together: Whether to believe the files that hold all records of a layer, which takes far fewer requests.
                Such a file may know an earlier record of a task that is just being rendered again. Default: False.
        """
        return self._records.read("" if layer is None else key_of(layer), together=together)

    def _described(self) -> dict[str, Any] | None:
        data = self.folder.read(f"{LAYERS}/zarr.json")
        if data is None:
            return None
        try:
            about = parsed_json(data, self.folder.url)["attributes"][_ABOUT]
            version = about["format"]
        except (ArgumentError, KeyError, TypeError) as error:
            raise ArgumentError(
                f"{self.folder.url} is damaged, or is no store ({error}).", "Pass another out, or delete it."
            ) from error
        if version != FORMAT:
            raise ArgumentError(
                f"{self.folder.url} has format {version!r}, and this version reads {FORMAT}.", "Pass another out."
            )
        return dict(about)


class LayerArrays:
    """The arrays of a layer by name. Each is opened once.

    Args:
        folder: The folder of the store.
        path: Name of the layer's Zarr group.
    """

    def __init__(self, folder: Folder, path: str) -> None:
        self._folder, self._path = folder, path
        self._opened: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._opened:
            zarr = needed("zarr", _WHAT, "microscope")
            # This mode writes nothing by itself. The format spares requests for files of other formats.
            self._opened[name] = zarr.open_array(
                self._folder.zarr_store(LAYERS), path=f"{self._path}/{name}", mode="r+", zarr_format=3
            )
        return self._opened[name]


def key_of(layer: str) -> str:
    """Return a layer's name as the name of a Zarr group.

    >>> key_of("outer/inner:1")
    'outer%2Finner%3A1'
    """
    name = urllib.parse.quote(layer, safe="")
    return f"%{ord(name[0]):02X}{name[1:]}" if name[:1] in (".", "_") else name


def checksum(images: UInt8Array) -> str:
    """Return the checksum of images by which a record tells that its chunk is intact."""
    return hashlib.sha256(repr(images.shape).encode() + np.ascontiguousarray(images).tobytes()).hexdigest()


def _arrays_of(plan: LayerPlan, variants: int, points: int) -> dict[str, tuple[Any, Any, str, float]]:
    """Shape, chunks, type and fill value of the arrays of a layer."""
    return {
        "images": ((variants, plan.channels, *plan.shape), (1, plan.batch, *plan.shape), "uint8", 0),
        "values": ((variants, plan.channels), (1, plan.batch), "float32", np.nan),
        "curves": ((variants, plan.channels, points), (1, plan.batch, points), "float32", np.nan),
    }


__all__ = ["EVIDENCE", "EVIDENCE_OF", "FORMAT", "LAYERS", "TABLE", "LayerArrays", "Store", "checksum", "key_of"]
