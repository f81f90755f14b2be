"""`as_model`, which accepts a model, a Keras model or a path wherever a model is expected."""

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

__all__ = ["as_model"]

# By the id of the Keras model. The adapter holds the model, so the id is not reused while the adapter is alive.
_adapters: weakref.WeakValueDictionary[int, KerasModel] = weakref.WeakValueDictionary()

_EXPECTED = "Expected a model, a Keras model, or the path of a .pb or .keras file or of a SavedModel."


def as_model(thing: Any) -> Model:
    """Return a `Model` for a model, a Keras model or a path.

    Args:
        thing: A `Model`, which is returned unchanged; a Keras model, which is adapted with the defaults of `from_keras`
            (always to the same `Model`; a subclassed model is traced again, with its current weights); or the path of
            a frozen graph (`.pb`), a saved Keras model (`.keras`), a SavedModel (a folder) or a manifest of Lucid's
            (`.json`).

    Raises:
        ModelError: If it is none of these, or cannot be used.

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
        raise ModelError(f"{str(path)!r} is not a kind of file that holds a model.", _EXPECTED)
    try:
        loaded = keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras passes on errors of any type
        raise ModelError(f"Keras cannot load {str(path)!r}: {error}") from error
    return _adapter(loaded)
