"""The networks on offer by name: where each comes from, how large its download is, and whether it is here already."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.modelzoo.catalog import applications
from lucid_widgets.modelzoo.emojinet import EmojiNet
from lucid_widgets.modelzoo.emojivit import EmojiViT
from lucid_widgets.modelzoo.files.downloads import INCEPTION5H, fetch
from lucid_widgets.modelzoo.files.weights import MODEL_DIR_VARIABLE, local_weights
from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1
from lucid_widgets.modelzoo.graphdef.zoo_model import file_names
from lucid_widgets.modelzoo.keras.files import SUFFIXES
from lucid_widgets.modelzoo.nets_factory import models_map
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["Offer", "fetch_weights", "model_files", "offers"]

_INCEPTION_MEGABYTES = 50
_FIRST = ("EmojiNet", "EmojiViT", "InceptionV1")


@dataclass(frozen=True)
class Offer:
    """A network that can be had by name.

    Attributes:
        name: Its name, which `as_model` accepts.
        group: "zoo" or "keras".
        about: What it is, in a few words.
        megabytes: Size of its download; 0 for a network that this package cannot download.
        is_here: Whether its weights are on this machine.
    """

    name: str
    group: Literal["zoo", "keras"]
    about: str
    megabytes: int
    is_here: bool


def offers() -> list[Offer]:
    """Return all networks with a name: first the zoo, then those of `keras.applications`."""
    zoo = [_of_zoo(name, kind) for name, kind in models_map.items()]
    zoo.sort(key=lambda each: _FIRST.index(each.name) if each.name in _FIRST else len(_FIRST))
    return zoo + [_of_keras(name) for name in applications.APPLICATIONS]


def fetch_weights(name: str) -> None:
    """Download the weights of a network if they are not here yet and can be downloaded; see `files.progress.watched`.

    Raises:
        ModelError: If the download fails. The message says which file to put where.
    """
    if name in applications.APPLICATIONS:
        applications.fetch_application(name)
    elif name == "InceptionV1" and local_weights(InceptionV1.file_names, INCEPTION5H) is None:
        fetch(INCEPTION5H, name)


def model_files() -> list[Path]:
    """Return the files of models in the folder that `LUCID_WIDGETS_MODEL_DIR` names, but for those of the zoo."""
    named = os.environ.get(MODEL_DIR_VARIABLE)
    folder = expanded(named) if named else None
    if folder is None or not folder.is_dir():
        return []
    ours = {Path(name).name for kind in models_map.values() for name in _file_names(kind)}
    found = (file for file in folder.iterdir() if file.suffix in (".pb", *SUFFIXES) and file.name not in ours)
    return sorted(file for file in found if file.is_file())


def _of_zoo(name: str, kind: type[Model]) -> Offer:
    about = (kind.__doc__ or "").strip().splitlines()[0].rstrip(".")
    if kind is EmojiNet:
        return Offer(name, "zoo", "Included: 128 emoji and 32 textures", 0, True)
    if kind is EmojiViT:
        return Offer(name, "zoo", "Included: a Vision Transformer for the same classes", 0, True)
    if kind is InceptionV1:
        here = local_weights(InceptionV1.file_names, INCEPTION5H) is not None
        return Offer(name, "zoo", "GoogLeNet, the network of Lucid's tutorials", _INCEPTION_MEGABYTES, here)
    return Offer(name, "zoo", about, 0, local_weights(_file_names(kind)) is not None)


def _of_keras(name: str) -> Offer:
    found = applications.APPLICATIONS[name]
    return Offer(name, "keras", found.about, found.megabytes, applications.weights_file(name).is_file())


def _file_names(kind: type[Model]) -> tuple[str, ...]:
    if kind is InceptionV1:
        return InceptionV1.file_names
    source = getattr(kind, "source", "")
    return file_names(kind.__name__, source) if source else ()
