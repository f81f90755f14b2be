"""SavedModels, the folders that `tf.saved_model.save`, `model.export` and TensorFlow 1 write."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, either, unknown_name
from lucid_widgets.modelzoo.base.private_names import frozen_graph_def
from lucid_widgets.modelzoo.files.weights import PathLike
from lucid_widgets.modelzoo.graphdef.edits import renamed
from lucid_widgets.modelzoo.graphdef.files import usable_graphdef
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.survey.layer_errors import first_line
from lucid_widgets.modelzoo.vision_base import Model

_USUAL_SIGNATURE = "serving_default"
# What TensorFlow puts the body of a function under when it takes its call apart.
_CALL = "StatefulPartitionedCall/"
# Whatever a broken folder makes TensorFlow raise.
_FAILURES = (ValueError, RuntimeError, KeyError, AttributeError, OSError, tf.errors.OpError)


class SavedModel(GraphDefModel):
    """A SavedModel as a model to look into; made by `from_saved_model`.

    Its layers are the operations of one of its signatures, with the variables as constants. They go by the names in
    the file, without the part that all of them share (`StatefulPartitionedCall/resnet50_1/`).

    Args:
        path: The folder.
        signature: Which of its signatures; `"serving_default"` or the only one where it is None.
        tags: Which of its graphs, where TensorFlow 1 saved more than one.
        **settings: As for `GraphDefModel`.
    """

    def __init__(
        self, path: PathLike, *, signature: str | None = None, tags: Sequence[str] | None = None, **settings: Any
    ) -> None:
        self._signature, self._tags = signature, tags
        super().__init__(path, **settings)

    def _read(self, file: PathLike) -> Any:
        folder = Path(file).expanduser()
        if not is_saved_model(folder):
            what = "a folder without saved_model.pb" if folder.is_dir() else "not a folder"
            raise ModelError(f"{str(folder)!r} is {what}.", "Expected a SavedModel, as model.export(folder) writes it.")
        try:
            loaded = tf.saved_model.load(os.fspath(folder), tags=self._tags)
        except _FAILURES as error:
            raise ModelError(f"TensorFlow cannot load {str(folder)!r}: {first_line(error)}") from error
        function = _choose(loaded.signatures, self._signature, str(folder))
        graph_def = frozen_graph_def(function)
        return usable_graphdef(renamed(graph_def, _short_names(graph_def)), folder)


def from_saved_model(
    path: PathLike,
    input_name: str | None = None,
    image_value_range: tuple[Any, Any] = (-1, 1),
    is_BGR: bool = False,
    labels: Sequence[str] | PathLike | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
    name: str | None = None,
    *,
    signature: str | None = None,
    tags: Sequence[str] | None = None,
) -> SavedModel:
    """A SavedModel, of TensorFlow 1 or 2, as a model to look into.

    Args:
        path: The folder, with `saved_model.pb` in it.
        input_name: The input that takes the image; found by itself where there is exactly one of floats.
        image_value_range: What the network expects for black and for white.
        is_BGR: Whether it expects blue first.
        labels: Class names in output order, or the path of a text file with one on each line.
        image_shape: `(height, width, channels)` it was made for; by default what its input declares.
        name: What to call it; the folder's name by default.
        signature: Which of its functions to look into: `"serving_default"`, or the only one there is, by default.
        tags: Which of its graphs, where TensorFlow 1 saved several, such as `["serve"]`.

    Returns:
        The model.

    Raises:
        ModelError: It is no SavedModel, or TensorFlow cannot load it, or it has no signatures.
        UnknownNameError: There is no such signature or input.

    Example:
        >>> keras_model.export("my_net")
        >>> from_saved_model("my_net", image_value_range=(0, 255)).layers
    """
    return SavedModel(
        path,
        labels=labels,
        signature=signature,
        tags=tags,
        name=name or Path(path).name,
        input_name=input_name,
        image_value_range=image_value_range,
        is_BGR=is_BGR,
        image_shape=image_shape or Model.image_shape,
    )


def is_saved_model(folder: PathLike) -> bool:
    """Whether a folder holds a SavedModel."""
    return (Path(folder) / "saved_model.pb").is_file()


def _choose(signatures: Any, wanted: str | None, owner: str) -> Any:
    names = sorted(signatures)
    if wanted is not None and wanted not in names:
        raise unknown_name("signature", wanted, repr(owner), names)
    name = wanted or (_USUAL_SIGNATURE if _USUAL_SIGNATURE in names or not names else names[0])
    if name not in names:
        raise ModelError(f"{owner!r} has no signatures.", "Save the model with model.export(folder), or signatures=...")
    if wanted is None and name != _USUAL_SIGNATURE and len(names) > 1:
        raise ModelError(f"{owner!r} has several signatures.", f"Pass signature={either(names)}.")
    return signatures[name]


def _short_names(graph_def: Any) -> dict[str, str]:
    """Names without the calls they were under, and without the folders that all of those share."""
    bodies: dict[str, str] = {}
    folders: list[str] = []
    for node in graph_def.node:
        name = node.name
        while name.startswith(_CALL):
            name = name.removeprefix(_CALL)
        if name != node.name:
            bodies[node.name] = name
            # How a function ends says nothing about where its layers are.
            if "/" in name or node.op not in ("Identity", "NoOp"):
                folders.append(posixpath.dirname(name))
    shared = posixpath.commonpath(folders) if folders else ""
    return {old: short.removeprefix(f"{shared}/") for old, short in bodies.items()}
