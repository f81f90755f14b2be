"""`as_model`: convert anything that may be passed as a model to a `Model`.

The result is cached for the next call, together with its compiled programs: on the Keras model or the class, with which
it is freed, or in a small cache of recent paths.
"""

from __future__ import annotations

import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import keras

from lucid_widgets.errors import ModelError, did_you_mean
from lucid_widgets.misc.waiting import waiting
from lucid_widgets.modelzoo.base.private_names import outside_graphs
from lucid_widgets.modelzoo.catalog.applications import APPLICATIONS, fetch_application, load_application, read_classes
from lucid_widgets.modelzoo.files.stamps import stamp
from lucid_widgets.modelzoo.files.weights import MODEL_FILE, existing_file, usable_path
from lucid_widgets.modelzoo.graphdef.model import from_graphdef
from lucid_widgets.modelzoo.graphdef.saved_model import from_saved_model, is_saved_model
from lucid_widgets.modelzoo.keras.checks import is_program
from lucid_widgets.modelzoo.keras.contents import KEPT, connections, contents, weights_checksum
from lucid_widgets.modelzoo.keras.files import SUFFIXES, load_keras
from lucid_widgets.modelzoo.keras.model import from_keras
from lucid_widgets.modelzoo.nets_factory import models_map
from lucid_widgets.modelzoo.refusals import EXPECTED, not_a_model, not_a_model_file
from lucid_widgets.modelzoo.saving.load import has_metadata
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["as_model"]

MAX_FILES = 4
"""Most models of paths that are kept. The least recently used one is dropped first."""

_UNIT = re.compile(r"[\w./-]+:\d+")

_of_files: OrderedDict[Path, tuple[list[Path], Hashable, Model]] = OrderedDict()
_lock = threading.RLock()


def as_model(thing: Any) -> Model:
    """Return a `Model` for anything that may be passed as a model.

    The same argument gives the same `Model` at every call, together with the programs compiled for it, until a layer is
    replaced or a file changes. A subclassed Keras model is traced again after its weights or attributes have changed.

    Args:
        thing: A `Model`, which is returned unchanged; a Keras model, which is adapted with the defaults of
            `from_keras`; the name of a network of the zoo, such as `"InceptionV1"`, or its class; the name of
            a network of `keras.applications`, such as `"MobileNetV2"`, which has ImageNet's labels; or the path of a
            frozen graph (`.pb`), a saved Keras model (`.keras`, `.h5`), a SavedModel (a folder) or a manifest of
            Lucid's (`.json`).

    Raises:
        ModelError: If it is none of these, or cannot be used. The message says what to do.

    Example:
        >>> as_model("squeezenet.keras").layers
        >>> as_model("EmojiNet").layers
    """
    if isinstance(thing, Model):
        return thing
    if isinstance(thing, str) and not thing:
        raise ModelError("The name of the model is empty.", EXPECTED)
    # Two threads should not adapt the same model twice.
    with outside_graphs(), waiting(f"Loading {_name(thing)}"), _lock:
        if isinstance(thing, keras.Model):
            return _of_keras(thing)
        if isinstance(thing, type) and issubclass(thing, Model):
            return _of_class(thing)
        if isinstance(thing, str) and thing in models_map and not Path(thing).exists():
            return _of_class(models_map[thing])
        if isinstance(thing, str) and thing in APPLICATIONS and not Path(thing).exists():
            return _of_file(fetch_application(thing), lambda: _application(thing))
        if isinstance(thing, (str, os.PathLike)):
            return _of_path(usable_path(thing, MODEL_FILE))
    raise not_a_model(thing)


def _name(thing: Any) -> str:
    """What a person calls the model."""
    if isinstance(thing, (str, os.PathLike)):
        return Path(os.fsdecode(thing)).name
    return str(getattr(thing, "__name__", "") or getattr(thing, "name", "") or "the network")


def _of_keras(keras_model: Any) -> Model:
    # A traced model holds copies of the weights; a replayed one reads the variables.
    traced = is_program(keras_model)
    state = (contents(keras_model), weights_checksum(keras_model)) if traced else connections(keras_model)
    before, model = vars(keras_model).get(KEPT, (None, None))
    if model is None or before != state:
        model = from_keras(keras_model)
        if traced:  # tracing may have built the model
            state = contents(keras_model), weights_checksum(keras_model)
        # Not by setattr, because Keras tracks attributes in order to save them.
        vars(keras_model)[KEPT] = state, model
    kept: Model = model
    return kept


def _of_class(kind: type[Model]) -> Model:
    files, before, model = vars(kind).get(KEPT, ((), None, None))
    if model is None or before != stamp(files):
        model = kind()
        model.network  # noqa: B018 (raises the error of a missing file here)
        files = [Path(file) for file in (model.model_path,) if file]
        setattr(kind, KEPT, (files, stamp(files), model))
    kept: Model = model
    return kept


def _application(name: str) -> Model:
    return from_keras(load_application(name), labels=read_classes(), name=name)


def _of_path(path: Path) -> Model:
    return _of_file(path, lambda: _read(path))


def _of_file(path: Path, make: Callable[[], Model]) -> Model:
    place = path.absolute()
    kept = _of_files.get(place)
    if kept is None or kept[1] != stamp(kept[0]):
        before = stamp([place])  # a file that is written meanwhile is read again
        model = make()
        others = [Path(file) for file in (model.model_path, model.labels_path) if file]
        files = [place, *(file for file in others if file.absolute() != place)]
        kept = _of_files[place] = files, before + stamp(files[1:]), model
    _of_files.move_to_end(place)
    while len(_of_files) > MAX_FILES:
        _of_files.popitem(last=False)
    return kept[2]


def _read(path: Path) -> Model:
    if is_saved_model(path):
        return from_saved_model(path)
    if _UNIT.fullmatch(str(path)) and not path.exists():
        raise ModelError(
            f"{str(path)!r} is an objective, not a model.",
            f'Pass the model first: LucidWidget(model, "{path}") or render_vis(model, "{path}").',
        )
    if not path.suffix and not path.exists() and path.name == str(path):
        raise ModelError(
            f"There is neither a network nor a file named {path.name!r}.",
            did_you_mean(path.name, [*models_map, *APPLICATIONS]),
        )
    file = existing_file(path, MODEL_FILE)
    if file.suffix == ".pb":
        return Model.load_from_graphdef(file) if has_metadata(file) else from_graphdef(file)
    if file.suffix == ".json":
        return Model.load_from_manifest(file)
    if file.suffix not in SUFFIXES:
        raise not_a_model_file(path)
    return _of_keras(load_keras(file))
