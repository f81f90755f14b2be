"""The networks of `keras.applications`: what to download for each, where Keras looks for it, and how it is made.

Keras downloads weights itself, but prints while it does, and cannot be interrupted from another thread. pooch puts the
same file where Keras looks for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.files.downloads import fetch_file

__all__ = [
    "APPLICATIONS",
    "Application",
    "fetch_application",
    "keras_folder",
    "load_application",
    "read_classes",
    "weights_file",
]

ADDRESS = "https://storage.googleapis.com/"
"""Server of the weights."""

CLASSES = "download.tensorflow.org/data/imagenet_class_index.json"
CLASSES_CHECKSUM = "md5:c2c37ea517e94d9795004a39431a14cb"


@dataclass(frozen=True)
class Application:
    """Description of a network that has not been made yet.

    Attributes:
        megabytes: Size of the download, four bytes for each parameter.
        side: Width and height in pixels of the images that it was trained on.
        place: Path of the weights on the server.
        file_name: Their file name in Keras's cache.
        checksum: Checksum of the weights, such as "md5:..."; None if Keras does not check them.
    """

    megabytes: int
    side: int
    place: str
    file_name: str
    checksum: str | None

    @property
    def about(self) -> str:
        """A short description of the network."""
        return f"1000 classes of ImageNet, {self.side} px"


@cache
def _read_table() -> dict[str, Application]:
    text = files(__package__).joinpath("applications.txt").read_text("utf-8")
    return {name: _of_row(*row) for name, *row in (line.split() for line in text.splitlines())}


def _of_row(megabytes: str, side: str, place: str, checksum: str) -> Application:
    # A file that Keras renames has its new name after a "=".
    place, _, renamed = place.partition("=")
    file_name = renamed or place.rpartition("/")[2]
    return Application(int(megabytes), int(side), place, file_name, None if checksum == "-" else checksum)


APPLICATIONS = MappingProxyType(_read_table())
"""The networks by name. tests/modelzoo/catalog compares the table with the installed Keras."""


def keras_folder() -> Path:
    """Return the folder in which Keras keeps weights, which the environment variable `KERAS_HOME` moves."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


def weights_file(name: str) -> Path:
    """Return the file in which Keras looks for the weights of a network, whether or not it exists."""
    return keras_folder() / APPLICATIONS[name].file_name


def fetch_application(name: str) -> Path:
    """Return the file with the weights of a network, after downloading it if it is not there yet.

    Raises:
        ModelError: If the download fails. The message says which file to put where.
    """
    found = APPLICATIONS[name]
    file = fetch_file(f"{ADDRESS}{found.place}", weights_file(name), found.checksum, name)
    with contextlib.suppress(ModelError):  # without labels, the network has numbered classes
        fetch_file(f"{ADDRESS}{CLASSES}", _classes_file(), CLASSES_CHECKSUM, name)
    return file


def load_application(name: str) -> Any:
    """Return the Keras model, with the weights that `fetch_application` downloaded.

    Raises:
        ModelError: If the file is damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras recommends another input shape for some
            return getattr(keras.applications, name)()
    except Exception as error:  # Keras passes on errors of any type
        file = weights_file(name)
        raise ModelError(
            f"Keras cannot load {name} from {str(file)!r}.", "Delete the file, and choose the network again."
        ) from error


def read_classes() -> list[str] | None:
    """Return the names of ImageNet's 1000 classes in output order, or None if their file is not there."""
    try:
        index = json.loads(_classes_file().read_text("utf-8"))
        return [str(index[str(number)][1]).replace("_", " ") for number in range(1000)]
    except (OSError, ValueError, KeyError, IndexError):
        return None


def _classes_file() -> Path:
    return keras_folder() / CLASSES.rpartition("/")[2]
