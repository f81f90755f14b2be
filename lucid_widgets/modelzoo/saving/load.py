"""Files that say themselves how to feed the network in them: graphs with Lucid's metadata, and manifests.

`Model.save` writes the first, in Lucid and here; `Model.load` reads both.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.weights import existing_file
from lucid_widgets.modelzoo.graphdef.files import parse_graphdef
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel, PathLike
from lucid_widgets.modelzoo.saving.metadata import check_metadata, metadata_of
from lucid_widgets.modelzoo.survey.layer import Layer

_KINDS_OF_MANIFEST = ("frozen",)


class SerializedModel(GraphDefModel):
    """A frozen graph with what is known about it; made by `Model.load` and its like.

    Args:
        path: The `.pb` file.
        metadata: `input_name`, `image_shape` and `image_value_range`; and, where known, `is_BGR`, `labels`, `name` and
            `layers`, which are names, or dictionaries with `name`, `depth` and `tags`.

    Attributes:
        metadata: As it was passed.
    """

    def __init__(self, path: PathLike, metadata: Mapping[str, Any]) -> None:
        self.metadata = dict(metadata)
        low, high = _pair(metadata["image_value_range"])
        super().__init__(
            path,
            labels=metadata.get("labels"),
            name=str(metadata.get("name") or Path(path).stem),
            input_name=str(metadata["input_name"]),
            image_value_range=(low, high),
            is_BGR=bool(metadata.get("is_BGR", False)),
            image_shape=_shape(metadata["image_shape"]),
        )

    @classmethod
    def from_directory(cls, model_path: PathLike, manifest_path: PathLike | None = None) -> FrozenGraphModel:
        """The old name of `Model.load_from_manifest`, of a folder whose manifest is called `manifest.json`."""
        warnings.warn("from_directory is now Model.load_from_manifest.", DeprecationWarning, stacklevel=2)
        return load_from_manifest(manifest_path or Path(model_path) / "manifest.json")

    def _list_layers(self) -> Sequence[Layer]:
        listed = self.metadata.get("layers")
        return [self._listed(layer) for layer in listed] if listed else super()._list_layers()

    def _listed(self, entry: str | Mapping[str, Any]) -> Layer:
        if isinstance(entry, str):
            return self.get_layer(entry)
        found = self.get_layer(entry["name"])
        # Saved layers are copies of tensors, whose operations tell nothing about what they are.
        kind = next(iter(entry.get("tags") or ()), found.kind)
        return replace(found, kind=kind, channels=found.channels or entry.get("depth"))


class FrozenGraphModel(SerializedModel):
    """A frozen graph and its manifest; made by `Model.load_from_manifest`.

    Args:
        model_directory: The folder that paths in the manifest are relative to.
        manifest: The metadata, as for `SerializedModel`, and under `model_path` where the graph is. `labels_path` may
            name a text file of labels.

    Attributes:
        manifest: As it was passed.

    Raises:
        ModelError: The manifest lacks something, or is of another `type` than `"frozen"`.

    Source: Lucid's `FrozenGraphModel`.
    """

    def __init__(self, model_directory: PathLike, manifest: Mapping[str, Any]) -> None:
        self.manifest = dict(manifest)
        folder = Path(model_directory)
        _check_manifest(self.manifest, repr(str(folder)))
        labels = self.manifest.get("labels") or self.manifest.get("labels_path")
        if isinstance(labels, str):
            labels = folder / labels
        super().__init__(folder / self.manifest["model_path"], {**self.manifest, "labels": labels})


def load(path: PathLike) -> SerializedModel:
    """A model from a file that `Model.save` wrote (`.pb`), or from a manifest (`.json`).

    Raises:
        ModelError: The file is none of these; the message says what is missing.

    Source: Lucid's `Model.load`, which returned None for other files.
    """
    suffix = Path(path).suffix
    if suffix == ".pb":
        return load_from_graphdef(path)
    if suffix == ".json":
        return load_from_manifest(path)
    raise ModelError(
        f"Model.load cannot read {os.fspath(path)!r}.",
        "Expected a graph with metadata (.pb) or a manifest (.json); as_model takes other files.",
    )


def load_from_graphdef(path: PathLike) -> SerializedModel:
    """A model from a graph with Lucid's metadata in it.

    Raises:
        ModelError: The file has none, or is no graph.

    Source: Lucid's `Model.load_from_graphdef`.
    """
    file = existing_file(path)
    metadata = metadata_of(parse_graphdef(file), repr(str(file)))
    if metadata is None:
        raise ModelError(
            f"{str(file)!r} has no metadata: it was not written by Model.save.",
            "Say how to feed it: models.from_graphdef(path, image_value_range=(low, high)).",
        )
    return load_from_metadata(file, metadata)


def load_from_metadata(model_url: PathLike, metadata: Mapping[str, Any]) -> SerializedModel:
    """A model from a frozen graph and what is known about it.

    Args:
        model_url: The `.pb` file.
        metadata: A dictionary as `SerializedModel` takes it.

    Source: Lucid's `Model.load_from_metadata`.
    """
    return SerializedModel(model_url, check_metadata(dict(metadata), repr(os.fspath(model_url))))


def load_from_manifest(manifest_url: PathLike) -> FrozenGraphModel:
    """A model from a manifest: a JSON file with the metadata and, under `model_path`, where the graph is.

    Args:
        manifest_url: The file. Paths in it are relative to its folder.

    Raises:
        ModelError: The file is missing, is no JSON, lacks something, or is of another `type` than `"frozen"`.

    Source: Lucid's `Model.load_from_manifest`, which failed without `layers`.
    """
    file = existing_file(manifest_url, "a manifest (.json)")
    try:
        manifest = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ModelError(f"{str(file)!r} is no manifest: {error}.", "Expected JSON.") from error
    _check_manifest(manifest, repr(str(file)))
    return FrozenGraphModel(file.parent, manifest)


def has_metadata(file: Path) -> bool:
    """Whether a `.pb` file holds Lucid's metadata."""
    return metadata_of(parse_graphdef(file), repr(str(file))) is not None


def _check_manifest(manifest: Any, owner: str) -> None:
    kind = check_metadata(manifest, owner).get("type", "frozen")
    if kind not in _KINDS_OF_MANIFEST:
        raise ModelError(f"The manifest {owner} is of type {kind!r}.", "Only 'frozen' is supported.")
    if not manifest.get("model_path"):
        raise ModelError(f"The metadata in {owner} lacks model_path.", "Expected the path of a frozen graph (.pb).")


def _pair(value_range: Any) -> tuple[Any, Any]:
    try:
        low, high = (tuple(bound) if isinstance(bound, list) else bound for bound in value_range)
    except (TypeError, ValueError):
        raise ModelError(f"image_value_range is {value_range!r}.", "Expected a pair, (low, high).") from None
    return low, high


def _shape(shape: Any) -> tuple[int | None, int | None, int | None]:
    sizes = list(shape) if isinstance(shape, (list, tuple)) else []
    if len(sizes) == 4:
        sizes = sizes[1:]
    if len(sizes) != 3:
        raise ModelError(f"image_shape is {shape!r}.", "Expected (height, width, channels).")
    height, width, channels = (None if size in (None, -1) else int(size) for size in sizes)
    return height, width, channels
