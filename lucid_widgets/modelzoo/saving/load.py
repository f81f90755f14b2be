"""Reading files that describe how to use their network: graphs with Lucid's metadata, and manifests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lucid_widgets.errors import ModelError
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.outside import file_bytes, parsed_json
from lucid_widgets.modelzoo.files.weights import PathLike, refuse_configuration
from lucid_widgets.modelzoo.graphdef.files import parse_graphdef
from lucid_widgets.modelzoo.saving.metadata import check_metadata, metadata_of

__all__ = ["graph_of_manifest", "has_metadata", "is_manifest", "metadata_in", "model_settings", "read_manifest"]

MAX_MANIFEST = 64 * 2**20
"""Most bytes of a manifest."""

_MANIFEST_TYPES = ("frozen",)


def is_manifest(path: PathLike) -> bool:
    """Whether `Model.load` should read a file as a manifest (`.json`), as opposed to a graph (`.pb`).

    Raises:
        ModelError: If the file name ends in neither.
    """
    suffix = expanded(path).suffix
    if suffix not in (".pb", ".json"):
        raise ModelError(
            f"Model.load cannot read {os.fspath(path)!r}.",
            "Expected a graph with metadata (.pb) or a manifest (.json); as_model reads other files.",
        )
    return suffix == ".json"


def has_metadata(file: Path) -> bool:
    """Whether a `.pb` file holds Lucid's metadata."""
    return metadata_of(parse_graphdef(file), repr(str(file))) is not None


def metadata_in(file: Path) -> dict[str, Any]:
    """Metadata in a `.pb` file that `Model.save` wrote.

    Raises:
        ModelError: If the file holds none, or is not a graph.
    """
    metadata = metadata_of(parse_graphdef(file), repr(str(file)))
    if metadata is None:
        raise ModelError(
            f"{str(file)!r} has no metadata: it was not written by Model.save.",
            "State its input range: models.from_graphdef(path, image_value_range=(low, high)).",
        )
    if isinstance(metadata.get("labels"), str):
        # The file may come from a stranger, who must not choose files on this machine.
        raise ModelError(f"The metadata in {str(file)!r} names a file of labels.", "Expected the labels themselves.")
    return metadata


def model_settings(path: PathLike, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of `Model` for a frozen graph with this metadata.

    Raises:
        ModelError: If an entry is missing or malformed.
    """
    checked = check_metadata(dict(metadata), repr(os.fspath(path)))
    return {
        "labels": checked.get("labels"),
        "name": str(checked.get("name") or Path(path).stem),
        "input_name": str(checked["input_name"]),
        "image_value_range": _pair(checked["image_value_range"]),
        "is_BGR": bool(checked.get("is_BGR", False)),
        "image_shape": _shape(checked["image_shape"]),
    }


def read_manifest(file: Path) -> dict[str, Any]:
    """Manifest in a JSON file.

    Raises:
        ModelError: If the file is not JSON, or the manifest cannot be used.
    """
    text = file_bytes(file, MAX_MANIFEST, error=ModelError).decode("utf-8", errors="replace")
    refuse_configuration(text, repr(str(file)))
    manifest = parsed_json(text, f"The manifest {str(file)!r}", error=ModelError)
    return _checked_manifest(manifest, repr(str(file)))


def graph_of_manifest(folder: Path, manifest: Mapping[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Path of a manifest's frozen graph, and the graph's metadata.

    Args:
        folder: The folder that paths in the manifest are relative to.
        manifest: The manifest.

    Raises:
        ModelError: If an entry is missing or has another type than expected, the manifest has another `type` than
            `"frozen"`, or it names a file outside the folder.
    """
    checked = _checked_manifest(dict(manifest), repr(str(folder)))
    labels = checked.get("labels") or checked.get("labels_path")
    if isinstance(labels, str):
        labels = _inside(folder, labels)
    return _inside(folder, checked["model_path"]), {**checked, "labels": labels}


def _inside(folder: Path, name: str) -> Path:
    """Path of a file that a manifest names. A stranger's manifest must not choose files elsewhere on this machine."""
    try:
        path = (folder / name).resolve()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise ModelError(f"The manifest in {str(folder)!r} names {name!r}, which is not a path: {error}.") from None
    if not path.is_relative_to(folder.resolve()):
        raise ModelError(
            f"The manifest in {str(folder)!r} names {name!r}, a file outside its folder.",
            "Move the file into the folder of the manifest.",
        )
    return folder / name


def _checked_manifest(manifest: Any, owner: str) -> dict[str, Any]:
    checked = check_metadata(manifest, owner)
    kind = checked.get("type", "frozen")
    if kind not in _MANIFEST_TYPES:
        raise ModelError(f"The manifest {owner} is of type {kind!r}.", "Only 'frozen' is supported.")
    if not checked.get("model_path"):
        raise ModelError(f"The metadata in {owner} lacks model_path.", "Expected the path of a frozen graph (.pb).")
    return checked


def _pair(value_range: Any) -> tuple[Any, Any]:
    low, high = (tuple(bound) if isinstance(bound, list) else bound for bound in value_range)
    return low, high


def _shape(shape: Any) -> tuple[int | None, int | None, int | None]:
    height, width, channels = (None if size in (None, -1) else int(size) for size in shape[-3:])
    return height, width, channels
