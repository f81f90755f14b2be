"""`from_saved_model`, for the folders that `tf.saved_model.save`, `model.export` and TensorFlow 1 write."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from lucid_widgets.errors import ModelError, either, unknown_name
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.modelzoo.base.input_probe import tell_guess
from lucid_widgets.modelzoo.base.private_names import frozen_graph_def
from lucid_widgets.modelzoo.files.weights import PathLike
from lucid_widgets.modelzoo.graphdef.edits import renamed
from lucid_widgets.modelzoo.graphdef.files import usable_graphdef
from lucid_widgets.modelzoo.graphdef.graph import without_calls
from lucid_widgets.modelzoo.graphdef.model import GraphDefModel
from lucid_widgets.modelzoo.graphdef.side_effects import refuse_side_effects_of_saved_model
from lucid_widgets.modelzoo.survey.layer_errors import first_line
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["SavedModel", "from_saved_model", "is_saved_model"]

_DEFAULT_SIGNATURE = "serving_default"
# What TensorFlow raises for a broken folder.
_FAILURES = (ValueError, RuntimeError, KeyError, AttributeError, OSError, tf.errors.OpError)


class SavedModel(GraphDefModel):
    """A SavedModel; made by `from_saved_model`.

    Its layers are the operations of one of its signatures, with the variables as constants. Their names are those in
    the file, without the prefix that all of them share (`StatefulPartitionedCall/resnet50_1/`).

    Args:
        path: The folder.
        signature: The signature to use; default: `"serving_default"`, or the only one.
        tags: The tags of the graph to use, if TensorFlow 1 saved more than one.
        **settings: As for `Model`.
    """

    def __init__(
        self, path: PathLike, *, signature: str | None = None, tags: Sequence[str] | None = None, **settings: Any
    ) -> None:
        self._signature, self._tags = signature, tags
        super().__init__(path, **settings)

    def _read(self, file: PathLike) -> Any:
        folder = expanded(file)
        if not is_saved_model(folder):
            what = "a folder without saved_model.pb" if folder.is_dir() else "not a folder"
            raise ModelError(
                f"{str(folder)!r} is {what}.", "Expected a SavedModel, as written by model.export(folder)."
            )
        refuse_side_effects_of_saved_model(folder)
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
    image_value_range: tuple[Any, Any] | None = None,
    is_BGR: bool = False,
    labels: Sequence[str] | PathLike | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
    name: str | None = None,
    *,
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> SavedModel:
    """Make a model of a SavedModel of TensorFlow 1 or 2.

    Args:
        path: The folder that contains `saved_model.pb`.
        input_name: The input that takes the image; default: the only float input for images. If the network takes
            whole numbers or files, it is the node after which they are float images.
        image_value_range: The values that the network expects for black and for white: numbers, or one per channel;
            default: the values of black and white if the graph takes whole numbers or files; else measured on what
            the graph does before its first convolution; else (-1, 1), with a warning that it is a guess.
        is_BGR: Whether the network expects blue first.
        labels: Class names in output order, or the path of a text file with one name per line.
        image_shape: `(height, width, channels)` that the network was made for; default: the input's shape.
        name: Name of the model; default: the folder's name.
        signature: The signature to use; default: `"serving_default"`, or the only one.
        tags: The tags of the graph to use, such as `["serve"]`, if TensorFlow 1 saved more than one.
        constants: Values of other inputs, by name, such as `{"scale": 2.0}`. Rates of dropout and switches for
            training are off without it.

    Raises:
        ModelError: If the folder is not a SavedModel, TensorFlow cannot load it, or it has no signatures.
        UnknownNameError: If there is no such signature or input.

    Example:
        >>> keras_model.export("my_net")
        >>> from_saved_model("my_net", image_value_range=(0, 255)).layers
    """
    model = SavedModel(
        path,
        labels=labels,
        signature=signature,
        tags=tags,
        name=name or expanded(path).name,
        input_name=input_name,
        image_value_range=image_value_range,
        is_BGR=is_BGR,
        image_shape=image_shape or Model.image_shape,
        constants=constants,
    )
    if model.input_range == "guessed":
        tell_guess(model.name, model.image_value_range, "models.from_saved_model")
    return model


def is_saved_model(folder: PathLike) -> bool:
    """Return whether a folder holds a SavedModel."""
    return (expanded(folder) / "saved_model.pb").is_file()


def _choose(signatures: Any, wanted: str | None, owner: str) -> Any:
    names = sorted(signatures)
    if wanted is not None and wanted not in names:
        raise unknown_name("signature", wanted, repr(owner), names)
    name = wanted or (_DEFAULT_SIGNATURE if _DEFAULT_SIGNATURE in names or not names else names[0])
    if name not in names:
        raise ModelError(
            f"{owner!r} has no signatures.",
            "Save the model with model.export(folder), or pass signatures=... to tf.saved_model.save.",
        )
    if wanted is None and name != _DEFAULT_SIGNATURE and len(names) > 1:
        raise ModelError(f"{owner!r} has several signatures.", f"Pass signature={either(names)}.")
    return signatures[name]


def _short_names(graph_def: Any) -> dict[str, str]:
    """Map node names to names without the prefixes of inlined calls, and without the folders that all nodes share."""
    bodies: dict[str, str] = {}
    folders: list[str] = []
    for node in graph_def.node:
        name = without_calls(node.name)
        if name != node.name:
            bodies[node.name] = name
            # The outputs of a function are not in the folder of its layers.
            if "/" in name or node.op not in ("Identity", "NoOp"):
                folders.append(posixpath.dirname(name))
    shared = posixpath.commonpath(folders) if folders else ""
    return {old: short.removeprefix(f"{shared}/") for old, short in bodies.items()}
