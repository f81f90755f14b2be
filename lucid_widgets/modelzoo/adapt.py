"""Making a model of whatever somebody passes where a model is expected."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import keras

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.weights import existing_file
from lucid_widgets.modelzoo.graphdef.model import from_graphdef
from lucid_widgets.modelzoo.graphdef.saved_model import from_saved_model, is_saved_model
from lucid_widgets.modelzoo.keras.model import KerasModel, from_keras
from lucid_widgets.modelzoo.saving.load import has_metadata
from lucid_widgets.modelzoo.vision_base import Model

# By the Keras model's id, which stays taken as long as the adapter, which holds the model, is alive.
_adapters: weakref.WeakValueDictionary[int, KerasModel] = weakref.WeakValueDictionary()

_EXPECTED = "Expected a model, a Keras model, or the path of a .pb or .keras file or of a SavedModel."


def as_model(thing: Any) -> Model:
    """A `Model` for anything that can be looked into.

    Args:
        thing: A `Model` (returned as it is), a Keras model (which gets the same adapter each time, with the defaults
            of `from_keras`; a subclassed one is traced anew, with the weights that it has now), or the path of a
            frozen graph (`.pb`), of a saved Keras model (`.keras`), of a SavedModel (a folder) or of one of Lucid's
            manifests (`.json`).

    Raises:
        ModelError: It is none of these, or cannot be used as it is.

    Example:
        >>> as_model("squeezenet.keras").layers
    """
    if isinstance(thing, Model):
        return thing
    if isinstance(thing, keras.Model):
        return _adapter(thing)
    if isinstance(thing, (str, os.PathLike)):
        return _from_file(Path(thing))
    if isinstance(thing, type) and issubclass(thing, Model):
        raise ModelError(f"{thing.__name__} is a class.", f"Pass an instance: {thing.__name__}().")
    raise ModelError(f"{type(thing).__name__!r} is not a model.", _EXPECTED)


def _adapter(keras_model: Any) -> Model:
    adapter = _adapters.get(id(keras_model))
    if adapter is not None:
        return adapter
    made = from_keras(keras_model)
    if isinstance(made, KerasModel):
        _adapters[id(keras_model)] = made
    return made


def _from_file(path: Path) -> Model:
    folder = path.expanduser()
    if is_saved_model(folder):
        return from_saved_model(folder)
    file = existing_file(path, "the path of a frozen graph (.pb), a Keras model (.keras) or a SavedModel")
    if file.suffix == ".pb":
        return Model.load_from_graphdef(file) if has_metadata(file) else from_graphdef(file)
    if file.suffix == ".json":
        return Model.load_from_manifest(file)
    if file.suffix != ".keras":
        raise ModelError(f"{str(path)!r} is not a file of a known kind.", _EXPECTED)
    try:
        loaded = keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its parts raise
        raise ModelError(f"Keras cannot load {str(path)!r}: {error}") from error
    return _adapter(loaded)
